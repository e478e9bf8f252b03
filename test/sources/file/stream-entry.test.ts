import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeState, parseState, type StreamEntry } from '../../../src/sources/file/stream-entry.ts';

const entry: StreamEntry = {
  id: '00112233445566ff',
  key: '2049:9007199254740993',
  path: '/logs/app.log.1',
  home: '/logs/app.log',
  bornNs: 1_700_000_000_123_456_789n,
  generation: 2,
  offset: 2 ** 40,
  resume: 'oversize_rest',
  size: 2 ** 40 + 5,
  head: { length: 1024, hash: '0123456789abcdef' },
  window: { length: 256, hash: 'fedcba9876543210' },
};

test('parseState() reads what encodeState() made, exactly', () => {
  const state = { streams: [entry], searches: [{ home: '/logs/app.log', afterNs: entry.bornNs }], lost: [entry] };
  assert.deepEqual(parseState(JSON.parse(JSON.stringify(encodeState(state)))), state);
});

for (const { name, change } of [
  { name: 'a missing key', change: { key: undefined } },
  { name: 'a negative offset', change: { offset: -1 } },
  { name: 'an offset that is no whole number', change: { offset: 0.5 } },
  { name: 'an unknown state', change: { resume: 'elsewhere' } },
  { name: 'a time that is no number', change: { bornNs: 'yesterday' } },
  { name: 'no fingerprint', change: { window: { length: '3' } } },
]) {
  test(`parseState() leaves out an entry with ${name}, and keeps the others`, () => {
    const stored = {
      streams: [
        { ...entry, bornNs: '1', ...change },
        { ...entry, bornNs: String(entry.bornNs) },
      ],
    };
    assert.deepEqual(parseState(stored), { streams: [entry], searches: [], lost: [] });
  });
}

test('parseState() takes anything without an exception', () => {
  const nothing = { streams: [], searches: [], lost: [] };
  fc.assert(fc.property(fc.anything(), (value) => assert.deepEqual(parseState(value), nothing)));
  fc.assert(
    fc.property(fc.array(fc.anything()), (list) => {
      assert.deepEqual(parseState({ streams: list, searches: list }), nothing);
    }),
  );
});
