import type { ValueReader } from '../core/instruments.ts';
import type { RecordBatch } from '../core/record-batch.ts';
import { ValueType } from '../core/value-type.ts';

const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');

/** The values of the labels of one record, as spans of its batch; an empty one is a label that is not there. */
export class LabelSpans {
  /** Start and end of each label in turn. */
  readonly spans: Uint32Array;
  /** How many values were cut so far. */
  cutValues = 0;
  readonly #readers: readonly ValueReader[];
  readonly #maxBytes: number;

  constructor(readers: readonly ValueReader[], maxBytes: number) {
    this.#readers = readers;
    this.#maxBytes = maxBytes;
    this.spans = new Uint32Array(2 * readers.length);
  }

  /** Finds the values in a record. May append to the arena, and so replace `bytes`. */
  locate(batch: RecordBatch, record: number): void {
    const { spans } = this;
    const readers = this.#readers;
    for (let label = 0; label < readers.length; label++) {
      const reader = readers[label]!;
      reader.locate(batch, record);
      let start = reader.start;
      let end = reader.end;
      switch (reader.type) {
        case ValueType.Empty:
          end = start;
          break;
        case ValueType.True:
        case ValueType.False: {
          const word = reader.type === ValueType.True ? TRUE : FALSE;
          start = batch.appendBytes(word, 0, word.length);
          end = batch.byteLength;
          break;
        }
      }
      if (end - start > this.#maxBytes) end = this.#cut(batch, start);
      spans[2 * label] = start;
      spans[2 * label + 1] = end;
    }
  }

  /** Where a value that is too long is cut: not within a character. */
  #cut({ bytes }: RecordBatch, start: number): number {
    this.cutValues++;
    let end = start + this.#maxBytes;
    while (end > start && (bytes[end]! & 0xc0) === 0x80) end--;
    return end;
  }
}
