import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SendResult } from '../../src/core/contracts.ts';
import type { RequestSink } from '../../src/delivery/request-sink.ts';
import { batchOf } from '../harness/batch.ts';
import { DELIVERED, leaseOf, ledger, NEVER, settled, sinkOf } from './fixtures.ts';

/** Writes the lines as one batch and gives the lease that waits for them. */
function write(sink: RequestSink, lines: readonly string[]) {
  const watched = leaseOf();
  assert.equal(sink.write(batchOf(lines), watched.lease), true);
  return watched;
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => `line ${i}`);

test('RequestSink sends what came within the flush interval as one request', async () => {
  const { sink, transport, clock } = sinkOf();
  const leases = [write(sink, ['a', 'b']), write(sink, ['c'])];
  await clock.advance(999);
  assert.deepEqual(transport.sent, []);
  await clock.advance(1);
  await transport.untilSent(1);
  assert.deepEqual(transport.sent, [['a', 'b', 'c']]);
  assert.deepEqual(
    leases.map(({ outcome }) => outcome),
    [undefined, undefined],
  );
  transport.open[0]?.answer(DELIVERED);
  await settled();
  assert.deepEqual(
    leases.map(({ outcome }) => outcome),
    ['delivered', 'delivered'],
  );
});

test('RequestSink seals a request before it passes the limit on bytes, and at the limit on records', async () => {
  const { sink, transport } = sinkOf({ maxRequestBytes: 5 + 4 * 7, maxRequestRecords: 3, maxInFlight: 4 });
  transport.answer = () => DELIVERED;
  write(sink, numbered(4));
  await settled();
  assert.deepEqual(transport.sent, [numbered(3)]);
  write(sink, ['a line of 27 bytes ........', 'after']);
  await settled();
  assert.deepEqual(transport.sent.slice(1), [['line 3'], ['a line of 27 bytes ........']]);
  await sink.flush(NEVER);
  assert.deepEqual(transport.sent.slice(3), [['after']]);
});

test('RequestSink.write() refuses, while a request waits for a slot, and takes nothing', async () => {
  const { sink, transport, metrics } = sinkOf({ maxRequestRecords: 2 });
  write(sink, numbered(5));
  await transport.untilSent(1);
  const refused = leaseOf();
  assert.equal(sink.write(batchOf(['x']), refused.lease), false);
  let isReady = false;
  const ready = sink.ready().then(() => {
    isReady = true;
  });
  transport.open[0]?.answer(DELIVERED);
  await ready;
  assert.equal(isReady, true);
  assert.equal(refused.outcome, undefined);
  transport.answer = () => DELIVERED;
  transport.open[0]?.answer(DELIVERED);
  assert.equal(sink.write(batchOf(['y']), refused.lease), true);
  await sink.flush(NEVER);
  assert.deepEqual(transport.sent, [
    ['line 0', 'line 1'],
    ['line 2', 'line 3'],
    ['line 4', 'y'],
  ]);
  assert.deepEqual(ledger(metrics), { delivered: 6 });
});

test('RequestSink lets the open request grow past its age, while all slots are taken', async () => {
  const { sink, transport, clock } = sinkOf();
  write(sink, ['a']);
  await clock.advance(1000);
  await transport.untilSent(1);
  write(sink, ['b']);
  await clock.advance(5000);
  write(sink, ['c']);
  assert.deepEqual(transport.sent, [['a']]);
  transport.open[0]?.answer(DELIVERED);
  await transport.untilSent(2);
  assert.deepEqual(transport.sent[1], ['b', 'c']);
});

test('ANS-22 RequestSink settles a batch as dropped and sends nothing, when no record of it is live', async () => {
  const { sink, transport, clock, metrics } = sinkOf();
  const batch = batchOf(['a', 'b']);
  batch.drop(0);
  batch.drop(1);
  const watched = leaseOf();
  sink.write(batch, watched.lease);
  assert.equal(watched.outcome, 'dropped');
  await clock.advance(5000);
  await sink.flush(NEVER);
  assert.deepEqual([transport.sent, ledger(metrics)], [[], {}]);
});

test('RequestSink leaves dropped records out', async () => {
  const { sink, transport } = sinkOf();
  const batch = batchOf(['a', 'b', 'c']);
  batch.drop(1);
  const watched = leaseOf();
  sink.write(batch, watched.lease);
  transport.answer = () => DELIVERED;
  await sink.flush(NEVER);
  assert.deepEqual([transport.sent, watched.outcome], [[['a', 'c']], 'delivered']);
});

test('RequestSink rejects a record that is larger than a request may be, and sends the others', async () => {
  const { sink, transport, metrics, log } = sinkOf({ maxRequestBytes: 100 });
  transport.answer = () => DELIVERED;
  const alone = write(sink, ['x'.repeat(101)]);
  assert.equal(alone.outcome, 'rejected');
  const among = write(sink, ['a', 'x'.repeat(101), 'b']);
  await sink.flush(NEVER);
  assert.deepEqual([transport.sent.flat(), among.outcome], [['a', 'b'], 'rejected']);
  assert.deepEqual(ledger(metrics), { delivered: 2, 'rejected too_large': 2 });
  assert.deepEqual(
    log.map(({ level, reason, records }) => ({ level, reason, records })),
    [{ level: 'error', reason: 'too_large', records: 1 }],
  );
});

