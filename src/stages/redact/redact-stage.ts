import { ByteBuffer } from '../../bytes/byte-buffer.ts';
import { BLOCK_BITS, BLOCK_BYTES, SuspectBlocks } from '../../codec/sensitive/suspect-blocks.ts';
import type { Stage } from '../../core/contracts.ts';
import { LOCAL_KEY_BASE } from '../../core/key-table.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import { ValueType } from '../../core/value-type.ts';
import type { Counter } from '../../telemetry/metrics.ts';
import { isSecretName } from './key-names.ts';
import { NestedRedactor } from './nested-redactor.ts';
import { ALL_BITS, type Redactor } from './redactor.ts';

/** What is known of a key: its name is looked at once. */
const KNOWN = 1;
const HAS_SENSITIVE = 2;
const IS_SECRET = 4;

const BACKSLASH = 0x5c;

/** What a stage redacts. */
export interface RedactScope {
  /** The keys of the attributes; undefined: all of them. */
  readonly keys: readonly number[] | undefined;
  readonly hasBody: boolean;
  /** Whether names are looked at, too: those of attributes, where all are redacted, and those inside of JSON. */
  readonly withNames: boolean;
}

/**
 * Hides what detectors find in the body and the attributes.
 *
 * Most spans of a batch are of the same input, so all bytes are looked at once, quickly, for what may be something; then
 * spans in suspect blocks are looked at closely, each by itself. So it does not matter which spans earlier stages made,
 * nor what lies beside them.
 */
export class RedactStage implements Stage {
  readonly #redactor: Redactor;
  readonly #scope: RedactScope;
  /** By detector. */
  readonly #counters: readonly Counter[];
  readonly #blocks = new SuspectBlocks();
  readonly #out = new ByteBuffer(4096);
  readonly #nested: NestedRedactor;
  /** What is known of each key of the table, by its id. */
  #keyFacts = new Uint8Array(1024);

  constructor(redactor: Redactor, scope: RedactScope, counters: readonly Counter[]) {
    this.#redactor = redactor;
    this.#scope = scope;
    this.#counters = counters;
    this.#nested = new NestedRedactor(redactor, scope.withNames, this.#out);
  }

  process(batch: RecordBatch): void {
    const { counts } = this.#redactor;
    this.#blocks.reset(batch.byteLength);
    this.#redactor.suspect(batch.bytes, batch.byteLength, this.#blocks);
    this.#processRecords(batch);
    for (let i = 0; i < counts.length; i++) if (counts[i]! > 0) this.#counters[i]!.add(counts[i]!);
    counts.fill(0);
  }

