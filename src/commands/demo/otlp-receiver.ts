import { createServer, type IncomingMessage, type Server } from 'node:http';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { type DecodedLogs, decodeLogs } from '../../codec/otlp/decode-logs.ts';
import { messageOf } from '../../core/errors.ts';

/** The largest request, compressed or not: OTLP's own default. */
const MAX_REQUEST_BYTES = 64 * 1024 * 1024;

/**
 * An OTLP/HTTP backend for logs: takes protobuf requests at `/v1/logs`, plain, gzip or zstd, calls `onLogs` with what
 * it decoded and the length of the body, and answers. It refuses what it cannot read with 400, 404, 413 or 415. Not
 * listening yet.
 */
export function createOtlpReceiver(onLogs: (logs: DecodedLogs, bodyBytes: number) => void): Server {
  return createServer(async (request, response) => {
    const answer = await receive(request, onLogs);
    response.writeHead(answer.status, { 'content-type': answer.status === 200 ? PROTOBUF : 'text/plain' });
    response.end(answer.message);
  });
}

const PROTOBUF = 'application/x-protobuf';

interface Answer {
  readonly status: number;
  readonly message?: string;
}

async function receive(
  request: IncomingMessage,
  onLogs: (logs: DecodedLogs, bodyBytes: number) => void,
): Promise<Answer> {
  if (request.method !== 'POST' || request.url !== '/v1/logs') return { status: 404, message: 'Not found' };
  if (request.headers['content-type'] !== PROTOBUF) return { status: 415, message: 'Expected protobuf' };
  try {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > MAX_REQUEST_BYTES) return { status: 413, message: 'Request is too large' };
      chunks.push(chunk);
    }
    onLogs(decodeLogs(decompress(Buffer.concat(chunks), request.headers['content-encoding'])), length);
    return { status: 200 };
  } catch (error) {
    return { status: 400, message: messageOf(error) };
  }
}

function decompress(body: Buffer, encoding: string | undefined): Buffer {
  switch (encoding) {
    case undefined:
    case 'identity':
      return body;
    case 'gzip':
      return gunzipSync(body, { maxOutputLength: MAX_REQUEST_BYTES });
    case 'zstd':
      return zstdDecompressSync(body, { maxOutputLength: MAX_REQUEST_BYTES });
    default:
      throw new RangeError(`Cannot decompress body: encoding ${JSON.stringify(encoding)} is not known`);
  }
}
