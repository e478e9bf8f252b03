import { type JsonVisitor, walkJson } from '../codec/json/json-walker.ts';
import { unescapeInto } from '../codec/json/unescape.ts';
import type { StageDefinition } from '../component/definition.ts';
import { defaultText, type Infer, object, texts } from '../component/options.ts';
import type { Stage } from '../core/contracts.ts';
import { ConfigError } from '../core/errors.ts';
import type { RecordBatch } from '../core/record-batch.ts';
import { ValueType } from '../core/value-type.ts';

const OPEN_BRACKET = 0x5b;

/** A longer one would let a list of empty texts take many times the memory of its line. */
const MAX_SEPARATOR_BYTES = 16;

const options = object({
  fields: texts({ doc: 'The attributes that are lists.', example: '[stacktrace]' }),
  separator: defaultText({ doc: 'What stands between two values.', default: '\n', example: '", "' }),
});

/** The stage `join`. */
export const joinStage: StageDefinition<Infer<typeof options>> = {
  type: 'join',
  summary:
    'Makes one text of an attribute that is a list, such as a stack trace that is written line by line. Numbers, true and ' +
    'false become text, objects and lists inside stay JSON, null is left out. What is no list stays as it is.',
  options,
  example: {
    config: '- join: { fields: [agent], separator: " " }',
    input: '{"agent":["curl/8.5.0","(linux)"]}',
    output:
      '{"body":{"stringValue":"{\\"agent\\":[\\"curl/8.5.0\\",\\"(linux)\\"]}"},' +
      '"attributes":[{"key":"agent","value":{"stringValue":"curl/8.5.0 (linux)"}}]}',
  },
  check: ({ separator }) => (Buffer.byteLength(separator) > MAX_SEPARATOR_BYTES ? [longSeparator()] : []),
  build: ({ fields, separator }, { keys }) =>
    new JoinStage(
      fields.map((field) => keys.internText(field)),
      Buffer.from(separator),
    ),
};

class JoinStage implements Stage {
  readonly #fields: readonly number[];
  readonly #list: ListText;

  constructor(fields: readonly number[], separator: Buffer) {
    this.#fields = fields;
    this.#list = new ListText(separator);
  }

  process(batch: RecordBatch): void {
    for (let record = 0; record < batch.count; record++) {
      if (!batch.isLive(record)) continue;
      for (const key of this.#fields) {
        const row = batch.find(record, key);
        if (row === 0) continue;
        if (batch.attributeType[row] === ValueType.TextList) batch.attributeType[row] = ValueType.String;
        if (batch.attributeType[row] !== ValueType.Json) continue;
        const start = batch.attributeStart[row]!;
        if (batch.bytes[start] !== OPEN_BRACKET) continue;
        const joined = this.#list.append(batch, start, batch.attributeEnd[row]!);
        batch.attributeType[row] = ValueType.String;
        batch.attributeStart[row] = joined;
        batch.attributeEnd[row] = batch.byteLength;
      }
    }
  }
}

/** Appends the values of a list to the arena, as one text. */
class ListText implements JsonVisitor {
  readonly #separator: Buffer;
  #batch: RecordBatch | undefined;
  #isFirst = true;
  /** How many lists and objects are open; 1 is the list itself. */
  #depth = 0;
  #nestedAt = 0;

  constructor(separator: Buffer) {
    this.#separator = separator;
  }

  /** Appends the list at [start, end) and returns where its text starts. O(length). */
  append(batch: RecordBatch, start: number, end: number): number {
    const at = batch.byteLength;
    this.#batch = batch;
    this.#isFirst = true;
    this.#depth = 0;
    walkJson(batch.bytes, start, end, this);
    this.#batch = undefined;
    return at;
  }

  beginObject(at: number): void {
    if (this.#depth++ === 1) this.#nestedAt = at;
  }

  endObject(at: number): void {
    if (--this.#depth === 1) this.#add(this.#nestedAt, at + 1);
  }

  beginArray(at: number): void {
    this.beginObject(at);
  }

  endArray(at: number): void {
    this.endObject(at);
  }

  key(): void {}

  string(start: number, end: number, hasEscapes: boolean): void {
    const batch = this.#batch;
    if (this.#depth !== 1 || batch === undefined) return;
    if (!hasEscapes) {
      this.#add(start, end);
      return;
    }
    this.#addSeparator(batch);
    batch.reserve(end - start);
    batch.byteLength = unescapeInto(batch.bytes, start, end, batch.bytes, batch.byteLength);
  }

  number(start: number, end: number): void {
    this.#add(start, end);
  }

  true(at: number): void {
    this.#add(at, at + 4);
  }

  false(at: number): void {
    this.#add(at, at + 5);
  }

  null(): void {}

  #add(start: number, end: number): void {
    const batch = this.#batch;
    if (this.#depth !== 1 || batch === undefined) return;
    this.#addSeparator(batch);
    batch.appendBytes(batch.bytes, start, end);
  }

  #addSeparator(batch: RecordBatch): void {
    if (!this.#isFirst) batch.appendBytes(this.#separator, 0, this.#separator.length);
    this.#isFirst = false;
  }
}

function longSeparator(): ConfigError {
  return new ConfigError({
    code: 'ERR_CONFIG_VALUE',
    path: ['separator'],
    message: `Cannot join with a separator of more than ${MAX_SEPARATOR_BYTES} bytes`,
    hint: 'Use something short such as ", "',
  });
}
