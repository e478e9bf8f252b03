import { Transform, type TransformCallback } from 'node:stream';

const LF = 0x0a;

/** What stands behind the last line when it has no line end; a character that no byte can be. */
export const UNTERMINATED = '\u0100';

/**
 * Turns bytes into text of one character a byte, in which no line is longer than `maxLineBytes`, for `split2`.
 *
 * `split2` decodes UTF-8, so what was invalid cannot be told any more; a text of bytes loses nothing. It grows without
 * end on a line without an end, and with `maxLength` it throws the start of a long line away; here the start is what is
 * kept. And it does not tell whether the last line was ended; here UNTERMINATED does.
 */
export class BoundLines extends Transform {
  /** Bytes that came in. */
  receivedBytes = 0;
  /** Bytes behind the limit of a line, which were left out. */
  skippedBytes = 0;
  readonly #maxLineBytes: number;
  /** How many bytes the open line may still get. */
  #room: number;
  #isMidLine = false;

  constructor(maxLineBytes: number) {
    // Text is an object here: a stream of bytes would encode it again. One piece at a time is held.
    super({ readableObjectMode: true, readableHighWaterMark: 1 });
    this.#maxLineBytes = maxLineBytes;
    this.#room = maxLineBytes;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    let from = 0;
    for (let at = 0; at < chunk.length; ) {
      const lineFeed = chunk.indexOf(LF, at);
      const end = lineFeed < 0 ? chunk.length : lineFeed;
      const keptEnd = Math.min(end, at + this.#room);
      if (keptEnd < end) {
        this.#pushText(chunk, from, keptEnd);
        this.skippedBytes += end - keptEnd;
        from = end;
      }
      this.#room = lineFeed < 0 ? this.#room - (keptEnd - at) : this.#maxLineBytes;
      at = end + 1;
    }
    this.#pushText(chunk, from, chunk.length);
    this.receivedBytes += chunk.length;
    if (chunk.length > 0) this.#isMidLine = chunk.at(-1) !== LF;
    done();
  }

  override _flush(done: TransformCallback): void {
    if (this.#isMidLine) this.push(UNTERMINATED);
    done();
  }

  #pushText(chunk: Buffer, from: number, to: number): void {
    if (to > from) this.push(chunk.toString('latin1', from, to));
  }
}
