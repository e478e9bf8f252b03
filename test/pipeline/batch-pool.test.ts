import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeyTable } from '../../src/core/key-table.ts';
import { RecordBatch } from '../../src/core/record-batch.ts';
import { Resource } from '../../src/core/resource.ts';
import { BatchPool } from '../../src/pipeline/batch-pool.ts';

const STREAM = { id: 'a', name: 'a.log', resource: new Resource() };

function poolOf(size: number): BatchPool {
  return new BatchPool(size, new KeyTable(), () => 1000);
}

test('rent() gives an empty batch of the stream, also when it was used before', async () => {
  const pool = poolOf(1);
  const first = await pool.rent(STREAM, new AbortController().signal);
  first.appendText('old');
  first.addRecord(0, 3);
  pool.giveBack(first);
  const second = await pool.rent({ ...STREAM, id: 'b' }, new AbortController().signal);
  assert.equal(second, first);
  assert.deepEqual([second.count, second.byteLength, second.stream.id, second.observedUnixMs], [0, 0, 'b', 1000]);
});

test('rent() waits while all batches are out, and serves in order', async () => {
  const pool = poolOf(1);
  const { signal } = new AbortController();
  const batch = await pool.rent(STREAM, signal);
  const served: string[] = [];
  const waiting = ['b', 'c'].map((id) =>
    pool.rent({ ...STREAM, id }, signal).then((rented) => {
      served.push(id);
      return rented;
    }),
  );
  await new Promise(setImmediate);
  assert.deepEqual(served, []);
  pool.giveBack(batch);
  pool.giveBack(await waiting[0]!);
  await waiting[1]!;
  assert.deepEqual(served, ['b', 'c']);
});

test('rent() rejects when its signal aborts, and leaves the batch to the next', async () => {
  const pool = poolOf(1);
  const batch = await pool.rent(STREAM, new AbortController().signal);
  const stop = new AbortController();
  const waiting = pool.rent(STREAM, stop.signal);
  stop.abort(new Error('stopped'));
  await assert.rejects(waiting, /stopped/);
  pool.giveBack(batch);
  assert.equal(await pool.rent(STREAM, new AbortController().signal), batch);
});

test('a batch that is not of the pool goes back to whoever sent it', async () => {
  const pool = poolOf(1);
  const guest = new RecordBatch(new KeyTable(), 64);
  let returns = 0;
  pool.expect(guest, () => returns++);
  const own = await pool.rent(STREAM, new AbortController().signal);
  pool.giveBack(guest);
  assert.equal(returns, 1);
  assert.equal(pool.isFree, false);
  pool.giveBack(own);
  assert.equal(await pool.rent(STREAM, new AbortController().signal), own);
});
