import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type JsonVisitor, walkJson } from '../../../src/codec/json/json-walker.ts';
import { ValueType } from '../../../src/core/value-type.ts';
import { anyJsonModel, type JsonModel, jsonStyle, jsonTextOf } from '../../harness/json-model.ts';

/** Writes every event as a word, text as it stands. */
class EventLog implements JsonVisitor {
  readonly events: string[] = [];
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  beginObject(): void {
    this.events.push('{');
  }
  endObject(): void {
    this.events.push('}');
  }
  beginArray(): void {
    this.events.push('[');
  }
  endArray(): void {
    this.events.push(']');
  }
  key(start: number, end: number, hasEscapes: boolean): void {
    this.events.push(`key${hasEscapes ? '\\' : ' '}${this.#bytes.toString('utf8', start, end)}`);
  }
  string(start: number, end: number, hasEscapes: boolean): void {
    this.events.push(`string${hasEscapes ? '\\' : ' '}${this.#bytes.toString('utf8', start, end)}`);
  }
  number(start: number, end: number, type: ValueType): void {
    const name = type === ValueType.Int ? 'int' : type === ValueType.Double ? 'double' : 'other';
    this.events.push(`${name} ${this.#bytes.toString('utf8', start, end)}`);
  }
  true(): void {
    this.events.push('true');
  }
  false(): void {
    this.events.push('false');
  }
  null(): void {
    this.events.push('null');
  }
}

function eventsOf(text: string): string[] {
  // What stands around the span would change the events if it were read.
  const bytes = Buffer.from(`"${text}1":`);
  const log = new EventLog(bytes);
  walkJson(bytes, 1, bytes.length - 3, log);
  return log.events;
}

for (const { name, text, expected } of [
  { name: 'an empty object', text: '{}', expected: ['{', '}'] },
  { name: 'an empty array with space inside', text: '[ \t\r\n]', expected: ['[', ']'] },
  { name: 'each kind of value', text: '[null,true,false]', expected: ['[', 'null', 'true', 'false', ']'] },
  { name: 'a string as a key only before a colon', text: '{"a" : "b"}', expected: ['{', 'key a', 'string b', '}'] },
  { name: 'a key that comes twice', text: '{"a":1,"a":2}', expected: ['{', 'key a', 'int 1', 'key a', 'int 2', '}'] },
  { name: 'escapes, and a quote among them', text: '["\\"]:\\\\"]', expected: ['[', 'string\\\\"]:\\\\', ']'] },
  { name: 'an escaped key', text: '{"\\u0061":""}', expected: ['{', 'key\\\\u0061', 'string ', '}'] },
  { name: 'numbers by type', text: '[-0,1.5,1E+2]', expected: ['[', 'int -0', 'double 1.5', 'double 1E+2', ']'] },
  {
    name: 'the borders of 64 bits',
    text: '[9223372036854775807,-9223372036854775808]',
    expected: ['[', 'int 9223372036854775807', 'int -9223372036854775808', ']'],
  },
]) {
  test(`walkJson() tells of ${name}`, () => assert.deepEqual(eventsOf(text), expected));
}

test('walkJson() does not call an integer beyond 64 bits an Int', () => {
  for (const digits of ['9223372036854775808', '-9223372036854775809', '10000000000000000000']) {
    assert.doesNotMatch(eventsOf(`[${digits}]`)[1] ?? '', /^int/);
  }
});

test('walkJson() walks a hundred thousand arrays inside each other', () => {
  const depth = 100_000;
  const events = eventsOf('['.repeat(depth) + ']'.repeat(depth));
  assert.equal(events.length, 2 * depth);
});

test('walkJson() ends on any bytes', () => {
  const unit = fc.constantFrom('{', '}', '[', ']', '"', '\\', ':', ',', '1', '-', 't', 'n', ' ', 'x', '\0');
  fc.assert(fc.property(fc.string({ unit, maxLength: 40 }), (text) => void eventsOf(text)));
});

test('walkJson() tells of every part in order, however the text is written', () => {
  fc.assert(
    fc.property(anyJsonModel, jsonStyle, (model, style) => {
      const kinds = eventsOf(jsonTextOf(model, style)).map((event) => event.split(/[ \\]/, 1)[0]);
      assert.deepEqual(kinds, kindsOf(model));
    }),
  );
});

/** The events that a model must give, without their texts. */
function kindsOf(model: JsonModel): string[] {
  switch (model.kind) {
    case 'null':
      return ['null'];
    case 'boolean':
      return [String(model.value)];
    case 'number':
      return [/[.eE]/.test(model.digits) ? 'double' : isInt64(model.digits) ? 'int' : 'other'];
    case 'string':
      return ['string'];
    case 'array':
      return ['[', ...model.items.flatMap(kindsOf), ']'];
    case 'object':
      return ['{', ...model.entries.flatMap(([, value]) => ['key', ...kindsOf(value)]), '}'];
    default:
      return model satisfies never;
  }
}

function isInt64(digits: string): boolean {
  return BigInt.asIntN(64, BigInt(digits)) === BigInt(digits);
}
