import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Judge, verdictOf } from '../../src/condition/verdict.ts';
import type { Sink } from '../../src/core/contracts.ts';
import { KeyTable } from '../../src/core/key-table.ts';
import { CountedLease, type Lease, type Outcome } from '../../src/core/lease.ts';
import type { RecordBatch } from '../../src/core/record-batch.ts';
import { Resource } from '../../src/core/resource.ts';
import { BatchPool } from '../../src/pipeline/batch-pool.ts';
import { Pipeline } from '../../src/pipeline/pipeline.ts';
import { PipelineEnd } from '../../src/pipeline/pipeline-end.ts';
import { SourceOutput } from '../../src/pipeline/source-output.ts';
import { Counter } from '../../src/telemetry/metrics.ts';
import { pipelineOf } from '../harness/pipeline.ts';

const STREAM = { id: 'a', name: 'a.log', resource: new Resource() };

/** A sink that keeps bodies, refuses while it is closed, and settles at once. */
class ListSink implements Sink {
  readonly bodies: string[] = [];
  isFull = false;
  #ready = Promise.withResolvers<void>();

  write(batch: RecordBatch, lease: Lease): boolean {
    if (this.isFull) return false;
    for (let record = 0; record < batch.count; record++) {
      if (!batch.isLive(record)) continue;
      this.bodies.push(batch.text(batch.bodyStart[record]!, batch.bodyEnd[record]!));
    }
    lease.settle('delivered');
    return true;
  }

  ready(): Promise<void> {
    return this.#ready.promise;
  }

  open(): void {
    this.isFull = false;
    this.#ready.resolve();
  }

  async flush(): Promise<void> {}
  async close(): Promise<void> {}
}

/** A stage that writes over the first letter of each body. */
const shout = {
  process(batch: RecordBatch): void {
    for (let record = 0; record < batch.count; record++) batch.bytes.write('X', batch.bodyStart[record]!);
  },
};

function setUp(options: {
  pipelines: Pipeline[];
  batches?: number;
  stop?: AbortSignal;
  pause?: (ms: number, signal: AbortSignal) => Promise<void>;
}) {
  const pool = new BatchPool(options.batches ?? 2, new KeyTable(), () => 0);
  const stop = options.stop ?? new AbortController().signal;
  const abandoned = new Counter();
  const output = new SourceOutput(pool, options.pipelines, {
    stop,
    abandoned,
    pause: options.pause ?? (() => assert.fail('nothing asked for a pause')),
    onError: (error) => {
      throw error;
    },
  });
  const outcomes: Outcome[] = [];
  const send = async (text: string): Promise<void> => {
    const batch = await output.rent(STREAM, stop);
    const start = batch.appendText(text);
    batch.addRecord(start, batch.byteLength);
    output.send(batch, new CountedLease((outcome) => outcomes.push(outcome)));
  };
  return { output, outcomes, abandoned, send };
}

test('send() takes batches through stages to sinks, in order', async () => {
  const sink = new ListSink();
  const { output, outcomes, send } = setUp({ pipelines: [pipelineOf('p', [shout], new Map([['s', sink]]))] });
  for (const text of ['one', 'two', 'three']) await send(text);
  await output.idle();
  assert.deepEqual(sink.bodies, ['Xne', 'Xwo', 'Xhree']);
  assert.deepEqual(outcomes, ['delivered', 'delivered', 'delivered']);
});

test('send() gives each pipeline the records as they were read', async () => {
  const changed = new ListSink();
  const raw = new ListSink();
  const pipelines = [pipelineOf('a', [shout], new Map([['s', changed]])), pipelineOf('b', [], new Map([['s', raw]]))];
  const { output, outcomes, send } = setUp({ pipelines });
  await send('one');
  await output.idle();
  assert.deepEqual([changed.bodies, raw.bodies], [['Xne'], ['one']]);
  assert.deepEqual(outcomes, ['delivered']);
});

test('rent() waits while a sink is full, and goes on when it is ready', async () => {
  const sink = new ListSink();
  sink.isFull = true;
  const { output, send } = setUp({ pipelines: [pipelineOf('p', [], new Map([['s', sink]]))], batches: 1 });
  await send('one');
  const second = send('two');
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
  assert.deepEqual(sink.bodies, []);
  sink.open();
  await second;
  await output.idle();
  assert.deepEqual(sink.bodies, ['one', 'two']);
});

