import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Received, ServerMessage } from './null-otlp-server.ts';

const USAGE_HOOK = fileURLToPath(new URL('usage-hook.cjs', import.meta.url));
const SERVER = fileURLToPath(new URL('null-otlp-server.ts', import.meta.url));
const BARE_SERVER = fileURLToPath(new URL('bare-server.cjs', import.meta.url));

/** What one process used from its start to its exit, all its threads together. */
export interface Usage {
  readonly cpuMs: number;
  readonly peakBytes: number;
  readonly wallMs: number;
}

/** A process under measurement: it runs until `finished` resolves. */
export interface MeasuredProcess {
  readonly child: ChildProcess;
  /** Rejects when the exit code is not 0, with what the process said. */
  readonly finished: Promise<Usage>;
}

/** Starts `node <args>`, with the Node.js that runs this program. */
export function startMeasured(args: readonly string[], env: NodeJS.ProcessEnv = {}): MeasuredProcess {
  const startMs = performance.now();
  const child = spawn(process.execPath, ['--require', USAGE_HOOK, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '', ...env },
  });
  let said = '';
  let usage = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (said += chunk));
  child.stdio[3]?.on('data', (chunk) => (usage += chunk));
  const finished = once(child, 'close').then(([code]) => {
    if (code !== 0) throw new Error(`Cannot measure: "node ${args.join(' ')}" ended with ${code}\n${said}`);
    return { ...(JSON.parse(usage) as Omit<Usage, 'wallMs'>), wallMs: performance.now() - startMs };
  });
  return { child, finished };
}

/** The middle of `values`, which must not be empty. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The null server in its own process. */
export class NullServer implements AsyncDisposable {
  /** Base URL; logs go to `/v1/logs` below it. */
  readonly endpoint: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, endpoint: string) {
    this.#child = child;
    this.endpoint = endpoint;
  }

  /** `bare`: it is to take as little CPU time as it can, see `bare-server.cjs`. */
  static async start(options: { decode: boolean } | { bare: true }): Promise<NullServer> {
    const child =
      'bare' in options ? fork(BARE_SERVER, { execArgv: [] }) : fork(SERVER, options.decode ? ['--decode'] : []);
    const { endpoint } = await waitFor(child, 'listening');
    return new NullServer(child, endpoint);
  }

  /** Resolves when the first request after the last report comes in. */
  async firstRequest(): Promise<void> {
    await waitFor(this.#child, 'first_request');
  }

  /** What arrived since the last report. */
  async report(): Promise<Received> {
    const answer = waitFor(this.#child, 'report');
    this.#child.send('report');
    return (await answer).received;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exit = once(this.#child, 'exit');
    this.#child.disconnect();
    await exit;
  }
}

type MessageOf<Kind> = Extract<ServerMessage, { kind: Kind }>;

function waitFor<Kind extends ServerMessage['kind']>(child: ChildProcess, kind: Kind): Promise<MessageOf<Kind>> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: unknown): void => {
      if ((message as ServerMessage).kind !== kind) return;
      settle();
      resolve(message as MessageOf<Kind>);
    };
    const onExit = (): void => {
      settle();
      reject(new Error(`Cannot wait for "${kind}": server has ended`));
    };
    const settle = (): void => {
      child.off('message', onMessage);
      child.off('exit', onExit);
    };
    child.on('message', onMessage);
    child.on('exit', onExit);
  });
}
