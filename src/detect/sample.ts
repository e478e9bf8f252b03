import type { KeyTable } from '../core/key-table.ts';
import { RecordBatch } from '../core/record-batch.ts';
import { ValueType } from '../core/value-type.ts';

/** The records by which a format is found. */
export interface Sample {
  /** Their bodies. */
  readonly texts: readonly string[];
  /** The same records, as no stage has seen them; nobody changes it. */
  readonly batch: RecordBatch;
}

/** A longer record would cost more than it tells. */
const MAX_RECORD_BYTES = 64 * 1024;

/**
 * Lines that belong to the one before them, wherever they come from. They tell nothing of how lines begin, so they are
 * left out where most lines are others.
 */
const CONTINUATION = /^(?:\s|Caused by: |\.\.\. \d+ more|Traceback \(|[)\]}])/;

/** The share of lines that must be others. */
const MIN_OTHERS = 0.2;

/** How much is collected. */
export interface SampleLimits {
  readonly maxRecords: number;
  readonly maxBytes: number;
}

/** Collects records up to a number of them. */
export class SampleCollector {
  readonly #keys: KeyTable;
  readonly #limits: SampleLimits;
  readonly #all: RecordBatch;

  /** `keys`: of the stages that will be tried. */
  constructor(keys: KeyTable, limits: SampleLimits) {
    this.#keys = keys;
    this.#limits = limits;
    this.#all = new RecordBatch(keys, 4096);
  }

  /** How many records there are. */
  get count(): number {
    return this.#all.count;
  }

  /** Adds the records of the batch that are live and text, with their attributes, as far as there is room. */
  add(batch: RecordBatch): void {
    const all = this.#all;
    const { maxRecords, maxBytes } = this.#limits;
    if (all.count === 0) all.reset(batch.stream, batch.observedUnixMs);
    for (let record = 0; record < batch.count && all.count < maxRecords; record++) {
      if (!batch.isLive(record) || batch.bodyType[record] !== ValueType.String) continue;
      const [start, end] = [batch.bodyStart[record]!, batch.bodyEnd[record]!];
      if (all.byteLength + end - start > maxBytes) return;
      if (end > start && end - start <= MAX_RECORD_BYTES) copyRecord(batch, record, all, this.#keys);
    }
  }

  /** Adds records with these bodies. */
  addTexts(texts: readonly string[]): void {
    const all = this.#all;
    for (const text of texts.slice(0, this.#limits.maxRecords - all.count)) {
      const start = all.appendText(text);
      all.addRecord(start, all.byteLength);
    }
  }

  /** What was collected. */
  sample(): Sample {
    const all = this.#all;
    const texts = Array.from({ length: all.count }, (_, i) => all.text(all.bodyStart[i]!, all.bodyEnd[i]!));
    const others = texts.flatMap((text, record) => (CONTINUATION.test(text) ? [] : [record]));
    if (others.length === texts.length || others.length < MIN_OTHERS * texts.length) return { texts, batch: all };
    const batch = new RecordBatch(this.#keys, all.byteLength);
    batch.reset(all.stream, all.observedUnixMs);
    for (const record of others) copyRecord(all, record, batch, this.#keys);
    return { texts: others.map((record) => texts[record]!), batch };
  }
}

/** Copies body and attributes. The time stays behind: it is the format that has to have one. */
function copyRecord(from: RecordBatch, record: number, to: RecordBatch, keys: KeyTable): void {
  const start = to.appendBytes(from.bytes, from.bodyStart[record]!, from.bodyEnd[record]!);
  const copy = to.addRecord(start, to.byteLength);
  for (let row = from.firstAttribute[record]!; row !== 0; row = from.attributeNext[row]!) {
    const name = from.keyBytes(from.attributeKey[row]!);
    const key = keys.intern(name, 0, name.length);
    if (key < 0) continue;
    const value = to.appendBytes(from.bytes, from.attributeStart[row]!, from.attributeEnd[row]!);
    to.addSpan(copy, key, from.attributeType[row]! as ValueType, value, to.byteLength);
  }
}
