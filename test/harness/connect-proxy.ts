import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Cleanup } from './cleanup.ts';
import { until } from './files.ts';

const PROCESS = fileURLToPath(new URL('connect-proxy-process.ts', import.meta.url));

/** An HTTP proxy in a process of its own, through which every host name leads to this machine. */
export interface ConnectProxy {
  readonly port: number;
  /** What it was asked for: `CONNECT backend.test:4318`. */
  readonly requests: readonly string[];
}

/** Starts one, which ends with the test. `credentials`: the `user:password` that it wants. */
export async function startProxy(t: Cleanup, credentials?: string): Promise<ConnectProxy> {
  const child = spawn(process.execPath, [PROCESS, ...(credentials === undefined ? [] : [credentials])], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => void child.kill('SIGKILL'));
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const lines = (): string[] => text.split('\n').slice(0, -1);
  await until('the proxy listens', () => lines().length > 0);
  return {
    port: Number(lines()[0]),
    get requests() {
      return lines().slice(1);
    },
  };
}
