import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { KeyTable } from '../../../src/core/key-table.ts';
import { type RecordBatch, RecordFlag } from '../../../src/core/record-batch.ts';
import { JsonStage } from '../../../src/stages/json/json-stage.ts';
import { attributesOf, batchOf, plainRecord } from '../../harness/batch.ts';

function parse(
  bodies: readonly (string | Uint8Array)[],
  keys = new KeyTable(),
): { batch: RecordBatch; failed: number } {
  const batch = batchOf(bodies, keys);
  new JsonStage().process(batch);
  return { batch, failed: batch.failures.length };
}

for (const { name, body, expected } of [
  { name: 'an empty object', body: '{}', expected: {} },
  { name: 'white space everywhere', body: ' \t{ "a" : 1 ,\r\n "b" : [ ] } ', expected: { a: 1, b: [] } },
  {
    name: 'every scalar',
    body: '{"t":true,"f":false,"n":null,"s":"","i":-0,"d":1.5e3}',
    expected: { t: true, f: false, n: null, s: '', i: -0, d: 1500 },
  },
  {
    name: 'the limits of int64 exactly',
    body: '{"a":9223372036854775807,"b":-9223372036854775808}',
    expected: { a: 9223372036854775807n, b: -9223372036854775808n },
  },
  {
    name: 'an integer beyond int64 as its digits',
    body: '{"a":9223372036854775808,"b":123456789012345678901234567890}',
    expected: { a: '9223372036854775808', b: '123456789012345678901234567890' },
  },
  {
    name: 'escapes',
    body: String.raw`{"s":"a\"b\\c\/d\b\f\n\r\t\u00e9\ud83d\ude00"}`,
    expected: { s: 'a"b\\c/d\b\f\n\r\té😀' },
  },
  { name: 'a lone surrogate as U+FFFD', body: String.raw`{"s":"\ud83d-\ude00"}`, expected: { s: '\ufffd-\ufffd' } },
  { name: 'an escaped key', body: String.raw`{"a\u0062c":1,"abc ":2}`, expected: { abc: 1, 'abc ': 2 } },
  { name: 'a key that comes twice with its last value', body: '{"a":1,"b":2,"a":"x"}', expected: { a: 'x', b: 2 } },
  {
    name: 'nested values as they are',
    body: '{"o":{"p":[1,{"q":"\\n"}]},"z":0}',
    expected: { o: { p: [1, { q: '\n' }] }, z: 0 },
  },
  {
    name: 'an empty key and __proto__',
    body: '{"":1,"__proto__":{"x":1}}',
    expected: JSON.parse('{"":1,"__proto__":{"x":1}}'),
  },
]) {
  test(`JsonStage reads ${name}`, () => {
    const { batch, failed } = parse([body]);
    assert.equal(failed, 0);
    assert.deepEqual(Object.entries(attributesOf(batch)), Object.entries(expected));
    assert.equal(plainRecord(batch, 0).body, body);
  });
}

for (const body of [
  '',
  ' ',
  '{',
  '}',
  '[]',
  '"a"',
  '1',
  'null',
  '{"a"}',
  '{"a":}',
  '{"a":1',
  '{"a":1,}',
  '{,}',
  '{a:1}',
  "{'a':1}",
  '{"a":01}',
  '{"a":1.}',
  '{"a":.5}',
  '{"a":+1}',
  '{"a":1e}',
  '{"a":-}',
  '{"a":tru}',
  '{"a":nul',
  '{"a":"x}',
  '{"a":"\\x"}',
  '{"a":"\\u12g4"}',
  '{"a":"\\u12',
  '{"a":"\t"}',
  '{"a":1}x',
  '{"a":1}{"b":2}',
  '{"a":1 "b":2}',
  '{"a":[1,]}',
  '{"a":{"b":1,}}',
  '{"a":[}',
  '{"a":"\\',
  `{"a":${'['.repeat(65)}${']'.repeat(65)}}`,
  '\ufeff{"a":1}',
  '{"a":NaN}',
]) {
  test(`LIN-14 JsonStage forwards ${JSON.stringify(body.slice(0, 30))} as it is, marked and counted`, () => {
    const { batch, failed } = parse(['{"a":1}', body, '{"a":2}']);
    assert.equal(failed, 1);
    assert.deepEqual(attributesOf(batch, 1), {});
    assert.equal(plainRecord(batch, 1).body, body);
    assert.deepEqual(
      [0, 1, 2].map((record) => batch.flags[record]),
      [0, RecordFlag.ParseFailed, 0],
    );
    assert.deepEqual(attributesOf(batch, 2), { a: 2 });
  });
}