test('ANS-22 RequestSink settles only the range that was answered, when one batch became two requests', async () => {
  const { sink, transport, clock, metrics } = sinkOf({ maxRequestRecords: 2, maxInFlight: 2 });
  const [first, second] = [write(sink, ['a']), write(sink, ['b', 'c', 'd'])];
  await transport.untilSent(2);
  transport.open[1]?.answer(DELIVERED);
  transport.open[0]?.answer({ status: 'retryable', error: new Error('429'), mayHaveArrived: true });
  await settled();
  assert.deepEqual([first.outcome, second.outcome], [undefined, undefined]);
  await clock.advance(1000);
  transport.open[0]?.answer(DELIVERED);
  await settled();
  assert.deepEqual([first.outcome, second.outcome], ['delivered', 'delivered']);
  assert.deepEqual(transport.sent, [
    ['a', 'b'],
    ['c', 'd'],
    ['a', 'b'],
  ]);
  assert.deepEqual(ledger(metrics), { delivered: 4, resent: 2 });
});

test('ANS-03 ANS-04 RequestSink counts what a partial success names, clamped to the request, and sends none of it again', async () => {
  for (const { rejectedRecords, expected, outcome } of [
    { rejectedRecords: 2, expected: { delivered: 1, 'rejected partial_success': 2 }, outcome: 'rejected' },
    { rejectedRecords: 9, expected: { 'rejected partial_success': 3 }, outcome: 'rejected' },
    { rejectedRecords: -1, expected: { delivered: 3 }, outcome: 'delivered' },
    { rejectedRecords: 0, expected: { delivered: 3 }, outcome: 'delivered' },
  ]) {
    const { sink, transport, metrics, log } = sinkOf();
    transport.answer = () => ({ status: 'delivered', rejectedRecords, message: '"no"' });
    const watched = write(sink, ['a', 'b', 'c']);
    await sink.flush(NEVER);
    assert.equal(transport.sent.length, 1);
    assert.deepEqual([ledger(metrics), watched.outcome], [expected, outcome]);
    assert.equal(log[0]?.['level'], rejectedRecords > 0 ? 'error' : 'warn');
    assert.equal(log[0]?.['message'], '"no"');
  }
});

test('ANS-13 RequestSink counts a refusal with its reason and sends the records no more', async () => {
  const { sink, transport, metrics } = sinkOf();
  transport.answer = () => ({ status: 'rejected', reason: 'http_501', error: new Error('501') });
  const watched = write(sink, ['a', 'b']);
  await sink.flush(NEVER);
  assert.deepEqual([transport.sent.length, watched.outcome], [1, 'rejected']);
  assert.deepEqual(ledger(metrics), { 'rejected http_501': 2 });
});

test('ANS-10 RequestSink halves what is too large for the peer, and seals later requests smaller', async () => {
  const { sink, transport, metrics } = sinkOf({ maxRequestBytes: 1_000_000, maxRequestRecords: 1000 });
  const tooLarge: SendResult = { status: 'too_large', error: new Error('413') };
  const limit = 70_000;
  transport.answer = (lines) => (lines.join('\n').length > limit ? tooLarge : DELIVERED);
  const lines = Array.from({ length: 20 }, (_, i) => String(i).padEnd(10_000));
  const watched = write(sink, lines);
  await sink.flush(NEVER);
  const delivered = transport.sent.filter((sent) => sent.join('\n').length <= limit);
  assert.deepEqual(delivered.flat(), lines);
  assert.equal(watched.outcome, 'delivered');
  assert.deepEqual(ledger(metrics), { delivered: 20 });
  const before = transport.sent.length;
  write(sink, lines);
  await sink.flush(NEVER);
  const later = transport.sent.slice(before);
  assert.ok(later.every((sent) => sent.join('\n').length <= limit));
  assert.deepEqual(later.flat(), lines);
});

test('ANS-10 RequestSink rejects only the record that is too large alone, and goes on trying others of its size', async () => {
  const { sink, transport, metrics } = sinkOf();
  const tooLarge: SendResult = { status: 'too_large', error: new Error('413') };
  transport.answer = (lines) => (lines.includes('big') ? tooLarge : DELIVERED);
  const [first, second] = [write(sink, ['a', 'big', 'c', 'd', 'e']), write(sink, ['x'.repeat(900)])];
  await sink.flush(NEVER);
  assert.deepEqual(ledger(metrics), { delivered: 5, 'rejected too_large': 1 });
  assert.deepEqual([first.outcome, second.outcome], ['rejected', 'delivered']);
});

test('RequestSink keeps as many encoders as were needed at once, and uses them again', async () => {
  const { sink, transport, encoderCount } = sinkOf({ maxInFlight: 2, maxRequestRecords: 1 });
  transport.answer = () => DELIVERED;
  for (let i = 0; i < 50; i++) {
    await sink.ready();
    write(sink, [`line ${i}`]);
  }
  await sink.flush(NEVER);
  assert.equal(transport.sent.length, 50);
  assert.ok(encoderCount() <= 3, `${encoderCount()} encoders`);
});

test('RequestSink.close() closes the transport and abandons what nobody flushed', async () => {
  const { sink, transport, metrics } = sinkOf();
  const watched = write(sink, ['a', 'b']);
  await sink.close();
  assert.deepEqual([watched.outcome, transport.isClosed], ['abandoned', true]);
  assert.deepEqual(ledger(metrics), { abandoned: 2 });
  assert.throws(() => sink.write(batchOf(['c']), leaseOf().lease), /Cannot write to sink: it is closed/);
});
