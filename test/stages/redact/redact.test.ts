import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { LogsJsonRequestEncoder } from '../../../src/codec/otlp/logs-json-request.ts';
import { LogsRequestEncoder } from '../../../src/codec/otlp/logs-request.ts';
import type { RecordBatch } from '../../../src/core/record-batch.ts';
import { ValueType } from '../../../src/core/value-type.ts';
import { redactStage } from '../../../src/stages/redact/index.ts';
import { setStage } from '../../../src/stages/set.ts';
import { attributesOf, batchOf, plainRecord } from '../../harness/batch.ts';
import { cpuMsOf } from '../../harness/cpu-time.ts';
import {
  assertExample,
  batchOfObjects,
  buildStage,
  optionErrors,
  processObjects,
  stageContext,
} from '../stage-fixture.ts';

const JWT =
  'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U';
const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const KEY = '0123456789abcdef';

test('the example of redact holds', () => assertExample(redactStage));

function redacted(object: string, options: unknown = {}): Record<string, unknown> {
  return attributesOf(processObjects(redactStage, options, [object]));
}

for (const { name, object, options, expected } of [
  {
    name: 'masks with the name of what was there',
    object: '{"a":"to ann@example.com now"}',
    expected: { a: 'to [email] now' },
  },
  {
    name: 'masks with a text',
    object: '{"a":"x ann@example.com"}',
    options: { mask: '***' },
    expected: { a: 'x ***' },
  },
  { name: 'removes', object: '{"a":"x ann@example.com y"}', options: { action: 'remove' }, expected: { a: 'x  y' } },
  {
    name: 'leaves other values',
    object: '{"a":1,"b":1.5,"c":true,"d":null,"e":{"f":[1]},"g":"@"}',
    expected: { a: 1, b: 1.5, c: true, d: null, e: { f: [1] }, g: '@' },
  },
  { name: 'hides a card that is a number', object: '{"a":4111111111111111}', expected: { a: '[credit_card]' } },
  { name: 'sees an escaped sign', object: '{"a":"ann\\u0040example.com"}', expected: { a: '[email]' } },
  {
    name: 'looks into nested values',
    object: '{"a":{"b":["ann@example.com",4111111111111111,2]}}',
    expected: { a: { b: ['[email]', '[credit_card]', 2] } },
  },
  {
    name: 'sees an escaped sign in nested values',
    object: '{"a":{"b":"\\nann\\u0040example.com\\"x"}}',
    expected: { a: { b: '\n[email]"x' } },
  },
  {
    name: 'escapes its mask in nested values',
    object: '{"a":["ann@example.com"]}',
    options: { mask: '"\\' },
    expected: { a: ['"\\'] },
  },
  {
    name: 'looks at names',
    object: '{"ann@example.com":1,"bob@example.com":2}',
    expected: { '[email]': 1, '[email]_2': 2 },
  },
  {
    name: 'looks at nested names',
    object: '{"a":{"ann@example.com":{"bob@example.com":2}}}',
    expected: { a: { '[email]': { '[email]_2': 2 } } },
  },
  {
    name: 'leaves names alone',
    object: '{"ann@example.com":{"bob@example.com":"ann@example.com"}}',
    options: { keys: false },
    expected: { 'ann@example.com': { 'bob@example.com': '[email]' } },
  },
  {
    name: 'looks at the fields that are named',
    object: '{"a":"ann@example.com","b":"ann@example.com"}',
    options: { fields: ['b', 'c'] },
    expected: { a: 'ann@example.com', b: '[email]' },
  },
  {
    name: 'knows a secret by the name of its attribute',
    object: `{"aws_secret_access_key":"${SECRET}","hash":"${SECRET}"}`,
    expected: { aws_secret_access_key: '[aws_key]', hash: SECRET },
  },
  {
    name: 'knows a secret by its nested name',
    object: `{"a":{"SecretAccessKey":"${SECRET}","hash":"${SECRET}"}}`,
    expected: { a: { SecretAccessKey: '[aws_key]', hash: SECRET } },
  },
  { name: 'hides what overlaps once', object: `{"a":"Bearer ${JWT}."}`, expected: { a: 'Bearer [jwt]' } },
  {
    name: 'finds patterns',
    object: '{"é":"é E123456 é E654321.","n":"E12"}',
    options: { detect: [], patterns: { employee_id: 'E\\d{6}' } },
    expected: { é: 'é [employee_id] é [employee_id].', n: 'E12' },
  },
  {
    name: 'finds patterns in numbers and nested values',
    object: '{"n":123456789,"o":{"p":["😀123456789",123456789]}}',
    options: { detect: [], patterns: { id: '\\d{9}' } },
    expected: { n: '[id]', o: { p: ['😀[id]', '[id]'] } },
  },
  {
    name: 'takes whole characters for a pattern',
    object: '{"a":"😀😀x"}',
    options: { detect: [], patterns: { any: '.' }, keys: false },
    expected: { a: '[any][any][any]' },
  },
  {
    name: 'passes over empty matches of a pattern',
    object: '{"a":"bab"}',
    options: { detect: [], patterns: { a: 'a*' }, keys: false },
    expected: { a: 'b[a]b' },
  },
  { name: 'leaves addresses of machines alone', object: '{"a":"10.0.0.1"}', expected: { a: '10.0.0.1' } },
  {
    name: 'hides addresses of machines when it is told to',
    object: '{"a":"10.0.0.1 fe80::1"}',
    options: { detect: ['ip'] },
    expected: { a: '[ip] [ip]' },
  },
]) {
  test(`redact ${name}`, () => {
    const actual = redacted(object, options);
    assert.deepEqual(actual, expected);
    assert.deepEqual(Object.keys(actual), Object.keys(expected));
  });
}