test('a pause that a stage asks for holds the batches behind, and with them the source, until it is over', async () => {
  const sink = new ListSink();
  const pauses: { ms: number; end: () => void }[] = [];
  const pause = (ms: number): Promise<void> => new Promise((end) => pauses.push({ ms, end }));
  const asking = { process: (batch: RecordBatch) => [3, 7, 5].forEach((ms) => void batch.askPause(ms)) };
  const { output, outcomes, send } = setUp({
    pipelines: [pipelineOf('p', [asking], new Map([['s', sink]])), pipelineOf('q', [], new Map([['s', sink]]))],
    batches: 1,
    pause,
  });
  await send('one');
  await send('two');
  let isRented = false;
  const third = send('three').then(() => (isRented = true));
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
  assert.deepEqual([sink.bodies, outcomes, isRented], [['one', 'one'], ['delivered'], false]);
  assert.deepEqual(
    pauses.map(({ ms }) => ms),
    [7],
  );
  pauses[0]!.end();
  await third;
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
  assert.deepEqual(sink.bodies, ['one', 'one', 'two', 'two']);
  assert.equal(pauses.length, 2);
  pauses[1]!.end();
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
  pauses[2]!.end();
  await output.idle();
  assert.deepEqual(outcomes, ['delivered', 'delivered', 'delivered']);
});

for (const { name, end } of [
  { name: 'hurry() ends a pause, and all that would follow', end: (output: SourceOutput) => output.hurry() },
  {
    name: 'use() ends a pause, which was the wish of a stage that may be gone',
    end: (output: SourceOutput) => void output.use([], { afterOthers: false }),
  },
]) {
  test(name, async () => {
    const sink = new ListSink();
    const pause = (_: number, signal: AbortSignal): Promise<void> =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
    const asking = { process: (batch: RecordBatch) => batch.askPause(3_600_000) };
    const { output, send } = setUp({ pipelines: [pipelineOf('p', [asking], new Map([['s', sink]]))], pause });
    await send('one');
    await send('two');
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
    assert.deepEqual(sink.bodies, ['one']);
    end(output);
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
    assert.deepEqual(sink.bodies, ['one', 'two']);
    output.hurry();
    await output.idle();
  });
}

test('BPR-05 a full sink keeps a batch from no other sink, of its pipeline or of a later one', async () => {
  const full = new ListSink();
  full.isFull = true;
  const [beside, later] = [new ListSink(), new ListSink()];
  const pipelines = [
    pipelineOf('a', [shout], new Map(Object.entries({ full, beside }))),
    pipelineOf('b', [], new Map([['later', later]])),
  ];
  const { output, outcomes, send } = setUp({ pipelines });
  await send('one');
  for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
  assert.deepEqual([full.bodies, beside.bodies, later.bodies, outcomes], [[], ['Xne'], ['one'], []]);
  full.open();
  await output.idle();
  assert.deepEqual([full.bodies, beside.bodies, later.bodies, outcomes], [['Xne'], ['Xne'], ['one'], ['delivered']]);
});

test('stop abandons what waits for a full sink', async () => {
  const full = new ListSink();
  full.isFull = true;
  const stop = new AbortController();
  const pipelines = [
    pipelineOf(
      'p',
      [],
      new Map([
        ['full', full],
        ['behind', new ListSink()],
      ]),
    ),
  ];
  const { output, outcomes, abandoned, send } = setUp({ pipelines, stop: stop.signal });
  await send('one');
  await new Promise(setImmediate);
  stop.abort();
  await output.idle();
  assert.deepEqual(outcomes, ['abandoned']);
  assert.equal(abandoned.value, 1, 'counted for the sink that was full');
});

test('a sink gets the records that meet its condition, and the others count as dropped for it', async () => {
  const [some, all] = [new ListSink(), new ListSink()];
  some.isFull = true;
  const isLong: Judge = ({ bodyStart, bodyEnd }, record) => verdictOf(bodyEnd[record]! - bodyStart[record]! > 3);
  const pipelines = [pipelineOf('p', [], new Map(Object.entries({ some, all })), { some: isLong })];
  const { output } = setUp({ pipelines });
  const counted: unknown[] = [];
  const tally = { count: (...count: unknown[]) => void counted.push(count), onCommit() {}, commit() {} };
  const outcomes: Outcome[] = [];
  const batch = await output.rent(STREAM, new AbortController().signal);
  for (const text of ['one', 'three', 'two']) {
    const start = batch.appendText(text);
    batch.addRecord(start, batch.byteLength);
  }
  output.send(batch, new CountedLease((outcome) => outcomes.push(outcome), tally));
  for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
  assert.deepEqual([some.bodies, all.bodies], [[], ['one', 'three', 'two']]);
  some.open();
  await output.idle();
  assert.deepEqual([some.bodies, outcomes], [['three'], ['delivered']]);
  assert.deepEqual(counted, [['p/some', 'dropped', 2, 'route']]);
});

