import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joinStates } from '../../../src/sources/file/join-states.ts';
import { encodeState, parseState, type StoredState, type StreamEntry } from '../../../src/sources/file/stream-entry.ts';

const ENTRY: StreamEntry = {
  id: '00112233445566ff',
  key: '1:1',
  path: '/logs/app.log',
  home: '/logs/app.log',
  bornNs: 100n,
  generation: 0,
  offset: 50,
  resume: 'line',
  size: 80,
  head: { length: 50, hash: '0123456789abcdef' },
  window: { length: 50, hash: '0123456789abcdef' },
};
const YOUNGER: StreamEntry = { ...ENTRY, id: 'ff', key: '1:2', bornNs: 200n };
const NOTHING = { length: 0, hash: '' };

function join(...states: Partial<StoredState>[]): StoredState {
  const whole = states.map((state) => encodeState({ streams: [], searches: [], lost: [], ...state }));
  return parseState(JSON.parse(JSON.stringify(joinStates(whole))));
}

for (const { name, states, expected } of [
  {
    name: 'where the slowest reader is, in either order',
    states: [{ ...ENTRY, offset: 80 }, ENTRY],
    expected: ENTRY,
  },
  {
    name: 'in the older generation',
    states: [{ ...ENTRY, generation: 1, offset: 3 }, ENTRY],
    expected: ENTRY,
  },
  {
    name: 'as the older file that had its inode',
    states: [{ ...ENTRY, id: 'aa', bornNs: 300n, offset: 3 }, ENTRY],
    expected: ENTRY,
  },
]) {
  test(`joinStates() takes a stream ${name}`, () => {
    assert.deepEqual(join(...states.map((entry) => ({ streams: [entry] }))).streams, [expected]);
    assert.deepEqual(join(...states.toReversed().map((entry) => ({ streams: [entry] }))).streams, [expected]);
  });
}

test('joinStates() reads a stream anew that one reader has not seen, and goes on in one that it is done with', () => {
  const { streams } = join({ streams: [ENTRY, YOUNGER] }, { streams: [ENTRY] });
  assert.deepEqual(streams, [ENTRY, { ...YOUNGER, offset: 0, window: NOTHING }]);
  assert.deepEqual(join({ streams: [ENTRY, YOUNGER] }, { streams: [YOUNGER] }).streams, [ENTRY, YOUNGER]);
});

test('joinStates() counts a stream as lost that nobody follows any more, as far as the slowest was', () => {
  const done = { ...ENTRY, offset: 80 };
  assert.deepEqual(join({ lost: [done] }, { streams: [ENTRY] }), { streams: [ENTRY], searches: [], lost: [] });
  assert.deepEqual(join({ lost: [ENTRY] }, { streams: [done] }), { streams: [ENTRY], searches: [], lost: [] });
  assert.deepEqual(join({ lost: [done] }, { lost: [ENTRY] }).lost, [ENTRY]);
  const later = { ...done, generation: 1 };
  assert.deepEqual(join({ lost: [done, later] }, { lost: [later] }).lost, [done, later]);
});

test('joinStates() searches from the earliest time on', () => {
  const search = (afterNs: bigint) => ({ searches: [{ home: '/logs/app.log', afterNs }] });
  assert.deepEqual(join(search(7n), search(5n)).searches, search(5n).searches);
});

test('joinStates() takes what no reader wrote for nothing', () => {
  assert.deepEqual(joinStates([undefined, 7, { streams: 'none' }]), { streams: [], searches: [], lost: [] });
});
