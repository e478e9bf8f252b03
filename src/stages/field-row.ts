import { digitsEndByWords } from '../bytes/digits.ts';
import type { StageContext } from '../component/definition.ts';
import type { RecordBatch } from '../core/record-batch.ts';
import { ValueType } from '../core/value-type.ts';
import { type FieldType, TypedValue } from './field-type.ts';

/** A value that is taken out of a line. */
export interface Field {
  /** The attribute; undefined: only its type is checked. */
  readonly name: string | undefined;
  readonly type: FieldType;
  /** Whether a text that is empty, or a dash, is left out, as such values of other types are. */
  readonly isOptional?: boolean;
}

const NO_KEY = -1;
const DASH = 0x2d;
const ZERO = 0x30;
/** Integers with fewer digits fit into 64 bits. */
const MIN_LONG_DIGITS = 19;

/**
 * The fields of one pattern, and where they stand in the line that is being read. Whoever finds them fills `spans`;
 * `commit()` makes them attributes, all or none.
 */
export class FieldRow {
  /** Start and end of each field, two elements a field; a start of -1: the line has no such field. */
  readonly spans: Int32Array;
  readonly #keys: Int32Array;
  readonly #types: Uint8Array;
  /** The fields that are no plain text. */
  readonly #typed: readonly {
    readonly slot: number;
    readonly type: Exclude<FieldType, 'string'>;
    readonly why: string;
  }[];
  /** The slots of texts that may be left out. */
  readonly #optional: readonly number[];
  /** Whether a key comes twice; then the last one that has a value counts. */
  readonly #hasRepeats: boolean;
  readonly #value = new TypedValue();

  /** Fields that nobody wants are checked, and set nothing. */
  constructor(fields: readonly Field[], { keys, wanted }: Pick<StageContext, 'keys' | 'wanted'>) {
    this.spans = new Int32Array(2 * fields.length);
    const isSet = (name: string | undefined): name is string => name !== undefined && wanted?.has(name) !== false;
    this.#keys = Int32Array.from(fields, ({ name }) => (isSet(name) ? keys.internText(name) : NO_KEY));
    this.#types = new Uint8Array(fields.length).fill(ValueType.String);
    this.#typed = fields.flatMap(({ name, type }, slot) =>
      type === 'string'
        ? []
        : [{ slot, type, why: `${name === undefined ? 'a value' : JSON.stringify(name)} is no ${type}` }],
    );
    this.#optional = fields.flatMap(({ type, isOptional }, slot) => (type === 'string' && isOptional ? [slot] : []));
    const named = this.#keys.filter((key) => key !== NO_KEY);
    this.#hasRepeats = new Set(named).size < named.length;
  }

  /** Adds the fields to the record. Returns why not, and has added none: a value is not of its type. */
  commit(batch: RecordBatch, record: number): string | undefined {
    const { spans } = this;
    // Also when an append replaces them below: the line stands in the old memory as well.
    const { bytes, view } = batch;
    const typed = this.#typed;
    for (let i = 0; i < typed.length; i++) {
      const { slot, type, why } = typed[i]!;
      const start = spans[2 * slot]!;
      const end = spans[2 * slot + 1]!;
      if (start < 0) continue;
      if (type === 'int' && isShortInt(bytes, view, start, end)) this.#types[slot] = ValueType.Int;
      else if (!this.#readTyped(batch, slot, type)) return why;
    }
    for (const slot of this.#optional) {
      const start = spans[2 * slot]!;
      const length = spans[2 * slot + 1]! - start;
      if (start >= 0 && (length === 0 || (length === 1 && bytes[start] === DASH))) spans[2 * slot] = -1;
    }
    if (!this.#hasRepeats && batch.firstAttribute[record] === 0) {
      batch.addSpans(record, this.#keys, this.#types, spans, 0);
    } else {
      this.#setEach(batch, record);
    }
    return undefined;
  }

  #readTyped(batch: RecordBatch, slot: number, type: Exclude<FieldType, 'string'>): boolean {
    const { spans } = this;
    const value = this.#value;
    if (!value.read(type, batch, spans[2 * slot]!, spans[2 * slot + 1]!)) return false;
    this.#types[slot] = value.type;
    spans[2 * slot] = value.type === ValueType.Empty ? -1 : value.start;
    spans[2 * slot + 1] = value.end;
    return true;
  }

  #setEach(batch: RecordBatch, record: number): void {
    for (const [slot, key] of this.#keys.entries()) {
      const start = this.spans[2 * slot]!;
      const type = this.#types[slot] as ValueType;
      if (start >= 0 && key !== NO_KEY) batch.setSpan(record, key, type, start, this.spans[2 * slot + 1]!);
    }
  }
}

/** Whether the span is an integer as most are: few digits, and no zero in front of them. */
function isShortInt(bytes: Uint8Array, view: DataView, start: number, end: number): boolean {
  const isShort = end > start && end - start < MIN_LONG_DIGITS && bytes[start] !== ZERO;
  return isShort && digitsEndByWords(view, start, end) === end;
}
