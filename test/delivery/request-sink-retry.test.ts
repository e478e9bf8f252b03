import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SendResult } from '../../src/core/contracts.ts';
import { batchOf } from '../harness/batch.ts';
import { DELIVERED, leaseOf, ledger, NEVER, settled, sinkOf } from './fixtures.ts';

const UNAVAILABLE = { status: 'retryable', error: new Error('answered 503'), mayHaveArrived: true } as const;
const STALE: SendResult = { status: 'retryable', error: new Error('stale'), mayHaveArrived: true, hint: 'stale' };

/** A sink with one request sent, whose batch holds 'a' and 'b'. */
async function sending(options: Parameters<typeof sinkOf>[0] = {}) {
  const fixture = sinkOf({ maxRequestRecords: 2, ...options });
  const watched = leaseOf();
  fixture.sink.write(batchOf(['a', 'b']), watched.lease);
  await fixture.transport.untilSent(1);
  return { ...fixture, watched };
}

test('ANS-05 RequestSink sends the same bytes again after growing waits, until they are taken', async () => {
  const { transport, clock, watched, metrics, log } = await sending();
  const sentAtMs: number[] = [];
  for (let attempt = 1; attempt <= 6; attempt++) {
    transport.open[0]?.answer(UNAVAILABLE);
    await clock.untilSleeping();
    while (transport.sent.length === attempt) await clock.advance(100);
    sentAtMs.push(clock.nowMs());
  }
  assert.deepEqual(
    sentAtMs.map((ms, i) => ms - (sentAtMs[i - 1] ?? 0)),
    [1000, 2000, 4000, 8000, 8000, 8000],
  );
  transport.open[0]?.answer(DELIVERED);
  await settled();
  assert.deepEqual(transport.sent, Array(7).fill(['a', 'b']));
  assert.equal(watched.outcome, 'delivered');
  assert.deepEqual(ledger(metrics), { delivered: 2, resent: 12 });
  assert.deepEqual(
    log.map(({ level, sink, msg }) => `${level}: ${sink}: ${msg}`),
    ['warn: backend: Cannot deliver; the request will be sent again.', 'info: backend: The peer answers again.'],
  );
});

test('ANS-06 RequestSink sends nothing at all, before the wait that a peer asked for is over', async () => {
  const { sink, transport, clock } = await sending({ maxInFlight: 2 });
  sink.write(batchOf(['c', 'd']), leaseOf().lease);
  await transport.untilSent(2);
  const [first, second] = [...transport.open];
  first?.answer({ ...UNAVAILABLE, retryAfterMs: 30_000 });
  second?.answer(UNAVAILABLE);
  await settled();
  await clock.advance(29_999);
  assert.equal(transport.sent.length, 2);
  await clock.advance(1);
  assert.deepEqual(transport.sent.slice(2), [['c', 'd']]);
  await clock.advance(1000);
  assert.deepEqual(transport.sent.slice(3), [['a', 'b']]);
});

test('ANS-06 RequestSink holds new requests back too, while the peer wants none', async () => {
  const { sink, transport, clock } = await sending({ maxInFlight: 2 });
  transport.open[0]?.answer({ ...UNAVAILABLE, retryAfterMs: 30_000 });
  await settled();
  sink.write(batchOf(['c', 'd']), leaseOf().lease);
  await settled();
  await clock.advance(29_999);
  assert.equal(transport.sent.length, 1);
  await clock.advance(1);
  assert.deepEqual(transport.sent[1], ['c', 'd']);
});

for (const { name, mayHaveArrived, resent } of [
  { name: 'ANS-14 counts no repeat, when the request cannot have arrived', mayHaveArrived: false, resent: 0 },
  { name: 'ANS-14 ANS-15 ANS-16 counts a repeat, when the answer was lost or late', mayHaveArrived: true, resent: 2 },
]) {
  test(name, async () => {
    const { sink, transport, clock, metrics } = await sending();
    transport.open[0]?.answer({ status: 'retryable', error: new Error('no answer'), mayHaveArrived });
    await settled();
    await clock.advance(1000);
    transport.open[0]?.answer(DELIVERED);
    await sink.flush(NEVER);
    assert.equal(ledger(metrics)['resent'] ?? 0, resent);
  });
}

