import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { KeyTable } from '../../../src/core/key-table.ts';
import { jsonStage } from '../../../src/stages/json/index.ts';
import { attributesOf, batchOf, plainRecord } from '../../harness/batch.ts';
import { assertExample, buildStage, processObjects, stageContext } from '../stage-fixture.ts';

test('the example of json holds', () => assertExample(jsonStage));

for (const { name, options, object, expected } of [
  {
    name: 'an attribute, which it replaces',
    options: { field: 'log' },
    object: { id: 1, log: '{"level":"info","n":[1]}', z: 2 },
    expected: { id: 1, z: 2, level: 'info', n: [1] },
  },
  {
    name: 'a nested object',
    options: { field: 'ctx' },
    object: { ctx: { a: 1, b: { c: 2 } } },
    expected: { a: 1, b: { c: 2 } },
  },
  {
    name: 'an attribute that holds one of its own name',
    options: { field: 'log' },
    object: { log: '{"log":"inner","a":1}' },
    expected: { log: 'inner', a: 1 },
  },
  {
    name: 'attributes that replace older ones',
    options: { field: 'log' },
    object: { a: 'old', log: '{"a":1,"a":2}', b: 'old' },
    expected: { b: 'old', a: 2 },
  },
  { name: 'an empty object', options: { field: 'log' }, object: { log: '{}' }, expected: {} },
  {
    name: 'what has escapes, with a prefix',
    options: { field: 'log', prefix: 'app.' },
    object: { log: '{"a\\u0062":"\\n","c":1}' },
    expected: { 'app.ab': '\n', 'app.c': 1 },
  },
  { name: 'nothing where the attribute is missing', options: { field: 'log' }, object: { a: 1 }, expected: { a: 1 } },
  { name: 'no number', options: { field: 'log' }, object: { log: 1 }, expected: { log: 1 } },
]) {
  test(`json reads ${name}`, () => {
    const batch = processObjects(jsonStage, options, [JSON.stringify(object), JSON.stringify(object)]);
    assert.deepEqual(batch.failures, []);
    for (const record of [0, 1]) {
      assert.deepEqual(Object.entries(attributesOf(batch, record)), Object.entries(expected));
    }
  });
}

for (const log of ['text', '{"a":1', '["a"]', '']) {
  test(`json leaves the attribute ${JSON.stringify(log)} where it is, and says that it is no object`, () => {
    const object = { a: 0, log, z: 1 };
    const batch = processObjects(jsonStage, { field: 'log' }, [JSON.stringify(object)]);
    assert.deepEqual(Object.entries(attributesOf(batch)), Object.entries(object));
    assert.deepEqual(batch.failures, [{ record: 0, reason: 'no JSON object' }]);
  });
}

test('json puts the prefix before each name of a body', () => {
  const batch = batchOf(['{"a":1,"b":{"c":2}}', '{"a":3,"b":{"c":2}}', 'x']);
  buildStage(jsonStage, { prefix: 'app.' }, stageContext(batch.keys)).process(batch);
  assert.deepEqual(attributesOf(batch, 0), { 'app.a': 1, 'app.b': { c: 2 } });
  assert.deepEqual(attributesOf(batch, 1), { 'app.a': 3, 'app.b': { c: 2 } });
  assert.equal(plainRecord(batch, 2).body, 'x');
});

test('json gives a key that comes twice its last value, whatever the key table has room for', () => {
  const pair = fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 9 }));
  const object = fc
    .array(pair, { maxLength: 60 })
    .map((pairs) => `{${pairs.map(([key, value]) => `"k${key}":${value}`).join(',')}}`);
  fc.assert(
    fc.property(fc.array(object, { minLength: 1, maxLength: 4 }), (bodies) => {
      const keys = new KeyTable(30);
      const stage = buildStage(jsonStage, {}, stageContext(keys));
      for (let round = 0; round < 2; round++) {
        const batch = batchOf(bodies, keys);
        stage.process(batch);
        for (const [record, body] of bodies.entries()) {
          assert.deepEqual(attributesOf(batch, record), JSON.parse(body));
        }
      }
    }),
  );
});

test('json reads 100,000 keys, most of them too many for the key table, in one line', () => {
  const pairs = Array.from({ length: 100_000 }, (_, i) => `"k${i}":${i}`);
  const batch = batchOf([`{${pairs.join(',')},"k0":-1}`]);
  buildStage(jsonStage, {}, stageContext(batch.keys)).process(batch);
  const attributes = attributesOf(batch);
  assert.equal(Object.keys(attributes).length, 100_000);
  assert.equal(attributes['k0'], -1);
  assert.equal(attributes['k99999'], 99_999);
});
