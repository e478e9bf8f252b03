import type { IncomingMessage } from 'node:http';
import type { LoopbackAddress } from '../component/options.ts';
import { messageOf, OperatorError } from '../core/errors.ts';

/** How long an agent may take to answer; one that is stopped, or has no time at all, does not. */
const TIMEOUT_MS = 5000;

/** What an agent answered. */
export interface AgentAnswer {
  readonly status: number;
  readonly body: string;
}

/**
 * Asks the agent at an address, and resolves with its answer, of one of the `expected` statuses. Rejects with an
 * OperatorError ERR_ADMIN_CONNECT when nobody, or somebody else, answers.
 */
export async function askAgent(
  method: 'GET' | 'POST',
  path: string,
  address: LoopbackAddress,
  expected: readonly number[] = [200],
  timeoutMs = TIMEOUT_MS,
): Promise<AgentAnswer> {
  const { host, port } = address;
  try {
    const response = await request(method, path, address, timeoutMs);
    let body = '';
    for await (const chunk of response.setEncoding('utf8')) body += String(chunk);
    const { statusCode: status = 0 } = response;
    if (expected.includes(status)) return { status, body };
    throw new Error(`it answered with status ${status}`);
  } catch (cause) {
    throw new OperatorError({
      code: 'ERR_ADMIN_CONNECT',
      message: `Cannot ask an agent at ${host}:${port}: ${messageOf(cause)}`,
      hint: `Start it, with "${path.startsWith('/readyz') ? 'health' : 'admin'}: {}" in its configuration, or name its address with --address`,
      cause,
    });
  }
}

/** `node:http` is asked for at run time: an `import` of it takes 15 MB more. */
function request(
  method: string,
  path: string,
  { host, port }: LoopbackAddress,
  timeout: number,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { request } = process.getBuiltinModule('node:http');
    const sent = request({ method, path, host, port, agent: false, timeout }, resolve);
    sent.on('timeout', () => sent.destroy(new Error('it does not answer')));
    sent.on('error', reject);
    sent.end();
  });
}