test('ANS-17 RequestSink sends again at once, and only once, when an idle connection was closed as it was used', async () => {
  const { transport, clock, metrics, log } = await sending();
  transport.open[0]?.answer(STALE);
  await settled();
  assert.equal(transport.sent.length, 2);
  assert.deepEqual([ledger(metrics), log], [{ resent: 2 }, []]);
  transport.open[0]?.answer(STALE);
  await settled();
  assert.equal(transport.sent.length, 2);
  await clock.advance(1000);
  assert.equal(transport.sent.length, 3);
});

test('DRN-03 RequestSink.flush() cuts a back-off short with one attempt at once, and begins again with small waits', async () => {
  const { sink, transport, clock, watched } = await sending();
  for (const waitMs of [1000, 2000, 4000]) {
    transport.open[0]?.answer(UNAVAILABLE);
    await clock.untilSleeping();
    await clock.advance(waitMs);
  }
  transport.open[0]?.answer(UNAVAILABLE);
  await clock.untilSleeping();
  const flushed = sink.flush(NEVER);
  await transport.untilSent(5);
  assert.equal(clock.nowMs(), 7000);
  transport.open[0]?.answer(UNAVAILABLE);
  await settled();
  await clock.advance(999);
  assert.equal(transport.sent.length, 5);
  await clock.advance(1);
  assert.equal(transport.sent.length, 6);
  transport.open[0]?.answer(DELIVERED);
  await flushed;
  assert.equal(watched.outcome, 'delivered');
});

test('RequestSink.flush() hears nothing of its signal, once it is through', async () => {
  const { sink, transport, metrics } = sinkOf();
  const stop = new AbortController();
  await sink.flush(stop.signal);
  sink.write(batchOf(['a']), leaseOf().lease);
  stop.abort();
  transport.answer = () => DELIVERED;
  await sink.flush(NEVER);
  assert.deepEqual(ledger(metrics), { delivered: 1 });
});

test('DRN-03 RequestSink.flush() does not wait for a minute of Retry-After', async () => {
  const { sink, transport, clock } = await sending();
  transport.open[0]?.answer({ ...UNAVAILABLE, retryAfterMs: 60_000 });
  await clock.untilSleeping();
  transport.answer = () => DELIVERED;
  await sink.flush(NEVER);
  assert.deepEqual([clock.nowMs(), transport.sent.length], [0, 2]);
});

test('RequestSink.flush() abandons all that is unanswered, when its signal aborts', async () => {
  const { sink, transport, clock, metrics, watched } = await sending({ maxInFlight: 2 });
  const leases = [watched];
  for (const lines of [['c', 'd'], [], ['e', 'f', 'g', 'h', 'i']]) {
    const next = leaseOf();
    leases.push(next);
    assert.equal(sink.write(batchOf(lines), next.lease), true);
  }
  await transport.untilSent(2);
  transport.open[0]?.answer(UNAVAILABLE);
  await settled();
  const stop = new AbortController();
  const flushed = sink.flush(stop.signal);
  await settled();
  stop.abort();
  await flushed;
  assert.deepEqual(
    leases.map(({ outcome }) => outcome),
    ['abandoned', 'abandoned', 'dropped', 'abandoned'],
  );
  assert.equal(ledger(metrics)['abandoned'], 9);
  assert.deepEqual([transport.open.length, clock.sleeping], [0, 0]);
});

test('RequestSink.flush() abandons only the rest of a request, when one half of it is answered', async () => {
  const { sink, transport, metrics } = sinkOf({ maxRequestRecords: 4 });
  const [first, second] = [leaseOf(), leaseOf()];
  sink.write(batchOf(['a', 'b']), first.lease);
  sink.write(batchOf(['c', 'd']), second.lease);
  await transport.untilSent(1);
  transport.open[0]?.answer({ status: 'too_large', error: new Error('413') });
  await transport.untilSent(2);
  transport.open[0]?.answer(DELIVERED);
  await transport.untilSent(3);
  const stop = new AbortController();
  const flushed = sink.flush(stop.signal);
  stop.abort();
  await flushed;
  assert.deepEqual(transport.sent, [
    ['a', 'b', 'c', 'd'],
    ['a', 'b'],
    ['c', 'd'],
  ]);
  assert.deepEqual(ledger(metrics), { delivered: 2, abandoned: 2 });
  assert.deepEqual([first.outcome, second.outcome], ['delivered', 'abandoned']);
});

test('RequestSink.flush() abandons at once, when its signal has aborted already', async () => {
  const { sink, metrics } = await sending();
  await sink.flush(AbortSignal.abort());
  assert.deepEqual(ledger(metrics), { abandoned: 2 });
});
