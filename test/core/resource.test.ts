import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Resource } from '../../src/core/resource.ts';

test('Resource merge() has the attributes of both, the other wins, and neither changes', () => {
  const own = new Resource([
    ['service.name', 'checkout'],
    ['host.name', 'a'],
  ]);
  const other = new Resource([
    ['host.name', 'b'],
    ['process.pid', 7],
  ]);
  assert.deepEqual(Object.fromEntries(own.merge(other).attributes), {
    'service.name': 'checkout',
    'host.name': 'b',
    'process.pid': 7,
  });
  assert.equal(own.attributes.get('host.name'), 'a');
  assert.equal(other.attributes.size, 2);
});

test('Resource does not change with the map it was made from', () => {
  const attributes = new Map([['a', 1]]);
  const resource = new Resource(attributes);
  attributes.set('b', 2);
  assert.deepEqual([...resource.attributes], [['a', 1]]);
});
