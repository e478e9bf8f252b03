import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SendResult } from '../../src/core/contracts.ts';
import { batchOf } from '../harness/batch.ts';
import { DELIVERED, leaseOf, ledger, NEVER, settled, sinkOf } from './fixtures.ts';

function refusal(reason: string): SendResult {
  return { status: 'refused', reason, error: new Error(`answered ${reason}`), cure: 'Mend it', mayHaveArrived: false };
}

const REFUSED = refusal('http_401');

/** A sink with three requests in flight, 'a' to 'c', the first of which was refused. */
async function held() {
  const fixture = sinkOf({ maxRequestRecords: 1, maxInFlight: 3 });
  const watched = leaseOf();
  fixture.sink.write(batchOf(['a', 'b', 'c']), watched.lease);
  await fixture.transport.untilSent(3);
  fixture.transport.open[0]?.answer(REFUSED);
  await settled();
  return { ...fixture, watched };
}

test('ANS-11 ANS-12 RequestSink holds while the destination refuses: one request asks again, nothing settles, nothing is lost', async () => {
  const { sink, transport, clock, metrics, log, watched } = await held();
  for (const _ of [1, 2]) transport.open[0]?.answer(REFUSED);
  await settled();
  assert.deepEqual(sink.state, { kind: 'held', message: 'answered http_401', cure: 'Mend it' });
  assert.equal(metrics.sum('pillion_sink_held'), 1);
  transport.answer = () => REFUSED;
  await clock.advance(3_600_000);
  assert.deepEqual([...new Set(transport.sent.slice(3).flat())], ['a']);
  const anHour = transport.sent.length - 3;
  assert.ok(anHour > 400 && anHour < 500, `${anHour} probes an hour with 8 s between them`);
  assert.deepEqual([watched.outcome, ledger(metrics)], [undefined, {}]);
  assert.equal(sink.write(batchOf(['d']), leaseOf().lease), true);
  await settled();
  assert.equal(transport.sent.length, anHour + 3);

  transport.answer = () => DELIVERED;
  await clock.advance(8000);
  assert.deepEqual([watched.outcome, sink.state.kind], ['delivered', 'ready']);
  await sink.flush(NEVER);
  assert.deepEqual(ledger(metrics), { delivered: 4 });
  assert.equal(metrics.sum('pillion_sink_held'), 0);
  assert.deepEqual(
    log.map(({ level, msg, error, cure }) => [level, msg, error, cure]),
    [
      ['error', 'The destination lets nothing in; records wait until that is mended.', 'answered http_401', 'Mend it'],
      ['info', 'The destination refuses no longer.', undefined, undefined],
    ],
  );
});

test('ANS-12 RequestSink says what is wrong again, when it is something else', async () => {
  const { transport, clock, log } = await held();
  transport.answer = () => refusal('dns');
  await clock.advance(20_000);
  assert.deepEqual(
    log.map(({ error }) => error),
    ['answered http_401', 'answered dns'],
  );
});

test('ANS-11 RequestSink is held until the probe is answered, whatever else comes in', async () => {
  const { sink, transport, clock } = await held();
  transport.open[0]?.answer(DELIVERED);
  await settled();
  assert.equal(sink.state.kind, 'held');
  await clock.advance(1000);
  transport.open.find(({ lines }) => lines[0] === 'a')?.answer(DELIVERED);
  await settled();
  assert.equal(sink.state.kind, 'ready');
});

test('ANS-06 ANS-11 RequestSink keeps to Retry-After, when that is what ends a hold', async () => {
  const { sink, transport, clock, log } = await held();
  for (const _ of [1, 2]) transport.open[0]?.answer(REFUSED);
  await settled();
  await clock.advance(1000);
  assert.deepEqual(transport.sent.slice(3), [['a']]);
  const error = new Error('answered 429');
  transport.open[0]?.answer({ status: 'retryable', error, retryAfterMs: 60_000, mayHaveArrived: true });
  await settled();
  assert.equal(sink.state.kind, 'retrying');
  await clock.advance(59_999);
  assert.equal(transport.sent.length, 4);
  transport.answer = () => DELIVERED;
  await clock.advance(10_000);
  assert.equal(transport.sent.length, 7);
  assert.deepEqual(
    log.map(({ level }) => level),
    ['error', 'info', 'warn', 'info'],
  );
});

test('DRN-03 ANS-11 RequestSink.flush() lets the probe ask at once, and the others follow', async () => {
  const { sink, transport, clock, metrics } = await held();
  for (const _ of [1, 2]) transport.open[0]?.answer(REFUSED);
  await clock.untilSleeping();
  transport.answer = () => DELIVERED;
  await sink.flush(NEVER);
  assert.deepEqual([clock.nowMs(), ledger(metrics)], [0, { delivered: 3 }]);
});

test('ANS-11 RequestSink.flush() abandons what is held, when its signal aborts', async () => {
  const { sink, transport, clock, metrics, watched } = await held();
  for (const _ of [1, 2]) transport.open[0]?.answer(REFUSED);
  await settled();
  const stop = new AbortController();
  const flushed = sink.flush(stop.signal);
  await transport.untilSent(4);
  stop.abort();
  await flushed;
  assert.deepEqual([watched.outcome, ledger(metrics)], ['abandoned', { abandoned: 3 }]);
  assert.deepEqual([transport.open.length, clock.sleeping], [0, 0]);
});

test('ANS-20 RequestSink counts a repeat, when a connection failed after the request was sent', async () => {
  const { sink, transport, clock, metrics } = sinkOf({ maxRequestRecords: 2 });
  sink.write(batchOf(['a', 'b']), leaseOf().lease);
  await transport.untilSent(1);
  transport.open[0]?.answer({
    status: 'refused',
    reason: 'tls',
    error: new Error('TLS failed'),
    cure: 'Mend it',
    mayHaveArrived: true,
  });
  await settled();
  transport.answer = () => DELIVERED;
  await clock.advance(1000);
  assert.deepEqual(ledger(metrics), { delivered: 2, resent: 2 });
});
