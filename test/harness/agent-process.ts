import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LeftFile, Summary } from '../../src/agent/summary.ts';
import type { Cleanup } from './cleanup.ts';
import { until } from './files.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** How a process came to its end: its exit code, or the signal that ended it. */
export type Exit = number | NodeJS.Signals;

/** The last line of an agent's log. */
export interface LastLine extends Summary {
  readonly msg: string;
  /** The first of the files that something is left of, and how many there are. */
  readonly left?: readonly LeftFile[];
  readonly leftFiles?: number;
}

/** How to start a `pillion`. */
export interface PillionOptions {
  /** The folder to start it in; none of the repository's, so that no configuration lies there. */
  readonly cwd: string;
  /** All of its environment but PATH. */
  readonly env?: Readonly<Record<string, string>>;
  /** What it reads from standard input, to its end; undefined: it stays open, for `write()`. */
  readonly input?: string | Buffer;
  /** Another program that is an agent, too. */
  readonly program?: string;
  /** A command that runs it, such as `unshare`, with its arguments. */
  readonly within?: readonly string[];
}

/** A `pillion` that runs as a process of its own, and what it has said so far. It is killed after its test. */
export class PillionProcess {
  stdout = '';
  stderr = '';
  /** Resolves when the process has ended and said all. */
  readonly ended: Promise<Exit>;
  readonly #child: ChildProcess;

  constructor(
    t: Cleanup,
    args: readonly string[],
    { cwd, env = {}, input, program = MAIN, within = [] }: PillionOptions,
  ) {
    const [command, ...rest] = [...within, process.execPath, program, ...args];
    this.#child = spawn(command!, rest, {
      cwd,
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.#child.stdin?.on('error', () => {}); // a process that has ended reads nothing more
    if (input !== undefined) this.#child.stdin?.end(input);
    this.ended = once(this.#child, 'close').then(([code, signal]) => (code ?? signal) as Exit);
    t.after(async () => {
      this.kill('SIGKILL');
      await this.ended;
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get hasEnded(): boolean {
    return (this.#child.exitCode ?? this.#child.signalCode) !== null;
  }

  /** The lines of its own log. */
  get log(): Record<string, unknown>[] {
    const lines = this.stderr.split('\n').slice(0, -1);
    return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** The sums in the last line of its log. */
  get summary(): LastLine {
    const last = this.log.findLast((line) => 'readRecords' in line);
    assert.ok(last !== undefined, `The log ends without sums:\n${this.stderr}`);
    return last as unknown as LastLine;
  }

  /** Waits until `condition` holds; fails at once, with what the process said, when it ends before. */
  async until(what: string, condition: () => boolean, timeoutMs?: number): Promise<void> {
    const holds = (): boolean => {
      if (condition()) return true;
      assert.ok(!this.hasEnded, `It has ended before ${what}:\n${this.stderr}`);
      return false;
    };
    await until(what, holds, timeoutMs);
  }

  /** Waits until its log has a line with this message. */
  logged(message: string): Promise<void> {
    return this.until(`it logged ${JSON.stringify(message)}`, () => this.log.some(({ msg }) => msg === message));
  }

  /** Sends a signal; nothing happens when the process has ended. */
  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Sends a signal and resolves with how the process ended. */
  end(signal: NodeJS.Signals): Promise<Exit> {
    this.kill(signal);
    return this.ended;
  }

  /** Writes to its standard input, which stays open. */
  write(text: string): void {
    this.#child.stdin?.write(text);
  }

  /** Reads no more of its standard output, as a `head` that has seen enough. */
  closeOutput(): void {
    this.#child.stdout?.destroy();
  }
}

/** What a command that has ended left. */
export interface Finished {
  readonly exit: Exit;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `pillion <args>` to its end. */
export async function runPillion(t: Cleanup, args: readonly string[], options: PillionOptions): Promise<Finished> {
  const process = new PillionProcess(t, args, { input: '', ...options });
  const exit = await process.ended;
  return { exit, stdout: process.stdout, stderr: process.stderr };
}

/** Starts `pillion run` with a configuration, which is written into `folder`, and waits until it runs. */
export async function startAgent(
  t: Cleanup,
  folder: string,
  config: object,
  options: Omit<PillionOptions, 'cwd'> = {},
): Promise<PillionProcess> {
  // JSON is YAML.
  writeFileSync(join(folder, 'pillion.yaml'), JSON.stringify(config));
  const agent = new PillionProcess(t, ['run', '--config', 'pillion.yaml'], { ...options, cwd: folder });
  await agent.logged('Agent started.');
  return agent;
}