test('use() has what was sent before go on its old way, and says when all of it is settled', async () => {
  const [old, next] = [new ListSink(), new ListSink()];
  old.isFull = true;
  const to = (sink: ListSink): Pipeline[] => [pipelineOf('p', [], new Map([['s', sink]]))];
  const { output, outcomes, send } = setUp({ pipelines: to(old), batches: 3 });
  await send('one');
  await send('two');
  const settled = output.use(to(next), { afterOthers: false });
  await send('three');
  old.open();
  assert.equal(await settled, 'delivered');
  await output.idle();
  assert.deepEqual([old.bodies, next.bodies], [['one', 'two'], ['three']]);
  assert.deepEqual(outcomes, ['delivered', 'delivered', 'delivered']);
  assert.equal(await output.use(to(old), { afterOthers: true }), 'delivered');
  await send('four');
  await output.idle();
  assert.deepEqual(old.bodies, ['one', 'two', 'four']);
});

/** A sink that takes everything, and answers when it is told to. */
class SlowSink extends ListSink {
  readonly leases: Lease[] = [];

  override write(batch: RecordBatch, lease: Lease): boolean {
    lease.retain();
    this.leases.push(lease);
    return super.write(batch, lease);
  }
}

test('use() with afterOthers offers nothing to the new sinks before all is settled, on however old a way', async () => {
  const [slow, next] = [new SlowSink(), new ListSink()];
  const toSlow = (): Pipeline[] => [pipelineOf('p', [], new Map([['s', slow]]))];
  const { output, send } = setUp({ pipelines: toSlow(), batches: 4 });
  await send('one');
  await output.idle();
  void output.use(toSlow(), { afterOthers: false });
  await send('two');
  await output.idle();
  const settled = output.use([pipelineOf('p', [], new Map([['s', next]]))], { afterOthers: true });
  await send('three');
  slow.leases[1]!.settle('delivered');
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
  assert.deepEqual([slow.bodies, next.bodies], [['one', 'two'], []]);
  slow.leases[0]!.settle('rejected');
  assert.equal(await settled, 'rejected');
  await output.idle();
  assert.deepEqual(next.bodies, ['three']);
});

test('stop abandons what waits for older batches: no sink has seen it', async () => {
  const [slow, next] = [new SlowSink(), new ListSink()];
  const stop = new AbortController();
  const ways = [pipelineOf('p', [], new Map([['s', slow]]))];
  const { output, outcomes, abandoned, send } = setUp({ pipelines: ways, batches: 4, stop: stop.signal });
  await send('one');
  const settled = output.use([pipelineOf('p', [shout], new Map([['s', next]]))], { afterOthers: true });
  await send('two');
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
  stop.abort();
  await output.idle();
  assert.deepEqual([slow.bodies, next.bodies, outcomes, abandoned.value], [['one'], [], ['abandoned'], 1]);
  slow.leases[0]!.settle('abandoned');
  assert.equal(await settled, 'abandoned');
});

test('send() takes the batches of a stream through the pipelines that take it, and counts the others as dropped there', async () => {
  const [all, special] = [new ListSink(), new ListSink()];
  const pipelines = [
    new Pipeline([], [new PipelineEnd('all/s', all, undefined)], { takes: (asked) => asked !== 'special' }),
    new Pipeline([shout], [new PipelineEnd('special/s', special, undefined)], {
      takes: (asked) => asked === 'special',
    }),
  ];
  const { output, outcomes } = setUp({ pipelines });
  const counted: string[] = [];
  const tally = {
    count: (route: string, outcome: Outcome, records: number, reason: string) =>
      void counted.push(`${route} ${outcome} ${records} ${reason}`),
    onCommit: () => {},
    commit: () => {},
  };
  for (const stream of [STREAM, { ...STREAM, pipeline: 'special' }]) {
    const batch = await output.rent(stream, new AbortController().signal);
    const start = batch.appendText('one');
    batch.addRecord(start, batch.byteLength);
    output.send(batch, new CountedLease((outcome) => outcomes.push(outcome), tally));
  }
  await output.idle();
  assert.deepEqual([all.bodies, special.bodies], [['one'], ['Xne']]);
  assert.deepEqual(counted, ['special/s dropped 1 route', 'all/s dropped 1 route']);
  assert.deepEqual(outcomes, ['dropped', 'dropped']);
});