test('JsonStage replaces an attribute that was there before, and leaves it when the body is broken', () => {
  const keys = new KeyTable();
  const batch = batchOf(['{"x":1,"file":"y"}', '{"file":"y",'], keys);
  const file = keys.internText('file');
  const other = keys.internText('other');
  const start = batch.appendText('a.log');
  for (const record of [0, 1]) {
    batch.addSpan(record, file, 1, start, start + 5);
    batch.addSpan(record, other, 1, start, start + 1);
  }
  new JsonStage().process(batch);
  assert.deepEqual(Object.entries(attributesOf(batch, 0)), [
    ['other', 'a'],
    ['x', 1],
    ['file', 'y'],
  ]);
  assert.deepEqual(attributesOf(batch, 1), { file: 'a.log', other: 'a' });
});

test('JsonStage leaves dropped records alone', () => {
  const batch = batchOf(['{"a":1}']);
  batch.drop(0);
  new JsonStage().process(batch);
  assert.deepEqual(attributesOf(batch), {});
});

test('JsonStage keeps keys apart when the key table is full', () => {
  const bodies = Array.from({ length: 30 }, (_, i) => `{"k${i}":${i},"same":1,"l\\u0031${i}":"x"}`);
  const { batch, failed } = parse(bodies, new KeyTable(10));
  assert.equal(failed, 0);
  for (const [i] of bodies.entries())
    assert.deepEqual(attributesOf(batch, i), { [`k${i}`]: i, same: 1, [`l1${i}`]: 'x' });
});

/** What the stage promises, said with JSON.parse: the attributes, or undefined for what it must forward unread. */
function reference(text: string): Record<string, unknown> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

/** Texts near the edge of JSON: values, with some characters put in, taken out or replaced. */
const nearJson = fc
  .tuple(
    fc.json({ maxDepth: 4 }),
    fc.array(
      fc.tuple(fc.nat(), fc.nat({ max: 2 }), fc.constantFrom(...'{}[]",:\\u0e1-. \t\ntfn\u00e9\u0000'.split(''))),
      { maxLength: 3 },
    ),
    fc.boolean(),
  )
  .map(([json, edits, wrapped]) => {
    let text = wrapped ? `{"k":${json}}` : json;
    for (const [at, cut, put] of edits) {
      const i = at % (text.length + 1);
      text = text.slice(0, i) + put + text.slice(i + cut);
    }
    return Buffer.from(text).toString();
  })
  // Node 24.21 remembers the key of one backslash wrongly: JSON.parse then gives it for other escaped keys, too.
  .filter((text) => !text.includes('"\\\\"'));

test('JsonStage reads exactly what JSON.parse reads as an object, and nothing else', () => {
  const keys = new KeyTable();
  fc.assert(
    fc.property(fc.array(nearJson, { minLength: 1, maxLength: 5 }), (bodies) => {
      const { batch } = parse(bodies, keys);
      for (const [record, body] of bodies.entries()) {
        const expected = reference(body);
        assert.equal((batch.flags[record]! & RecordFlag.ParseFailed) === 0, expected !== undefined, body);
        assert.deepEqual(numbered(attributesOf(batch, record)), numbered(expected ?? {}));
        assert.equal(plainRecord(batch, record).body, body);
      }
    }),
    { numRuns: 3000 },
  );
});

/** With integers that JSON.parse rounds, and those that the stage keeps as text, as the nearest double. */
function numbered(attributes: Record<string, unknown>): Map<string, unknown> {
  return new Map(
    Object.entries(attributes)
      .map(([key, value]): [string, unknown] => {
        if (typeof value === 'bigint') return [key, Number(value)];
        return [key, typeof value === 'string' && /^-?\d{19,}$/.test(value) ? Number(value) : value];
      })
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
