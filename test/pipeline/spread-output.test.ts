import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Room } from '../../src/core/contracts.ts';
import { KeyTable } from '../../src/core/key-table.ts';
import { CountedLease, type Lease, type Outcome } from '../../src/core/lease.ts';
import { RecordBatch } from '../../src/core/record-batch.ts';
import { Resource } from '../../src/core/resource.ts';
import type { Stream } from '../../src/core/stream.ts';
import type { BatchLane, UseOptions } from '../../src/pipeline/batch-output.ts';
import type { Pipeline } from '../../src/pipeline/pipeline.ts';
import { type Spread, SpreadOutput } from '../../src/pipeline/spread-output.ts';
import { openNext, openWays } from '../../src/pipeline/ways.ts';

const keys = new KeyTable();
const resource = new Resource();
const never = new AbortController().signal;

/** A lane that keeps what it is sent, until the test settles it. */
class KeptLane implements BatchLane {
  readonly sent: { readonly stream: string; readonly lease: Lease; readonly isOpen: boolean }[] = [];
  isFree = true;
  #ways = openWays([], undefined);

  async rent(stream: Stream): Promise<RecordBatch> {
    const batch = new RecordBatch(keys, 64);
    batch.reset(stream, 0);
    return batch;
  }

  giveBack(): void {}

