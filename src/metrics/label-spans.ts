import { KnownSpan, type ValueReader } from '../core/instruments.ts';
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
  /** Values that are known without looking, and which labels they are. */
  readonly #known: readonly KnownSpan[];
  readonly #knownLabels: Uint32Array;
  /** What finds the others. */
  readonly #readers: readonly ValueReader[];
  readonly #labels: Uint32Array;
  readonly #maxBytes: number;

  constructor(readers: readonly ValueReader[], maxBytes: number) {
    const isKnown = (reader: ValueReader): boolean => reader instanceof KnownSpan;
    const labelsOf = (wanted: boolean): number[] =>
      readers.flatMap((reader, label) => (isKnown(reader) === wanted ? [label] : []));
    this.#known = readers.filter((reader) => reader instanceof KnownSpan);
    this.#knownLabels = Uint32Array.from(labelsOf(true));
    this.#readers = readers.filter((reader) => !isKnown(reader));
    this.#labels = Uint32Array.from(labelsOf(false));
    this.#maxBytes = maxBytes;
    this.spans = new Uint32Array(2 * readers.length);
  }

  /** Finds the values in a record. May append to the arena, and so replace `bytes`. */
  locate(batch: RecordBatch, record: number): void {
    const { spans } = this;
    const known = this.#known;
    for (let i = 0; i < known.length; i++) {
      const { start, end } = known[i]!;
      const at = 2 * this.#knownLabels[i]!;
      spans[at] = start;
      spans[at + 1] = end - start > this.#maxBytes ? this.#cut(batch, start) : end;
    }
    const readers = this.#readers;
    for (let i = 0; i < readers.length; i++) this.#locateOne(batch, record, readers[i]!, 2 * this.#labels[i]!);
  }

  #locateOne(batch: RecordBatch, record: number, reader: ValueReader, at: number): void {
    reader.locate(batch, record);
    let { start, end } = reader;
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
    this.spans[at] = start;
    this.spans[at + 1] = end - start > this.#maxBytes ? this.#cut(batch, start) : end;
  }

  /** Where a value that is too long is cut: not within a character. */
  #cut({ bytes }: RecordBatch, start: number): number {
    this.cutValues++;
    let end = start + this.#maxBytes;
    while (end > start && (bytes[end]! & 0xc0) === 0x80) end--;
    return end;
  }
}