test('redact hides the same in the body, also over lines, and leaves the severity text', () => {
  const context = stageContext();
  const pem = '-----BEGIN PRIVATE KEY-----\nMIIEowIBAAKCAQEA0Z3V\n-----END PRIVATE KEY-----';
  const batch = batchOf([`at start\n${pem}\nend`], context.keys);
  const start = batch.appendText('ann@example.com');
  batch.severityStart[0] = start;
  batch.severityEnd[0] = batch.byteLength;
  buildStage(redactStage, {}, context).process(batch);
  const record = plainRecord(batch, 0);
  assert.deepEqual([record.body, record.severityText], ['at start\n[private_key]\nend', 'ann@example.com']);
});

test('redact leaves the body alone where fields do not name it', () => {
  const body = (fields: string[]) =>
    plainRecord(processObjects(redactStage, { fields }, ['{"a":"ann@example.com"}']), 0).body;
  assert.equal(body(['a']), '{"a":"ann@example.com"}');
  assert.equal(body(['body']), '{"a":"[email]"}');
});

test('redact sees each value by itself, whatever lies beside it', () => {
  const context = stageContext();
  const batch = batchOf(['x'], context.keys);
  batch.appendText('7');
  const start = batch.appendText('4111111111111111');
  batch.addSpan(0, context.keys.internText('a'), ValueType.String, start, batch.byteLength);
  batch.addSpan(0, context.keys.internText('b'), ValueType.String, start - 1, batch.byteLength);
  batch.appendText('7@example.com');
  buildStage(redactStage, {}, context).process(batch);
  assert.deepEqual(attributesOf(batch), { a: '[credit_card]', b: '74111111111111111' });
});

test('redact works on what stages set for all records at once', () => {
  const context = stageContext();
  const batch = batchOfObjects(['{"a":1}', '{"a":2}'], context.keys);
  buildStage(setStage, { owner: 'ann@example.com' }, context).process(batch);
  buildStage(redactStage, {}, context).process(batch);
  assert.deepEqual(
    [attributesOf(batch, 0), attributesOf(batch, 1)],
    [
      { a: 1, owner: '[email]' },
      { a: 2, owner: '[email]' },
    ],
  );
});

test('redact leaves dropped records alone, and counts by detector', () => {
  const context = stageContext();
  const batch = batchOfObjects(['{"a":"ann@example.com bob@example.com"}', '{"a":"ann@example.com"}'], context.keys);
  batch.drop(1);
  buildStage(redactStage, { fields: ['a'], patterns: { now: 'x' } }, context).process(batch);
  assert.deepEqual(attributesOf(batch, 1), { a: 'ann@example.com' });
  const counts = context.metrics.sumBy('pillion_redacted_values_total', 'detector', { stage: 'logs/1' });
  assert.deepEqual([counts['email'], counts['jwt'], counts['now']], [2, 0, 0]);
});

test('redact hashes: equal values stay equal, however they are written, and another key gives another hash', () => {
  const hash = (value: string, key = KEY) => redacted(JSON.stringify({ a: value }), { action: 'hash', key })['a'];
  assert.match(String(hash('ann@example.com')), /^\[email:[0-9a-f]{16}\]$/);
  assert.equal(hash('ann@example.com'), hash('Ann%40Example.com'));
  assert.equal(hash('4111 1111 1111 1111'), hash('4111111111111111'));
  assert.notEqual(hash('ann@example.com'), hash('bob@example.com'));
  assert.notEqual(hash('ann@example.com'), hash('ann@example.com', `${KEY}x`));
});