  #processRecords(batch: RecordBatch): void {
    const { keys, hasBody } = this.#scope;
    for (let record = 0; record < batch.count; record++) {
      if (!batch.isLive(record)) continue;
      if (hasBody) this.#redactBody(batch, record);
      if (keys === undefined) this.#redactAll(batch, record);
      else for (const key of keys) this.#redactRow(batch, batch.find(record, key));
    }
  }

  #redactBody(batch: RecordBatch, record: number): void {
    const type = batch.bodyType[record]!;
    const start = batch.bodyStart[record]!;
    const end = batch.bodyEnd[record]!;
    const bits = this.#suspicion(batch, type, start, end);
    if (bits === 0) return;
    this.#redactor.isNamedSecret = false;
    if (!this.#redact(batch, type, start, end, bits)) return;
    const redacted = batch.appendBytes(this.#out.bytes, 0, this.#out.length);
    batch.setBody(record, typeOfRedacted(type), redacted, batch.byteLength);
  }

  #redactAll(batch: RecordBatch, record: number): void {
    const { attributeKey, attributeNext, attributeType, attributeStart, attributeEnd } = batch;
    const { marks } = this.#blocks;
    const { alwaysBits } = this.#redactor;
    const { withNames } = this.#scope;
    let keyFacts = this.#keyFacts;
    let redactedNames = 0;
    for (let row = batch.firstAttribute[record]!; row !== 0; row = attributeNext[row]!) {
      const start = attributeStart[row]!;
      const end = attributeEnd[row]!;
      // Nearly every value lies in one block or two, is text without a mark, and has a name that is known.
      const bits = alwaysBits | marks[start >> BLOCK_BITS]! | marks[end >> BLOCK_BITS]!;
      const isLong = end - start > BLOCK_BYTES;
      if (bits !== 0 || isLong || attributeType[row] === ValueType.Json) this.#redactRow(batch, row);
      if (!withNames) continue;
      const key = attributeKey[row]!;
      if (key < keyFacts.length && (keyFacts[key]! & ~IS_SECRET) === KNOWN) continue;
      if ((this.#factsOf(batch, key) & HAS_SENSITIVE) !== 0) {
        attributeKey[row] = this.#redactedKey(batch, key, ++redactedNames);
      }
      keyFacts = this.#keyFacts;
    }
  }

  #redactRow(batch: RecordBatch, row: number): void {
    if (row === 0) return;
    const type = batch.attributeType[row]!;
    const start = batch.attributeStart[row]!;
    const end = batch.attributeEnd[row]!;
    const bits = this.#suspicion(batch, type, start, end);
    if (bits === 0) return;
    this.#redactor.isNamedSecret = (this.#factsOf(batch, batch.attributeKey[row]!) & IS_SECRET) !== 0;
    if (!this.#redact(batch, type, start, end, bits)) return;
    const redacted = batch.appendBytes(this.#out.bytes, 0, this.#out.length);
    batch.attributeType[row] = typeOfRedacted(type);
    batch.attributeStart[row] = redacted;
    batch.attributeEnd[row] = batch.byteLength;
  }

  /** The detectors that may find something in a value; 0: none. */
  #suspicion(batch: RecordBatch, type: number, start: number, end: number): number {
    if (end - start < this.#redactor.minLength) return 0;
    if (type === ValueType.String || type === ValueType.TextList) {
      return this.#blocks.of(start, end) | this.#redactor.alwaysBits;
    }
    if (type === ValueType.Int) {
      return (this.#blocks.of(start, end) | this.#redactor.alwaysBits) & this.#redactor.numberBits;
    }
    if (type !== ValueType.Json) return 0;
    const bits = this.#blocks.of(start, end) | this.#redactor.alwaysBits;
    // What is written with escapes cannot be seen before it is decoded; and a name is beside its value there.
    return bits !== 0 || batch.bytes.subarray(start, end).includes(BACKSLASH) ? ALL_BITS : 0;
  }

  /** Writes a value to `#out` when there is something to hide in it; whether there is. */
  #redact({ bytes }: RecordBatch, type: number, start: number, end: number, bits: number): boolean {
    if (type === ValueType.Json) return this.#nested.redact(bytes, start, end);
    if (!this.#redactor.find(bytes, start, end, bits)) return false;
    this.#out.length = 0;
    this.#redactor.append(this.#out, bytes, start, end);
    return true;
  }

  #factsOf(batch: RecordBatch, key: number): number {
    const known = key < this.#keyFacts.length ? this.#keyFacts[key]! : 0;
    return known !== 0 ? known : this.#look(batch, key);
  }

  /** Looks at the name of a key. */
  #look(batch: RecordBatch, key: number): number {
    const name = batch.keyBytes(key);
    this.#redactor.isNamedSecret = false;
    const hasSensitive = this.#redactor.find(name, 0, name.length, ALL_BITS);
    const facts = KNOWN | (hasSensitive ? HAS_SENSITIVE : 0) | (isSecretName(name, 0, name.length) ? IS_SECRET : 0);
    if (key >= LOCAL_KEY_BASE) return facts;
    if (key >= this.#keyFacts.length) {
      const grown = new Uint8Array(2 * key);
      grown.set(this.#keyFacts);
      this.#keyFacts = grown;
    }
    this.#keyFacts[key] = facts;
    return facts;
  }

  /** The key with what is to be hidden taken out of its name; of a record's second such key on, with a number behind. */
  #redactedKey(batch: RecordBatch, key: number, number: number): number {
    const name = batch.keyBytes(key);
    this.#redactor.isNamedSecret = false;
    this.#redactor.find(name, 0, name.length, ALL_BITS);
    this.#out.length = 0;
    this.#redactor.append(this.#out, name, 0, name.length);
    if (number > 1) this.#out.append(Buffer.from(`_${number}`));
    const start = batch.appendBytes(this.#out.bytes, 0, this.#out.length);
    return batch.internKey(start, batch.byteLength);
  }
}

/** A number in which something was hidden is text. */
function typeOfRedacted(type: number): ValueType {
  return type === ValueType.Json || type === ValueType.TextList ? type : ValueType.String;
}
