import type { RequestEncoder } from '../../src/codec/request-encoder.ts';
import type { RecordBatch } from '../../src/core/record-batch.ts';

const HEAD = Buffer.from('HEAD\n');

/**
 * A request of lines behind a head. As strict as the contract lets an encoder be: a body lies in memory that the next
 * body, an append and `clear()` write over, and `undoAppend()` is refused unless an append came right before it.
 */
export class LineEncoder implements RequestEncoder {
  readonly contentType = 'text/plain';
  #records: Buffer[] = [];
  #bytes = 0;
  #canUndo = false;
  #body = Buffer.alloc(0);

  get recordCount(): number {
    return this.#records.length;
  }

  get byteLength(): number {
    return HEAD.length + this.#bytes;
  }

  append(batch: RecordBatch, record: number): void {
    const line = Buffer.from(`${batch.text(batch.bodyStart[record]!, batch.bodyEnd[record]!)}\n`);
    this.#body.fill(0);
    this.#records.push(line);
    this.#bytes += line.length;
    this.#canUndo = true;
  }

  undoAppend(): void {
    const line = this.#records.pop();
    if (line === undefined || !this.#canUndo) throw new Error('Cannot undo append: nothing was appended');
    this.#canUndo = false;
    this.#bytes -= line.length;
  }

  body(from: number, to: number): Uint8Array {
    if (from < 0 || from >= to || to > this.#records.length) throw new RangeError(`Cannot build body [${from}, ${to})`);
    this.#body.fill(0);
    const body = Buffer.concat([HEAD, ...this.#records.slice(from, to)]);
    if (this.#body.length < body.length) this.#body = Buffer.alloc(2 * body.length);
    body.copy(this.#body);
    return this.#body.subarray(0, body.length);
  }

  clear(): void {
    this.#body.fill(0);
    this.#records = [];
    this.#bytes = 0;
    this.#canUndo = false;
  }
}

/** The records of a body that a `LineEncoder` made. Throws when it is damaged. */
export function linesOf(body: Uint8Array): string[] {
  const text = Buffer.from(body).toString();
  if (!text.startsWith('HEAD\n') || !text.endsWith('\n')) throw new Error(`Cannot read body ${JSON.stringify(text)}`);
  return text.slice(HEAD.length, -1).split('\n');
}