test('redact takes the key out of a file', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'pillion-redact-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'key');
  writeFileSync(file, `${KEY}\n`);
  const object = '{"a":"ann@example.com"}';
  assert.deepEqual(
    redacted(object, { action: 'hash', key_file: file }),
    redacted(object, { action: 'hash', key: KEY }),
  );
});

for (const { name, options, path } of [
  { name: 'an unknown detector', options: { detect: ['mail'] }, path: ['detect', 0] },
  { name: 'nothing to detect', options: { detect: [] }, path: [] },
  { name: 'a pattern that is none', options: { patterns: { a: '(' } }, path: ['patterns', 'a'] },
  { name: 'a pattern with the name of a detector', options: { patterns: { email: 'x' } }, path: ['patterns', 'email'] },
  { name: 'a pattern with a strange name', options: { patterns: { 'a b': 'x' } }, path: ['patterns', 'a b'] },
  { name: 'a mask for a hash', options: { action: 'hash', key: KEY, mask: 'x' }, path: ['mask'] },
  { name: 'a long mask', options: { mask: 'x'.repeat(65) }, path: ['mask'] },
  { name: 'a hash without a key', options: { action: 'hash' }, path: ['action'] },
  { name: 'two keys', options: { action: 'hash', key: KEY, key_file: 'x' }, path: ['action'] },
  { name: 'a short key', options: { action: 'hash', key: 'x' }, path: ['key'] },
  { name: 'a file that is not there', options: { action: 'hash', key_file: '/none/key' }, path: ['key_file'] },
  { name: 'a key for a mask', options: { key: KEY }, path: ['action'] },
]) {
  test(`redact refuses ${name}`, () => {
    assert.deepEqual(
      optionErrors(redactStage, options).map((error) => error.path),
      [path],
    );
  });
}

/** What is planted; none of it is a part of the text around. */
const PLANTED = [
  'ann.b+x@mail.example.com',
  'o.k@exämple.de',
  '4111 1111 1111 1111',
  '5105105105105100',
  '3782-822463-10005',
  'DE89370400440532013000',
  'GB29 NWBK 6016 1331 9268 19',
  JWT,
  'AKIAIOSFODNN7EXAMPLE',
  '10.11.12.13',
  '2001:db8::8a2e:370:7334',
  '-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA0Z3V\n-----END RSA PRIVATE KEY-----',
];
const ALL = ['email', 'credit_card', 'iban', 'jwt', 'bearer_token', 'aws_key', 'private_key', 'ip'];

const around = fc.string({ unit: fc.constantFrom(...'xyzäß日😀 \n\t"\\,;()|'), maxLength: 12 });
/** Text with something planted in it, set apart by what is no part of any of it; and the text with the masks. */
const planted = fc
  .tuple(around, fc.constantFrom(...PLANTED), around)
  .map(([before, what, behind]) => `${before}\n|${what}|\n${behind}`);
const value: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: planted },
  { weight: 1, arbitrary: around },
  { weight: 1, arbitrary: fc.constantFrom(1, 4111111111111111, 1.5, true, null) },
  { weight: 2, arbitrary: fc.array(planted, { maxLength: 3 }) },
  { weight: 2, arbitrary: fc.dictionary(fc.oneof(around, planted), planted, { maxKeys: 3 }) },
);
const objects = fc.array(fc.dictionary(fc.oneof({ weight: 4, arbitrary: around }, planted), value, { maxKeys: 6 }), {
  minLength: 1,
  maxLength: 4,
});

