import type { StageContext } from '../component/definition.ts';
import { flag, type Infer, object, optionalText } from '../component/options.ts';
import type { Stage } from '../core/contracts.ts';
import type { RecordBatch } from '../core/record-batch.ts';
import { ValueType } from '../core/value-type.ts';

/** The options that every parser has, as entries for `object()`. */
export const PARSER_OPTIONS = {
  field: optionalText({
    doc: 'The attribute that is read, which it then replaces; the body where nothing is named, which stays.',
    example: 'message',
  }),
};

/** The same for a parser whose message becomes the body, wherever it was. */
export const MESSAGE_PARSER_OPTIONS = {
  field: optionalText({
    doc: 'The attribute that is read, and taken out; the body where nothing is named. The message becomes the body.',
    example: 'log',
  }),
};

/** The option of parsers whose values are texts, unless somebody wants to count with them. */
export const TYPES_OPTION = {
  types: flag({
    doc:
      'Whether values without quotes that look like it become numbers (as JSON writes them), true and false; otherwise ' +
      'every value is a text, as it is written: a version such as `1.10` is no number.',
    default: false,
  }),
};

const parserOptions = object(PARSER_OPTIONS);
/** What `PARSER_OPTIONS` gives. */
export type ParserOptions = Infer<typeof parserOptions>;

/** What a parser looks at: `looksAt` of its definition. */
export function looksAtField({ field }: ParserOptions): readonly string[] {
  return field === undefined ? [] : [field];
}

/** Reads text into the columns of a record. */
export interface TextReader {
  /**
   * Reads `batch.bytes[start, end)` into attributes of `record`, or what else it fills. Returns why it cannot, in a few
   * words that are the same for all records of a kind; the attributes that it has added by then are taken out again.
   * So it replaces what was there before only when nothing more can go wrong.
   */
  read(batch: RecordBatch, record: number, start: number, end: number): string | undefined;
}

/** A stage that reads the body, or an attribute, of each record that is text; the others are left alone. */
export class ParserStage implements Stage {
  readonly #reader: TextReader;
  /** The key of the attribute; -1: the body. */
  readonly #key: number;

  constructor(reader: TextReader, { field }: ParserOptions, { keys }: StageContext) {
    this.#reader = reader;
    this.#key = field === undefined ? -1 : keys.internText(field);
  }

  process(batch: RecordBatch): void {
    for (let record = 0; record < batch.count; record++) {
      if (!batch.isLive(record)) continue;
      const why = this.#key < 0 ? this.#readBody(batch, record) : this.#readAttribute(batch, record);
      if (why !== undefined) batch.fail(record, why);
    }
  }

  #readBody(batch: RecordBatch, record: number): string | undefined {
    if (batch.bodyType[record] !== ValueType.String) return undefined;
    const last = batch.lastAttribute[record]!;
    const why = this.#reader.read(batch, record, batch.bodyStart[record]!, batch.bodyEnd[record]!);
    if (why !== undefined) batch.truncateAttributes(record, last);
    return why;
  }

  #readAttribute(batch: RecordBatch, record: number): string | undefined {
    const row = batch.find(record, this.#key);
    if (row === 0 || batch.attributeType[row] !== ValueType.String) return undefined;
    // Taken out first: what is read may have an attribute of the same name.
    batch.remove(record, this.#key);
    const last = batch.lastAttribute[record]!;
    const [start, end] = [batch.attributeStart[row]!, batch.attributeEnd[row]!];
    const why = this.#reader.read(batch, record, start, end);
    if (why === undefined) return undefined;
    batch.truncateAttributes(record, last);
    batch.addSpan(record, this.#key, ValueType.String, start, end);
    return why;
  }
}