  send({ stream }: RecordBatch, lease: Lease): void {
    lease.carry(this.#ways.taken);
    this.sent.push({ stream: stream.id, lease, isOpen: this.#ways.opening === undefined });
  }

  settle(outcome: Outcome = 'delivered'): void {
    for (const { lease } of this.sent.splice(0)) lease.settle(outcome);
  }

  get isOpen(): boolean {
    return this.#ways.opening === undefined;
  }

  get pipelines(): readonly Pipeline[] {
    return this.#ways.pipelines;
  }

  get settled(): Promise<Outcome> {
    return this.#ways.settled;
  }

  use(pipelines: readonly Pipeline[], options: UseOptions): Promise<Outcome> {
    const before = this.#ways;
    this.#ways = openNext(before, pipelines, options);
    return before.settled;
  }

  hurry(): void {}
  async idle(): Promise<void> {}
}

function setUp(first: Spread = 'freely') {
  let spread = first;
  const [alone, one, two] = [new KeptLane(), new KeptLane(), new KeptLane()];
  const output = new SpreadOutput(alone, [one, two], () => spread);
  const send = async (id: string, sequence?: string): Promise<void> => {
    const stream = { id, name: id, resource, ...(sequence !== undefined && { sequence }) };
    output.send(await output.rent(stream, never), new CountedLease(() => {}));
  };
  const use = (next: Spread, afterOthers = false): Promise<Outcome> => {
    spread = next;
    return output.use([], { afterOthers });
  };
  const streams = (): string[][] => [alone, one, two].map(({ sent }) => sent.map(({ stream }) => stream));
  const roomFor = (id: string): Room => output.roomFor({ id, name: id, resource });
  return { output, alone, one, two, send, use, streams, roomFor };
}

/** Lets everything happen that waits for nothing. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('streams are spread evenly, and each stays in its lane while something of it is under way', async () => {
  const { one, send, streams } = setUp();
  for (const id of ['a', 'b', 'c', 'd', 'a', 'b']) await send(id);
  assert.deepEqual(streams(), [[], ['a', 'c', 'a'], ['b', 'd', 'b']]);
  one.isFree = false;
  await send('c');
  assert.deepEqual(streams()[1], ['a', 'c', 'a', 'c']);
});

test('a stream of which nothing is under way changes a lane that has no room for one that has', async () => {
  const { one, two, send, streams } = setUp();
  await send('a');
  one.settle();
  await turn();
  await send('a');
  assert.deepEqual(streams(), [[], ['a'], []]);
  one.settle();
  one.isFree = false;
  await send('a');
  assert.deepEqual(streams(), [[], [], ['a']]);
  two.settle();
  two.isFree = false;
  await send('a');
  assert.deepEqual(streams(), [[], [], ['a']]);
});

test('one of several streams in a full lane is held back until it can go where there is less to do', async () => {
  const { one, two, send, streams, roomFor } = setUp();
  for (const id of ['a', 'b', 'c', 'd']) await send(id);
  two.settle();
  one.isFree = false;
  for (const id of ['a', 'c']) await send(id);
  assert.deepEqual(['a', 'c'].map(roomFor), ['elsewhere', 'later']);
  one.settle();
  assert.deepEqual(['a', 'c'].map(roomFor), ['now', 'now']);
  await send('a');
  assert.deepEqual(streams(), [[], [], ['a']]);
});

test('none is held back that is alone in its lane, or where no other lane has room', async () => {
  const { one, two, send, roomFor } = setUp();
  await send('a');
  one.isFree = false;
  await send('a');
  assert.equal(roomFor('a'), 'later');
  two.isFree = false;
  for (const id of ['b', 'c', 'a']) await send(id);
  assert.equal(roomFor('a'), 'later');
});

test('who is held back and gets a batch all the same, or whose lane has room again, stays', async () => {
  const { one, two, send, streams, roomFor } = setUp();
  for (const id of ['a', 'b', 'c']) await send(id);
  two.settle();
  one.isFree = false;
  await send('a');
  assert.equal(roomFor('a'), 'elsewhere');
  one.isFree = true;
  assert.equal(roomFor('a'), 'now');
  one.isFree = false;
  await send('a');
  assert.equal(roomFor('a'), 'later');
  await send('c');
  assert.deepEqual(['a', 'c'].map(roomFor), ['later', 'elsewhere']);
  assert.deepEqual(streams(), [[], ['a', 'c', 'a', 'a', 'c'], []]);
});

test('a stream stays in its lane where stages remember it', async () => {
  const { roomFor, one, send, streams } = setUp('fixed');
  await send('a');
  one.settle();
  one.isFree = false;
  assert.deepEqual(['a', 'b'].map(roomFor), ['later', 'now']);
  await send('a');
  assert.deepEqual(streams(), [[], ['a'], []]);
});

test('what follows in a sequence takes the lane of what was before it', async () => {
  const { send, streams } = setUp();
  await send('old', 'app.log');
  await send('other');
  await send('new', 'app.log');
  assert.deepEqual(streams(), [[], ['old', 'new'], ['other']]);
});

test('pipelines that cannot be spread take the lane of their own, once nothing of a stream is in another', async () => {
  const { output, one, alone, send, use, streams } = setUp();
  await send('a');
  void use('not');
  await send('b');
  const waiting = send('a');
  await turn();
  assert.deepEqual(streams(), [['b'], ['a'], []]);
  one.settle();
  await waiting;
  assert.deepEqual(streams(), [['b', 'a'], [], []]);
  alone.settle();
  void use('freely');
  await send('a');
  assert.deepEqual(streams()[0], []);
  await output.idle();
});

test('large batches are wanted where they are handed over, once code for them is compiled', async () => {
  const { output, send, use } = setUp();
  const wanted: (number | undefined)[] = [];
  for (let i = 0; i < 100; i++) {
    wanted.push(output.largeBatchBytes);
    await send(`s${i}`);
  }
  assert.equal(wanted[0], undefined);
  assert.ok((wanted.at(-1) ?? 0) > 256 * 1024);
  void use('not');
  assert.equal(output.largeBatchBytes, undefined);
});

test('who waits for what is under way in another lane can be stopped', async () => {
  const { output, send, use } = setUp();
  await send('a');
  void use('not');
  const stop = new AbortController();
  const rented = output.rent({ id: 'a', name: 'a', resource }, stop.signal);
  stop.abort(new Error('stopped'));
  await assert.rejects(rented, { message: 'stopped' });
});

test('new ways that wait for the old ones wait for those of all lanes', async () => {
  const { one, two, send, use } = setUp();
  await send('a');
  await send('b');
  const settled = use('freely', true);
  one.settle();
  await turn();
  assert.deepEqual([one.isOpen, two.isOpen], [false, false]);
  two.settle('rejected');
  await turn();
  assert.deepEqual([one.isOpen, two.isOpen], [true, true]);
  assert.equal(await settled, 'rejected');
});

test('a batch that is given back leaves nothing under way', async () => {
  const { output, one, send, streams } = setUp();
  const stream = { id: 'a', name: 'a', resource };
  output.giveBack(await output.rent(stream, never));
  one.isFree = false;
  await send('a');
  assert.deepEqual(streams(), [[], [], ['a']]);
});

test('of very many streams the ones of which something is under way are remembered', async () => {
  const { one, two, send, streams } = setUp();
  await send('kept');
  for (let i = 0; i < 12_000; i++) {
    await send(`s${i}`);
    if (i % 100 === 99) two.settle();
    for (const { lease } of one.sent.splice(1)) lease.settle('delivered');
  }
  two.settle();
  one.isFree = false;
  await send('kept');
  assert.deepEqual(streams(), [[], ['kept', 'kept'], []]);
});
