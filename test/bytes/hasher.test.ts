import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Hasher } from '../../src/bytes/hasher.ts';

const hasher = new Hasher();

const HASHES = [
  [1453517534, 947558074],
  [-1657427206, -591748024],
];

function hashOf(text: string, seed = 0, padding = ''): readonly [number, number] {
  const bytes = Buffer.from(`${padding}${text}\0${padding}xyz`);
  const start = Buffer.byteLength(padding);
  hasher.start(seed);
  hasher.addSpan(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), start, start + Buffer.byteLength(text));
  hasher.finish();
  return [hasher.low, hasher.high];
}

test('a hash depends on the text and the seed, and on nothing around', () => {
  for (const text of ['', 'a', 'abc', 'abcd', 'abcdefg']) {
    assert.deepEqual(hashOf(text, 1, 'pad'), hashOf(text, 1));
    assert.notDeepEqual(hashOf(text, 1), hashOf(text, 2));
    assert.notDeepEqual(hashOf(text), hashOf(`${text}\0`));
  }
});

test('a hash is the same for ever: samples are chosen by it', () => {
  assert.deepEqual([hashOf('a'), hashOf('hello world', 7)], HASHES);
});

test('hashes of texts that are alike are spread evenly, in both halves', () => {
  const buckets = [new Uint32Array(64), new Uint32Array(64), new Uint32Array(64)];
  const seen = new Set<string>();
  for (let i = 0; i < 64_000; i++) {
    const [low, high] = hashOf(`user-${i}`);
    seen.add(`${low}`);
    buckets[0]![low & 63]!++;
    buckets[1]![high >>> 26]!++;
    buckets[2]![high & 63]!++;
  }
  // Of 64,000 numbers of 32 bits half a pair is expected to be equal.
  assert.ok(seen.size >= 63_996);
  // Four standard deviations of a bucket are 125.
  for (const counts of buckets) for (const count of counts) assert.ok(Math.abs(count - 1000) < 150, `${count}`);
});
