import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { KeyTable } from '../../../src/core/key-table.ts';
import { flattenStage } from '../../../src/stages/flatten/index.ts';
import { attributesOf } from '../../harness/batch.ts';
import { jsonModel, jsonStyle, jsonTextOf } from '../../harness/json-model.ts';
import {
  assertExample,
  batchOfObjects,
  buildStage,
  optionErrors,
  processObjects,
  stageContext,
} from '../stage-fixture.ts';

test('the example of flatten holds', () => assertExample(flattenStage));

for (const { name, options = {}, object, expected } of [
  {
    name: 'objects of any depth',
    object: { a: 1, http: { method: 'GET', url: { path: '/', port: 80 } }, z: true },
    expected: { a: 1, z: true, 'http.method': 'GET', 'http.url.path': '/', 'http.url.port': 80 },
  },
  {
    name: 'every kind of value',
    object: { o: { s: '', n: null, t: true, f: false, d: 1.5, a: [{ b: 1 }], e: {} } },
    expected: { 'o.s': '', 'o.n': null, 'o.t': true, 'o.f': false, 'o.d': 1.5, 'o.a': [{ b: 1 }], 'o.e': {} },
  },
  { name: 'no array and no empty object', object: { a: [{ b: 1 }], e: {} }, expected: { a: [{ b: 1 }], e: {} } },
  {
    name: 'what is behind arrays and empty objects',
    object: { o: { a: [[{ x: 1 }], 2], e: {}, p: { e: {}, q: 1 }, r: 2 } },
    expected: { 'o.a': [[{ x: 1 }], 2], 'o.e': {}, 'o.p.e': {}, 'o.p.q': 1, 'o.r': 2 },
  },
  {
    name: 'the attributes that are named',
    options: { fields: ['b', 'x'] },
    object: { a: { c: 1 }, b: { c: 2 } },
    expected: { a: { c: 1 }, 'b.c': 2 },
  },
  {
    name: 'one attribute that is named',
    options: { fields: 'b' },
    object: { a: { c: 1 }, b: { c: 2 } },
    expected: { a: { c: 1 }, 'b.c': 2 },
  },
  {
    name: 'one level',
    options: { max_depth: 1 },
    object: { a: { b: { c: 1 }, d: {}, e: [] } },
    expected: { 'a.b': { c: 1 }, 'a.d': {}, 'a.e': [] },
  },
  {
    name: 'two levels with another separator',
    options: { max_depth: 2, separator: '__' },
    object: { a: { b: { c: { d: 1 } }, e: 1 } },
    expected: { a__b__c: { d: 1 }, a__e: 1 },
  },
  {
    name: 'over an attribute of the same name',
    object: { 'a.b': 'old', a: { b: 'new' }, c: { d: 'new' }, 'c.d': 'old' },
    expected: { 'a.b': 'new', 'c.d': 'new' },
  },
]) {
  test(`flatten flattens ${name}`, () => {
    const batch = processObjects(flattenStage, options, [JSON.stringify(object), JSON.stringify(object)]);
    assert.deepEqual(batch.failures, []);
    for (const record of [0, 1]) {
      assert.deepEqual(Object.entries(attributesOf(batch, record)), Object.entries(expected));
    }
  });
}

for (const { name, text, expected } of [
  {
    name: 'decodes keys and texts',
    text: String.raw`{"o":{"a\u0062\n":"x\"y","\ud83d\ude00":{"\"":"\\"}}}`,
    expected: { 'o.ab\n': 'x"y', 'o.😀."': '\\' },
  },
  { name: 'passes over white space', text: '{"o": { "a" : { } , "b" : [ ] } }', expected: { 'o.a': {}, 'o.b': [] } },
  { name: 'takes the last value of a key', text: '{"o":{"a":1,"b":2,"a":3}}', expected: { 'o.a': 3, 'o.b': 2 } },
  {
    name: 'keeps digits',
    text: '{"o":{"a":9223372036854775807,"b":9223372036854775808,"c":{}}}',
    expected: { 'o.a': 9223372036854775807n, 'o.b': '9223372036854775808', 'o.c': {} },
  },
]) {
  test(`flatten ${name}`, () =>
    assert.deepEqual(Object.entries(attributesOf(processObjects(flattenStage, {}, [text]))), Object.entries(expected)));
}

