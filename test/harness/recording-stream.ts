import { Writable } from 'node:stream';

/** A stream that keeps what is written, and answers for a write when the test says so. */
export class RecordingStream extends Writable {
  isTTY = false;
  #text = '';
  #answer: ((error?: Error | null) => void) | undefined;
  readonly #isHeld: boolean;

  /** `isHeld`: every write waits for `answer()`. */
  constructor(options: { highWaterMark?: number; isHeld?: boolean } = {}) {
    super({ highWaterMark: options.highWaterMark ?? 16 * 1024, decodeStrings: true });
    this.#isHeld = options.isHeld ?? false;
  }

  /** All that was written. */
  get text(): string {
    return this.#text;
  }

  get lines(): string[] {
    return this.#text.split('\n').slice(0, -1);
  }

  hasColors(): boolean {
    return true;
  }

  /** Ends the write that waits, well or with an error. */
  answer(error?: Error): void {
    const answer = this.#answer;
    this.#answer = undefined;
    answer?.(error);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#text += chunk.toString();
    if (this.#isHeld) this.#answer = callback;
    else callback();
  }
}
