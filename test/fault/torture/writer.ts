import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Cleanup } from '../../harness/cleanup.ts';
import type { LastLines } from './oracle.ts';
import type { Plan } from './plan.ts';
import type { Did, FromWriter, Removal, ToWriter } from './writer-messages.ts';

const PROGRAM = fileURLToPath(new URL('writer-process.ts', import.meta.url));

/** What the run does when the writer says something. */
export interface WriterEvents {
  /** Whether the writer may take that file away. */
  readonly mayRemove: (removal: Removal) => boolean;
  readonly onAction: (did: Did) => void;
}

/** The writer process, as its run sees it. */
export class Writer {
  /** Resolves when the files are there; nothing is written into them before `go()`. */
  readonly stopped: Promise<LastLines>;
  readonly #child: ChildProcess;
  #onStopped: ((lastLines: LastLines) => void) | undefined;
  #failure: Error | undefined;

  /** Starts the process, which makes the logs of the plan in `folder`, and ends with the run. */
  constructor(cleanup: Cleanup, plan: Plan, folder: string, events: WriterEvents) {
    this.#child = fork(PROGRAM, [folder, String(plan.seed), String(plan.forMs)]);
    const ended = once(this.#child, 'exit');
    this.stopped = this.#nextStop();
    this.#child.on('message', (message) => this.#hear(message as FromWriter, events));
    void ended.then(([code]) => {
      this.#failure = new Error(`Cannot go on: writer ended with ${code}`);
    });
    cleanup.after(async () => {
      if (this.#child.connected) this.#child.disconnect();
      await ended;
    });
  }

  /** Has it write nothing more; resolves with what it has written, when every line is finished. */
  stop(): Promise<LastLines> {
    return this.#untilStopped({ kind: 'stop' });
  }

  /** Has it go on. */
  go(): void {
    this.#tell({ kind: 'go' });
  }

  /** While it is stopped: has it write one line into each log. */
  writeOne(): Promise<LastLines> {
    return this.#untilStopped({ kind: 'write_one' });
  }

  #untilStopped(message: ToWriter): Promise<LastLines> {
    const stopped = this.#nextStop();
    this.#tell(message);
    return stopped;
  }

  #nextStop(): Promise<LastLines> {
    const { promise, resolve } = Promise.withResolvers<LastLines>();
    this.#onStopped = resolve;
    return promise;
  }

  #hear(message: FromWriter, { mayRemove, onAction }: WriterEvents): void {
    switch (message.kind) {
      case 'stopped':
        this.#onStopped?.(message.lastLines);
        break;
      case 'ask':
        this.#tell({ kind: 'allow', isAllowed: mayRemove(message.removal) });
        break;
      case 'did':
        onAction(message);
        break;
      default:
        message satisfies never;
    }
  }

  #tell(message: ToWriter): void {
    if (this.#failure !== undefined) throw this.#failure;
    this.#child.send(message);
  }
}
