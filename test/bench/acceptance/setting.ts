import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Arrived, FromServer, ToServer } from './counting-server.ts';
import type { WriterOptions } from './line-writer.ts';

const AGENT = fileURLToPath(new URL('../../../dist/main.js', import.meta.url));
const SERVER = fileURLToPath(new URL('counting-server.ts', import.meta.url));
const WRITER = fileURLToPath(new URL('line-writer.ts', import.meta.url));

/** One figure, and what it must be at most. */
export interface Check {
  readonly what: string;
  readonly value: number;
  readonly bar: number;
  readonly unit: string;
}

/** The counting backend, in its own process. */
export class CountingServer implements AsyncDisposable {
  readonly #child = fork(SERVER);
  port = 0;

  private constructor() {}

  static async start(): Promise<CountingServer> {
    const server = new CountingServer();
    await server.#answered();
    return server;
  }

  async goAway(): Promise<void> {
    await this.#ask({ kind: 'go_away' });
  }

  async comeBack(): Promise<void> {
    await this.#ask({ kind: 'come_back' });
  }

  async reset(): Promise<void> {
    await this.#ask({ kind: 'reset' });
  }

  report(): Promise<Arrived> {
    return this.#ask({ kind: 'report' });
  }

  /** Waits until so many different lines have arrived, or the time is over. Resolves with what has. */
  async untilLines(lines: number, timeoutMs: number): Promise<Arrived> {
    const endMs = performance.now() + timeoutMs;
    for (;;) {
      const arrived = await this.report();
      if (arrived.lines >= lines || performance.now() > endMs) return arrived;
      await wait(50);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exit = once(this.#child, 'exit');
    this.#child.disconnect();
    await exit;
  }

  async #ask(message: ToServer): Promise<Arrived> {
    const answered = this.#answered();
    this.#child.send(message);
    return answered;
  }

  async #answered(): Promise<Arrived> {
    const [{ port, arrived }] = (await once(this.#child, 'message')) as [FromServer];
    this.port = port;
    return arrived;
  }
}

/** An agent as users run it: the bundle, with a configuration that says no more than it must. */
export class Agent {
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | NodeJS.Signals>;
  #said = '';

  /**
   * Starts one in `folder`: it reads `logs/*.log`, if `source` says nothing else, and keeps its checkpoint in `state`.
   * `top`: keys of the configuration in place of these.
   */
  constructor(
    folder: string,
    port: number,
    source: object = {},
    env: Readonly<Record<string, string>> = {},
    top: object = {},
  ) {
    const config = {
      state: join(folder, 'state'),
      sources: { app: { type: 'file', include: [join(folder, 'logs/*.log')], ...source } },
      pipelines: { logs: { from: ['app'], to: ['backend'] } },
      sinks: { backend: { type: 'otlp', endpoint: `http://127.0.0.1:${port}` } },
      ...top,
    };
    mkdirSync(join(folder, 'logs'), { recursive: true });
    writeFileSync(join(folder, 'pillion.yaml'), JSON.stringify(config)); // JSON is YAML
    this.#child = spawn(process.execPath, [AGENT, 'run', '--config', join(folder, 'pillion.yaml')], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...env },
    });
    this.#child.stderr?.on('data', (chunk) => (this.#said += chunk));
    this.#ended = once(this.#child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  }

  /** What it has said. */
  get log(): string {
    return this.#said;
  }

  /** Resolves once it runs. */
  async started(): Promise<void> {
    while (!this.#said.includes('Agent started.')) {
      if (this.#child.exitCode !== null) throw new Error(`Cannot start agent:\n${this.#said}`);
      await wait(5);
    }
  }

  /** Resolves with the admin address once it answers, of an agent that has one. */
  async adminAddress(): Promise<string> {
    for (;;) {
      const [, address] = /"address":"([^"]+)","msg":"The admin address answers/.exec(this.#said) ?? [];
      if (address !== undefined) return address;
      if (this.#child.exitCode !== null) throw new Error(`Cannot start agent:\n${this.#said}`);
      await wait(5);
    }
  }

  /** Sends a signal; resolves with its exit code, or the signal that ended it. */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals> {
    this.#child.kill(signal);
    return this.#ended;
  }

  /** Resident memory now, in bytes. */
  memoryBytes(): number {
    return this.#status(/^VmRSS:\s*(\d+) kB$/m) * 1024;
  }

  /** CPU time of all its threads since its start, in milliseconds; ticks of 10. */
  cpuMs(): number {
    const fields = readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return 10 * (Number(fields[11]) + Number(fields[12]));
  }

  /** How many handles it has open. */
  handles(): number {
    return readdirSync(`/proc/${this.#child.pid}/fd`).length;
  }

  #status(pattern: RegExp): number {
    return Number(pattern.exec(readFileSync(`/proc/${this.#child.pid}/status`, 'utf8'))?.[1]);
  }
}

/** Writes lines in a process of its own; resolves when all are written. */
export async function writeLines(options: WriterOptions): Promise<void> {
  const [code] = await once(fork(WRITER, [JSON.stringify(options)]), 'exit');
  if (code !== 0) throw new Error(`Cannot write lines: writer ended with ${code}`);
}

/** A line of progress. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
