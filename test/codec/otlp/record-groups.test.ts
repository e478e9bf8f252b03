import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RecordGroups } from '../../../src/codec/otlp/record-groups.ts';
import { Resource } from '../../../src/core/resource.ts';

const RESOURCES = [new Resource([['a', 1]]), new Resource([['b', 1]]), new Resource()];

/** What the class must give, the slow way: the bytes are numbered, a record is the list of its bytes. */
function expectedGroups(records: readonly { resource: number; length: number }[], from: number, to: number) {
  const bytesOf = new Map<number, number[]>();
  let at = 0;
  for (const [index, { resource, length }] of records.entries()) {
    if (index >= from && index < to) {
      const bytes = bytesOf.get(resource) ?? [];
      bytesOf.set(resource, bytes);
      for (let i = 0; i < length; i++) bytes.push(at + i);
    }
    at += length;
  }
  return [...bytesOf].map(([resource, bytes]) => ({ resource: RESOURCES[resource], bytes }));
}

const record = fc.record(
  { resource: fc.nat({ max: 2 }), length: fc.integer({ min: 1, max: 4 }), isUndone: fc.boolean() },
  { noNullPrototype: true },
);

test('RecordGroups.groups() has each resource once, and every record in its order', () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 30 }), fc.nat(), fc.nat(), (attempts, a, b) => {
      const groups = new RecordGroups();
      const kept: typeof attempts = [];
      for (const attempt of attempts) {
        const { resource, length, isUndone } = attempt;
        const isNew = !kept.some((other) => other.resource === resource);
        assert.equal(groups.add(RESOURCES[resource]!, groups.end + length), isNew);
        if (isUndone) assert.equal(groups.undo(), isNew ? RESOURCES[resource] : undefined);
        else kept.push(attempt);
      }
      assert.equal(groups.count, kept.length);
      const from = a % (kept.length + 1);
      const to = from + (b % (kept.length - from + 1));
      const found = groups.groups(from, to).map(({ resource, spans, byteLength }) => {
        const bytes: number[] = [];
        for (let i = 0; i < spans.length; i += 2) for (let at = spans[i]!; at < spans[i + 1]!; at++) bytes.push(at);
        assert.equal(byteLength, bytes.length);
        return { resource, bytes };
      });
      assert.deepEqual(found, expectedGroups(kept, from, to));
    }),
  );
});

test('RecordGroups.groups() joins neighbours into one span', () => {
  const groups = new RecordGroups();
  for (let end = 10; end <= 50_000; end += 10) groups.add(RESOURCES[0]!, end);
  assert.deepEqual(groups.groups(1, groups.count), [
    { resource: RESOURCES[0], byteLength: 49_990, spans: [10, 50_000] },
  ]);
});

test('RecordGroups.clear() forgets records and resources', () => {
  const groups = new RecordGroups();
  groups.add(RESOURCES[0]!, 5);
  groups.clear();
  assert.equal(groups.end, 0);
  assert.deepEqual(groups.groups(0, 0), []);
  assert.equal(groups.add(RESOURCES[0]!, 3), true);
});
