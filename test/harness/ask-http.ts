import { request } from 'node:http';

/** What came back of a request. */
export interface HttpReply {
  readonly status: number | undefined;
  readonly body: string;
  /** Which methods are allowed, where the reply says so. */
  readonly allow: string | undefined;
}

/** A request to this machine with any method, path, headers and body, on a connection of its own. */
export function askHttp(
  port: number,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  { host = '127.0.0.1', body = '' }: { host?: string; body?: string } = {},
): Promise<HttpReply> {
  return new Promise((resolve, reject) => {
    const sent = request({ host, port, method, path, headers, agent: false }, async (response) => {
      let received = '';
      for await (const chunk of response.setEncoding('utf8')) received += String(chunk);
      resolve({ status: response.statusCode, body: received, allow: response.headers.allow });
    });
    sent.on('error', reject).end(body);
  });
}
