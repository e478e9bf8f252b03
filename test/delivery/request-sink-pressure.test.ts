import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SendResult } from '../../src/core/contracts.ts';
import { KeyTable } from '../../src/core/key-table.ts';
import { CountedLease } from '../../src/core/lease.ts';
import { Resource } from '../../src/core/resource.ts';
import { createCompressor } from '../../src/delivery/compression.ts';
import { BatchPool } from '../../src/pipeline/batch-pool.ts';
import { SourceOutput } from '../../src/pipeline/source-output.ts';
import { batchOf } from '../harness/batch.ts';
import { pipelineOf } from '../harness/pipeline.ts';
import { DELIVERED, leaseOf, ledger, NEVER, settled, sinkOf } from './fixtures.ts';

const UNAVAILABLE: SendResult = { status: 'retryable', error: new Error('answered 503'), mayHaveArrived: true };
const SLOW: SendResult = { ...UNAVAILABLE, error: new Error('timed out'), hint: 'slow' };

/** Lines of 1000 bytes. */
function kilobytes(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${i} `.padEnd(999, '.'));
}

test('BPR-04 RequestSink holds a bounded number of bodies, however long the peer is away', async () => {
  const gzip = createCompressor('gzip');
  let bodies = 0;
  let mostBodies = 0;
  const fixture = sinkOf({
    maxInFlight: 3,
    maxRequestRecords: 10,
    compressor: {
      contentEncoding: 'gzip',
      compress: async (body) => {
        mostBodies = Math.max(mostBodies, ++bodies);
        await gzip.compress(body);
        return body;
      },
      release: () => bodies--,
    },
  });
  const { sink, transport, clock, metrics, encoderCount } = fixture;
  transport.answer = () => UNAVAILABLE;
  let written = 0;
  for (let minute = 0; minute < 100; minute++) {
    while (sink.write(batchOf(['a', 'b', 'c', 'd', 'e', 'f', 'g']), leaseOf().lease)) written += 7;
    while (transport.sent.length < 3) await settled();
    await clock.advance(60_000);
  }
  assert.ok(written <= 50, `${written} records taken`);
  assert.ok(encoderCount() <= 5, `${encoderCount()} encoders`);
  assert.ok(mostBodies <= 3, `${mostBodies} compressed bodies`);
  transport.answer = () => DELIVERED;
  await sink.flush(NEVER);
  assert.deepEqual([ledger(metrics)['delivered'], bodies], [written, 0]);
});

test('narrow() has one request in flight, and small ones, until it is wide again', async () => {
  const { sink, transport, clock } = sinkOf({ maxRequestBytes: 4_000_000, maxRequestRecords: 10_000, maxInFlight: 3 });
  const fill = async (): Promise<void> => {
    while (sink.write(batchOf(kilobytes(100)), leaseOf().lease));
    await clock.advance(1000);
    await settled();
  };
  sink.narrow(true);
  await fill();
  const [first] = transport.sent;
  assert.equal(transport.sent.length, 1);
  assert.ok(first!.length < 300, `${first!.length} KB in a request`);
  sink.narrow(false);
  transport.answer = () => DELIVERED;
  for (const sending of [...transport.open]) sending.answer(DELIVERED);
  await sink.flush(NEVER);
  transport.answer = undefined;
  await fill();
  const wide = transport.open.map(({ lines }) => lines.length);
  assert.equal(wide.length, 3);
  assert.ok(Math.max(...wide) > 3000, `${wide} KB in requests`);
  transport.answer = () => DELIVERED;
  for (const sending of [...transport.open]) sending.answer(DELIVERED);
  await sink.flush(NEVER);
});

test('BPR-06 RequestSink finds the size that a slow peer answers in time, and gets back to whole requests', async () => {
  const fixture = sinkOf({ maxRequestBytes: 200_000, maxRequestRecords: 1000 });
  const { sink, transport, clock, metrics } = fixture;
  let limit = 20_000;
  transport.answer = (lines) => (lines.join('\n').length > limit ? SLOW : DELIVERED);
  const lines = kilobytes(150);
  const first = leaseOf();
  sink.write(batchOf(lines), first.lease);
  await clock.advance(1000);
  await settled();
  while (first.outcome === undefined) await clock.advance(1000);
  const [whole, repeated, ...parts] = transport.sent;
  assert.deepEqual([whole?.length, repeated?.length], [150, 150]);
  assert.deepEqual(parts.filter((sent) => sent.join('\n').length <= limit).flat(), lines);
  const tooSlow = parts.filter((sent) => sent.join('\n').length > limit);
  assert.ok(tooSlow.length < 12, `${tooSlow.length} requests too many`);
  assert.equal(ledger(metrics)['delivered'], 150);

  limit = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 10; round++) {
    sink.write(batchOf(lines), leaseOf().lease);
    await clock.advance(1000);
    await settled();
  }
  assert.equal(transport.sent.at(-1)?.length, 150);
});

test('BPR-06 RequestSink goes on sending what cannot be halved', async () => {
  const { sink, transport, clock, metrics } = sinkOf({ maxRequestBytes: 20_000 });
  transport.answer = () => (clock.nowMs() < 120_000 ? SLOW : DELIVERED);
  const watched = leaseOf();
  sink.write(batchOf(['x'.repeat(15_000)]), watched.lease);
  await clock.advance(1000);
  await settled();
  await clock.advance(140_000);
  assert.deepEqual([watched.outcome, ledger(metrics)['delivered']], ['delivered', 1]);
});

for (const { name, downFirst } of [
  { name: 'named first', downFirst: true },
  { name: 'named last', downFirst: false },
]) {
  test(`BPR-05 the sink that is up gets each record once while the other one, ${name}, is down; the range waits for both`, async () => {
    const options = { maxRequestRecords: 2, maxInFlight: 2 };
    const [up, down] = [sinkOf(options), sinkOf(options)];
    up.transport.answer = () => DELIVERED;
    down.transport.answer = () => ({ ...UNAVAILABLE, mayHaveArrived: false });
    const both = { down: down.sink, up: up.sink };
    const sinks = new Map(Object.entries(both).toSorted(([a], [b]) => (downFirst === a < b ? -1 : 1)));
    const pool = new BatchPool(3, new KeyTable(), () => 0);
    const output = new SourceOutput(pool, [pipelineOf('logs', [], sinks)], {
      stop: NEVER,
      abandoned: { add: () => {} },
      pause: async () => {},
      onError: (error) => assert.fail(String(error)),
    });
    const stream = { id: 'a', name: 'a.log', resource: new Resource() };
    const outcomes: string[] = [];
    const stop = new AbortController();
    let sent = 0;
    const source = (async (): Promise<void> => {
      while (!stop.signal.aborted) {
        const batch = await output.rent(stream, stop.signal);
        for (let i = 0; i < 2; i++) {
          const start = batch.appendText(`line ${sent++}`);
          batch.addRecord(start, batch.byteLength);
        }
        output.send(batch, new CountedLease((outcome) => outcomes.push(outcome)));
      }
    })().catch(() => {});
    for (let turn = 0; turn < 20; turn++) await settled();
    assert.ok(up.transport.sent.length >= 3, 'the sink that is up goes on until the pool is out');
    assert.deepEqual(outcomes, []);
    const readMeanwhile = sent;
    await down.clock.advance(60_000);
    assert.equal(sent, readMeanwhile, 'reading waits');

    down.transport.answer = () => DELIVERED;
    stop.abort();
    await source;
    await down.clock.advance(10_000);
    await output.idle();
    await Promise.all([up.sink.flush(NEVER), down.sink.flush(NEVER)]);
    const lines = Array.from({ length: sent }, (_, i) => `line ${i}`);
    assert.deepEqual(up.transport.sent.flat(), lines);
    assert.deepEqual(new Set(down.transport.sent.flat()), new Set(lines));
    assert.deepEqual([ledger(up.metrics), ledger(down.metrics)], [{ delivered: sent }, { delivered: sent }]);
    assert.deepEqual(outcomes, Array(sent / 2).fill('delivered'));
  });
}
