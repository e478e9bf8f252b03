import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SendResult } from '../../src/core/contracts.ts';
import { batchOf } from '../harness/batch.ts';
import { DELIVERED, leaseOf, ledger, NEVER, settled, sinkOf } from './fixtures.ts';

const BAD: SendResult = { status: 'bad_data', error: new Error('answered 400') };
const FAILED: SendResult = {
  status: 'retryable',
  error: new Error('answered 500'),
  mayHaveArrived: true,
  poisonReason: 'http_500',
};

const lines = (count: number): string[] => Array.from({ length: count }, (_, i) => `line ${i}`);

/** A sink whose peer answers `answer` to every request with one of the poisoned lines in it. */
function poisoned(poison: readonly number[], answer: SendResult, count: number) {
  const fixture = sinkOf({ maxRequestBytes: 1_000_000, maxRequestRecords: count });
  const bad = new Set(poison.map((i) => `line ${i}`));
  fixture.transport.answer = (sent) => (sent.some((line) => bad.has(line)) ? answer : DELIVERED);
  const watched = leaseOf();
  fixture.sink.write(batchOf(lines(count)), watched.lease);
  return { ...fixture, watched };
}

for (const count of [2, 3, 100, 1000]) {
  test(`ANS-08 RequestSink finds one poison record among ${count} by halves, and delivers the others`, async () => {
    for (const poison of [0, 1, count >> 1, count - 1]) {
      const { sink, transport, metrics, watched } = poisoned([poison], BAD, count);
      await sink.flush(NEVER);
      const delivered = transport.sent.filter((sent) => !sent.includes(`line ${poison}`)).flat();
      assert.deepEqual(delivered, lines(count).toSpliced(poison, 1));
      assert.ok(transport.sent.length <= 1 + 2 * Math.ceil(Math.log2(count)), `${transport.sent.length} requests`);
      assert.deepEqual(ledger(metrics), { delivered: count - 1, 'rejected bad_data': 1 });
      assert.deepEqual([watched.outcome, sink.state.kind], ['rejected', 'ready']);
    }
  });
}

test('ANS-08 RequestSink finds eight poison records in a request', async () => {
  const poison = [0, 99, 250, 251, 252, 600, 731, 999];
  const { sink, metrics } = poisoned(poison, BAD, 1000);
  await sink.flush(NEVER);
  assert.deepEqual(ledger(metrics), { delivered: 992, 'rejected bad_data': 8 });
});

test('ANS-08 RequestSink delivers a good half, when the budget for halving was used up in the bad one', async () => {
  const { sink, metrics } = poisoned(
    Array.from({ length: 500 }, (_, i) => i),
    BAD,
    1000,
  );
  await sink.flush(NEVER);
  assert.deepEqual(ledger(metrics), { delivered: 500, 'rejected bad_data': 500 });
});

test('ANS-09 RequestSink stops halving at its budget, when everything is refused, says so and stays alive', async () => {
  const { sink, transport, metrics, log, watched } = poisoned([], BAD, 1000);
  transport.answer = () => BAD;
  await sink.flush(NEVER);
  const [levels, halvings] = [Math.ceil(Math.log2(1000)), 8 * Math.ceil(Math.log2(1000))];
  assert.ok(transport.sent.length <= 1 + 2 * halvings, `${transport.sent.length} requests`);
  assert.deepEqual([ledger(metrics), watched.outcome], [{ 'rejected bad_data': 1000 }, 'rejected']);
  assert.deepEqual(sink.state, { kind: 'rejecting', message: 'answered 400' });
  assert.ok(log.some(({ level, reason }) => level === 'error' && reason === 'bad_data'));
  assert.ok(log.length <= levels, 'one message a minute of each kind');

  transport.answer = () => DELIVERED;
  sink.write(batchOf(['after']), leaseOf().lease);
  await sink.flush(NEVER);
  assert.deepEqual([sink.state.kind, ledger(metrics)['delivered']], ['ready', 1]);
});

test('ANS-13 RequestSink sends again what is answered 500 for a minute', async () => {
  const { sink, transport, clock, metrics, watched } = poisoned([], FAILED, 10);
  transport.answer = () => (clock.nowMs() < 60_000 ? FAILED : DELIVERED);
  await settled();
  await clock.advance(70_000);
  assert.ok(transport.sent.every((sent) => sent.length === 10));
  assert.equal(watched.outcome, 'delivered');
  assert.deepEqual(ledger(metrics), { delivered: 10, resent: 10 * (transport.sent.length - 1) });
  await sink.flush(NEVER);
});

test('ANS-13 RequestSink suspects a record, when 500 lasts longer than its patience, and finds it by halves', async () => {
  const { transport, clock, metrics, watched } = poisoned([700], FAILED, 1000);
  await settled();
  await clock.advance(299_000);
  assert.ok(transport.sent.every((sent) => sent.length === 1000));
  const before = transport.sent.length;
  await clock.advance(120_000);
  assert.equal(watched.outcome, 'rejected');
  const { delivered, 'rejected http_500': rejected, resent = 0 } = ledger(metrics);
  assert.deepEqual([delivered, rejected], [999, 1]);
  const halves = transport.sent.slice(before).filter((sent) => sent.length < 1000);
  assert.ok(halves.length <= 20, `${halves.length} further requests`);
  // Every request after the first one may repeat what an earlier one brought, as far as anybody knows.
  const again = transport.sent.slice(1).reduce((sum, { length }) => sum + length, 0);
  assert.equal(resent, again);
});

test('ANS-13 RequestSink waits between the halves of what is answered 500, as long as all of it is', async () => {
  const { transport, clock, watched, metrics } = poisoned([], FAILED, 4);
  transport.answer = () => FAILED;
  await settled();
  await clock.advance(301_000);
  const startMs = clock.nowMs();
  const before = transport.sent.length;
  while (watched.outcome === undefined) await clock.advance(1000);
  const perRequestMs = (clock.nowMs() - startMs) / (transport.sent.length - before);
  assert.ok(perRequestMs >= 6000, `a request every ${perRequestMs} ms`);
  assert.deepEqual(ledger(metrics)['rejected http_500'], 4);
});

test('ANS-13 RequestSink rejects all records of a request at once, when its status is never resent', async () => {
  const { sink, transport, metrics, log, watched } = poisoned([], BAD, 10);
  transport.answer = () => ({ status: 'rejected', reason: 'http_501', error: new Error('answered 501') });
  await sink.flush(NEVER);
  assert.equal(transport.sent.length, 1);
  assert.deepEqual([ledger(metrics), watched.outcome], [{ 'rejected http_501': 10 }, 'rejected']);
  assert.deepEqual(
    log.map(({ level, records }) => [level, records]),
    [['error', 10]],
  );
  assert.equal(sink.state.kind, 'rejecting');
});
