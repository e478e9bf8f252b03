import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_FINGERPRINT } from '../../../src/checkpoint/file-identity.ts';
import { AbsentStreams } from '../../../src/sources/file/absent-streams.ts';
import type { StreamEntry } from '../../../src/sources/file/stream-entry.ts';
import { sourceLedger } from '../../harness/ledger.ts';

function entry(key: string): StreamEntry {
  const path = `/logs/${key}`;
  const [head, window] = [NO_FINGERPRINT, NO_FINGERPRINT];
  return {
    id: key,
    key,
    path,
    home: path,
    bornNs: 1n,
    generation: 0,
    offset: 0,
    resume: 'line',
    size: 0,
    head,
    window,
  };
}

const MINUTE_MS = 60_000;

test('DEL-05 prune() drops an entry once its absence was proven for ten minutes', () => {
  const absent = new AbsentStreams(sourceLedger());
  absent.add(entry('1:2'));
  absent.prune(0, () => 10 * MINUTE_MS);
  absent.prune(10 * MINUTE_MS - 1, () => 10 * MINUTE_MS);
  assert.ok(absent.has('1:2'));
  absent.prune(10 * MINUTE_MS, () => 10 * MINUTE_MS);
  assert.ok(!absent.has('1:2'));
});

test('prune() starts anew after a look that proved nothing', () => {
  const absent = new AbsentStreams(sourceLedger());
  absent.add(entry('1:2'));
  absent.prune(0, () => 10 * MINUTE_MS);
  absent.prune(9 * MINUTE_MS, () => undefined);
  absent.prune(10 * MINUTE_MS, () => 10 * MINUTE_MS);
  absent.prune(19 * MINUTE_MS, () => 10 * MINUTE_MS);
  assert.ok(absent.has('1:2'));
  absent.prune(20 * MINUTE_MS, () => 10 * MINUTE_MS);
  assert.ok(!absent.has('1:2'));
});

test('getByInode() finds an inode on another device, and only the whole number', () => {
  const absent = new AbsentStreams(sourceLedger());
  absent.add(entry('1:23'));
  assert.equal(absent.getByInode('9:23')?.key, '1:23');
  assert.equal(absent.getByInode('9:3'), undefined);
});

test('DEL-05 add() keeps a bounded number, dropping the oldest', () => {
  const absent = new AbsentStreams(sourceLedger());
  for (let inode = 0; inode <= 50_000; inode++) absent.add(entry(`1:${inode}`));
  assert.equal(Array.from(absent.entries()).length, 50_000);
  assert.ok(!absent.has('1:0'));
  assert.ok(absent.has('1:50000'));
});
