import { createConnection } from 'node:net';
import { messageOf } from '../../core/errors.ts';
import { type Check, type CheckResult, failed, PASSED } from './check.ts';

/** Words for errors of a connection. */
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  ETIMEDOUT: 'timeout',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
};

/** Connects, sends nothing, and closes the connection. */
export class TcpCheck implements Check {
  readonly kind = 'tcp';
  readonly #host: string;
  readonly #port: number;

  constructor(host: string, port: number) {
    this.#host = host;
    this.#port = port;
  }

  run(signal: AbortSignal): Promise<CheckResult> {
    const { promise, resolve } = Promise.withResolvers<CheckResult>();
    const connection = createConnection({ host: this.#host, port: this.#port, signal });
    connection.once('connect', () => resolve(PASSED));
    connection.once('error', (error: NodeJS.ErrnoException) =>
      resolve(failed(REASONS[error.code ?? ''] ?? 'error', messageOf(error))),
    );
    return promise.finally(() => connection.destroy());
  }
}
