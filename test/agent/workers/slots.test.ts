import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Slot, Slots, type ToldMemory } from '../../../src/agent/workers/slots.ts';
import { KeyTable } from '../../../src/core/key-table.ts';
import { type PackedMemory, RecordBatch } from '../../../src/core/record-batch.ts';
import { Resource } from '../../../src/core/resource.ts';

const STREAM = { id: 'app', name: 'app.log', resource: new Resource() };
const never = new AbortController().signal;

/** The other thread, which knows what memory it was told of. */
class OtherThread {
  readonly batch = new RecordBatch(new KeyTable(), 64);
  #known: Partial<PackedMemory> = {};

  /** Takes what is in the slot; gives what it was told. */
  take(slot: Slot): ToldMemory {
    const { packed, memory } = slot.pack();
    if (memory.arena !== undefined) this.#known = { ...this.#known, arena: Buffer.from(memory.arena) };
    if (memory.columns !== undefined) this.#known = { ...this.#known, columns: Buffer.from(memory.columns) };
    const { arena, columns } = this.#known;
    assert.ok(arena !== undefined && columns !== undefined);
    this.batch.unpack({ arena, columns }, packed, STREAM, []);
    return memory;
  }

  get bodies(): string[] {
    const { batch } = this;
    return Array.from({ length: batch.count }, (_, record) =>
      batch.text(batch.bodyStart[record]!, batch.bodyEnd[record]!),
    );
  }
}

function fill({ batch }: Slot, bodies: readonly string[]): void {
  batch.reset(STREAM, 0);
  for (const body of bodies) batch.addRecord(batch.appendText(body), batch.byteLength);
}

test('a slot tells of its memory once, and again when a batch has outgrown it', () => {
  const slot = new Slot(0, new KeyTable());
  const there = new OtherThread();
  const large = ['x'.repeat(3_000_000)];
  const many = Array.from({ length: 20_000 }, (_, i) => `line ${i}`);
  for (const { bodies, told } of [
    { bodies: ['first'], told: ['arena', 'columns'] },
    { bodies: ['second', 'third'], told: [] },
    { bodies: large, told: ['arena'] },
    { bodies: many, told: ['arena', 'columns'] },
    { bodies: many, told: [] },
  ]) {
    fill(slot, bodies);
    assert.deepEqual(Object.keys(there.take(slot)), told);
    assert.deepEqual(there.bodies, bodies);
  }
});

test('what the other thread appends leaves the memory of the slot when that is full, and the next batch is in it again', () => {
  const slot = new Slot(0, new KeyTable());
  const there = new OtherThread();
  fill(slot, ['first']);
  there.take(slot);
  const { batch } = there;
  const added = 'y'.repeat(2_000_000);
  assert.equal(batch.text(batch.appendText(added), batch.byteLength), added);
  assert.deepEqual(there.bodies, ['first']);
  fill(slot, ['second']);
  assert.deepEqual(there.take(slot), {});
  assert.deepEqual(there.bodies, ['second']);
  assert.equal(batch.bytes.buffer, slot.batch.bytes.buffer);
});

test('who takes a slot waits while all are out, and can be stopped', async () => {
  const slots = new Slots(2, new KeyTable());
  const first = await slots.take(never);
  await slots.take(never);
  assert.equal(slots.isFree, false);
  const waiting = slots.take(never);
  slots.giveBack(first.number);
  assert.equal(await waiting, first);
  const stop = new AbortController();
  const stopped = slots.take(stop.signal);
  stop.abort(new Error('enough'));
  await assert.rejects(stopped, { message: 'enough' });
});
