import type { Source } from '../core/contracts.ts';
import type { SourceOutput } from '../pipeline/source-output.ts';

/** A source, or one of its readers, and where its batches go. */
export class Reader {
  readonly name: string;
  readonly output: SourceOutput;
  readonly #source: Source;
  readonly #drain = new AbortController();
  readonly #stop = new AbortController();

  constructor(name: string, source: Source, output: SourceOutput) {
    this.name = name;
    this.#source = source;
    this.output = output;
  }

  /** Whether nothing that is written from now on is missed. */
  get hasStarted(): boolean {
    return this.#source.hasStarted ?? true;
  }

  /** Reads until its input ends, or until it is asked to end. Rejects when the source failed, and was not stopped. */
  async run(): Promise<void> {
    const stop = this.#stop.signal;
    try {
      await this.#source.run(this.output, { drain: this.#drain.signal, stop });
    } catch (error) {
      if (!stop.aborted) throw error;
    } finally {
      this.output.hurry();
    }
  }

  /** Asks it to read what is there to its end. */
  drain(): void {
    this.#drain.abort();
    this.output.hurry();
  }

  /** Ends its reading now, whatever is unread; what was read goes on its way. */
  stop(): void {
    this.drain();
    this.#stop.abort();
  }
}