test('flatten gives a record 1,024 attributes, and leaves an object alone that would give more', () => {
  const objectOf = (count: number): string => `{${Array.from({ length: count }, (_, i) => `"k${i}":"\\n"`).join(',')}}`;
  const whole = processObjects(flattenStage, {}, [`{"a":${objectOf(1000)},"b":${objectOf(24)}}`]);
  assert.deepEqual(whole.failures, []);
  assert.equal(Object.keys(attributesOf(whole)).length, 1024);
  const over = processObjects(flattenStage, {}, [`{"a":${objectOf(1000)},"b":${objectOf(25)},"c":{"d":1}}`]);
  assert.deepEqual(over.failures, [{ record: 0, reason: 'too many values to flatten' }]);
  const attributes = attributesOf(over);
  assert.equal(Object.keys(attributes).length, 1002);
  assert.equal(Object.keys(attributes['b'] as object).length, 25);
});

test('flatten keeps the memory of names bounded, whatever the keys', () => {
  const key = 'k'.repeat(300_000);
  const values = Array.from({ length: 1000 }, (_, i) => `"${i}":${i}`).join(',');
  const batch = processObjects(flattenStage, {}, [`{"a":{"${key}":{${values}}}}`]);
  const names = Object.keys(attributesOf(batch));
  assert.deepEqual(names, [`a.${key}`]);
  assert.ok(batch.byteLength < 1_000_000);
});

test('flatten leaves dropped records alone', () => {
  const batch = batchOfObjects(['{"a":{"b":1}}', '{"a":{"b":1}}']);
  batch.drop(0);
  buildStage(flattenStage, {}, stageContext(batch.keys)).process(batch);
  assert.deepEqual([attributesOf(batch, 0), attributesOf(batch, 1)], [{ a: { b: 1 } }, { 'a.b': 1 }]);
});

/** No key has it. */
const JOINT = '\ue000';

test('flatten gives what joining the keys gives, also when the key table is full', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(jsonModel, jsonStyle), { maxLength: 3 }), fc.boolean(), (models, isFull) => {
      const keys = new KeyTable(isFull ? 4 : 1000);
      const lines = models.map(([model, style]) => `{"o":${jsonTextOf(model, style)}}`);
      const batch = batchOfObjects(lines, keys);
      const before = lines.map((_, record) => attributesOf(batch, record)['o']);
      buildStage(flattenStage, { separator: JOINT }, stageContext(keys)).process(batch);
      for (const [record, o] of before.entries()) {
        const expected = new Map<string, unknown>();
        if (Array.isArray(o) || Object.keys(o as object).length === 0) expected.set('o', o);
        else join('o', o, expected);
        const found = new Map(Object.entries(attributesOf(batch, record)));
        // A key that comes twice with objects leaves the values of both.
        for (const [name, value] of expected) {
          const given = found.get(name);
          assert.deepEqual(typeof value === 'number' ? Number(given) : given, value, name);
        }
      }
    }),
  );
});

function join(name: string, value: unknown, into: Map<string, unknown>): void {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const entries = isObject ? Object.entries(value) : [];
  if (entries.length === 0) into.set(name, typeof value === 'string' ? value.toWellFormed() : value);
  for (const [key, item] of entries) join(`${name}${JOINT}${key.toWellFormed()}`, item, into);
}

for (const { name, options, path } of [
  { name: 'an unknown option', options: { depth: 1 }, path: ['depth'] },
  { name: 'a depth of 0', options: { max_depth: 0 }, path: ['max_depth'] },
  { name: 'an empty separator', options: { separator: '' }, path: ['separator'] },
]) {
  test(`flatten refuses ${name}`, () => {
    assert.deepEqual(
      optionErrors(flattenStage, options).map((error) => error.path),
      [path],
    );
  });
}