/** The object as JSON, with some of its characters as escapes. */
function written(object: unknown, seed: number): string {
  let state = seed;
  return JSON.stringify(object).replaceAll(/[@ix]/g, (character) => {
    state = (Math.imul(state, 1103515245) + 12345) | 0;
    if ((state >>> 16) % 4 !== 0) return character;
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

function encoded(batch: RecordBatch): string[] {
  const json = new LogsJsonRequestEncoder({ scopeName: '', scopeVersion: '' });
  const protobuf = new LogsRequestEncoder({ scopeName: '', scopeVersion: '' });
  for (let record = 0; record < batch.count; record++) {
    json.append(batch, record);
    protobuf.append(batch, record);
  }
  return [json, protobuf].map((encoder) => Buffer.from(encoder.body(0, batch.count)).toString());
}

/** What a value becomes, by a simple rule: what was planted is replaced wherever it stands. */
function expectedOf(value: unknown): unknown {
  if (typeof value === 'number') return value === 4111111111111111 ? '***' : value;
  if (typeof value === 'string') return PLANTED.reduce((text, what) => text.replaceAll(what, '***'), value);
  if (Array.isArray(value)) return value.map(expectedOf);
  if (typeof value !== 'object' || value === null) return value;
  return Object.values(value).map(expectedOf);
}

const valuesOf = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.values(value).map(valuesOf) : value;

test('nothing that was planted is in the requests, and the text around it is', () => {
  fc.assert(
    fc.property(objects, fc.integer(), (objects, seed) => {
      const plain = objects.map((object) =>
        Object.fromEntries(Object.entries(object).filter(([key]) => key !== '__proto__')),
      );
      const context = stageContext();
      const batch = batchOfObjects(
        plain.map((object) => written(object, seed)),
        context.keys,
      );
      // As the stage `body` does: the text that was read is not sent.
      for (let record = 0; record < batch.count; record++) batch.setBody(record, ValueType.Empty, 0, 0);
      buildStage(redactStage, { detect: ALL, mask: '***' }, context).process(batch);
      for (const request of encoded(batch)) {
        for (const what of PLANTED) assert.ok(!request.includes(JSON.stringify(what).slice(1, -1)), what);
        for (const what of PLANTED) assert.ok(!request.includes(what), what);
      }
      for (const [record, object] of plain.entries()) {
        const rows = batch.firstAttribute[record] === 0 ? [] : Object.values(attributesOf(batch, record));
        const names = new Set(Object.keys(object)).size;
        assert.ok(rows.length === names, 'every attribute is there');
        const byName = (entries: [string, unknown][]): unknown[] =>
          entries
            .map(([, value]) => valuesOf(value))
            .map((v) => JSON.stringify(v))
            .sort();
        assert.deepEqual(
          byName(Object.entries(attributesOf(batch, record))),
          byName(Object.entries(object).map(([k, v]) => [k, expectedOf(v)])),
        );
      }
    }),
    { numRuns: 500 },
  );
});

test('nothing that was planted is in a body of text or of JSON that was not read', () => {
  fc.assert(
    fc.property(fc.array(planted, { minLength: 1, maxLength: 4 }), fc.boolean(), (texts, isJson) => {
      const context = stageContext();
      const bodies = texts.map((text) => (isJson ? JSON.stringify({ text }) : text));
      const batch = batchOf(bodies, context.keys);
      buildStage(redactStage, { detect: ALL, mask: '***' }, context).process(batch);
      for (const [record, text] of texts.entries()) {
        const { body } = plainRecord(batch, record);
        const actual = isJson ? (JSON.parse(String(body)) as { text: string }).text : body;
        assert.equal(actual, expectedOf(text));
      }
    }),
    { numRuns: 500 },
  );
});

test('redact takes a record of a megabyte with many values to hide', () => {
  const text = 'ann@example.com 4111111111111111 10.0.0.1\\n'.repeat(25_000);
  const ms = cpuMsOf(() => {
    const batch = processObjects(redactStage, { detect: ALL }, [`{"a":"${text}","b":["${text}"]}`]);
    assert.ok(!JSON.stringify(attributesOf(batch)).includes('@'));
  });
  assert.ok(ms < 4000, `${ms} ms`);
});

test('redact finds all matches of a pattern in linear time', () => {
  // From each "a" on the whole rest is looked at in vain.
  const options = { detect: [], patterns: { p: 'a[^!]*!|b' }, keys: false };
  const object = `{"x":"${'ab'.repeat(50_000)}"}`;
  let attributes: Record<string, unknown> = {};
  const ms = cpuMsOf(() => (attributes = redacted(object, options)));
  assert.equal(attributes['x'], 'a[p]'.repeat(50_000));
  assert.ok(ms < 2000, `${ms} ms`);
});

test('redact hides the rest of a text that would cost too much', () => {
  const options = { detect: [], patterns: { p: '(?:x|y|xy)*z[xy]{900}x[xy]{900}y' }, keys: false };
  let seed = 1;
  const unit = (): string => ((seed = (seed * 48271) % 2147483647) & 1 ? 'x' : 'y');
  const text = Array.from({ length: 20_000 }, unit).join('');
  assert.deepEqual(redacted(`{"x":"${text}","y":"xy"}`, options), { x: '[p]', y: 'xy' });
});
