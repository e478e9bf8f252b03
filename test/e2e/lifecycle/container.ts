import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Exit } from '../../harness/agent-process.ts';

/** Whether a container has started, or is alive; asked again and again. */
export type Probe = (container: Container) => Promise<boolean>;

/** A container as a pod describes it. */
export interface ContainerSpec {
  readonly name: string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Others are started, and the liveness probe is asked, only once it has succeeded. */
  readonly startupProbe?: Probe;
  /** When it fails three times the container is ended and started anew. */
  readonly livenessProbe?: Probe;
  /** Runs when the pod begins to end; the container gets its signal after that. */
  readonly preStop?: (container: Container) => Promise<void>;
}

/** One life of a container: a process. */
export class Container {
  readonly spec: ContainerSpec;
  stderr = '';
  /** Resolves when the process has ended. */
  readonly ended: Promise<Exit>;
  readonly #child: ChildProcess;

  constructor(spec: ContainerSpec, cwd: string) {
    this.spec = spec;
    const [program, ...args] = spec.command;
    this.#child = spawn(program!, args, {
      cwd,
      env: { PATH: process.env['PATH'], ...spec.env },
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    });
    // A container ends with its first process, and all others in it with that.
    this.#child.once('exit', () => this.#killAll());
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.ended = once(this.#child, 'close').then(([code, signal]) => (code ?? signal) as Exit);
  }

  get name(): string {
    return this.spec.name;
  }

  get hasEnded(): boolean {
    return (this.#child.exitCode ?? this.#child.signalCode) !== null;
  }

  /** The lines of its log, where that is JSON. */
  get log(): Record<string, unknown>[] {
    const lines = this.stderr.split('\n').slice(0, -1);
    return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** Sends a signal to its first process, as a container runtime does; SIGKILL goes to all of them. */
  signal(signal: NodeJS.Signals): void {
    if (signal === 'SIGKILL' && !this.hasEnded) this.#killAll();
    else this.#child.kill(signal);
  }

  #killAll(): void {
    try {
      process.kill(-(this.#child.pid ?? 0), 'SIGKILL');
    } catch {
      // Nobody is left.
    }
  }
}
