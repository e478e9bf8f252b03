import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RequestBody } from '../../src/codec/request-body.ts';
import { FakeClock } from '../../src/core/fake-clock.ts';
import { LabelSet } from '../../src/core/label-set.ts';
import type { MetricProducer, MetricSet } from '../../src/core/metric.ts';
import { Resource } from '../../src/core/resource.ts';
import { createCompressor } from '../../src/delivery/compression.ts';
import type { MetricEncoder } from '../../src/delivery/metric-encoder.ts';
import { MetricPush } from '../../src/delivery/metric-push.ts';
import { MetricQueue } from '../../src/delivery/metric-queue.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import { DELIVERED, NEVER, recordingLogger, ScriptedTransport, settled } from './fixtures.ts';

/** A request of lines, one for each point. */
class LineBody implements RequestBody {
  readonly #lines: readonly string[];

  constructor(lines: readonly string[]) {
    this.#lines = lines;
  }

  get recordCount(): number {
    return this.#lines.length;
  }

  body(from: number, to: number): Uint8Array {
    return Buffer.from(`HEAD\n${this.#lines.slice(from, to).join('\n')}\n`);
  }
}

/** One request for all that a group has: the names of its metrics and their values. */
const valueEncoder: MetricEncoder = {
  encode: (_group, sets) => {
    const lines = sets.flatMap(({ families }) =>
      families.flatMap(({ name, points }) =>
        points.map((point) => `${name} ${point.kind === 'number' ? point.value : ''}`),
      ),
    );
    return lines.length === 0 ? [] : [new LineBody(lines)];
  },
};

/** A producer of one number, with moments of its own where `hasMoments`. */
function producerOf(name: string, hasMoments = false) {
  const labels = LabelSet.empty;
  const listeners = new Set<() => void>();
  const it = {
    value: 0,
    update: () => {
      for (const listener of listeners) listener();
    },
    producer: {
      collect: (): MetricSet[] => [
        {
          resource: new Resource(),
          scope: { name: '', version: '' },
          naming: 'otlp',
          unixMs: 0,
          families: [
            { name, type: 'gauge', unit: '', description: '', points: [{ kind: 'number', labels, value: it.value }] },
          ],
        },
      ],
    } as MetricProducer,
  };
  if (hasMoments) {
    it.producer.onUpdate = (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    };
  }
  return it;
}

function pushOf({
  clock = new FakeClock(),
  encoder = valueEncoder,
  ...options
}: {
  maxQueuedPoints?: number;
  clock?: FakeClock;
  encoder?: MetricEncoder;
} = {}) {
  const transport = new ScriptedTransport();
  const metrics = new Metrics();
  const { logger, lines: log } = recordingLogger();
  const queue = new MetricQueue({
    name: 'far',
    transport,
    compressor: createCompressor('none'),
    maxQueuedPoints: 1000,
    retry: { initialMs: 1000, maxMs: 8000 },
    serverErrorPatienceMs: Number.POSITIVE_INFINITY,
    clock,
    logger,
    metrics,
    random: () => 1,
    ...options,
  });
  const push = new MetricPush({ encoder, queue, intervalMs: 15_000, clock });
  const points = (name: 'delivered' | 'dropped' | 'rejected' | 'abandoned') =>
    metrics.sum(`pillion_sink_${name}_points_total`, { sink: 'far' });
  return { push, transport, clock, log, points };
}

test('MetricPush sends what all producers have at each interval, in one request', async () => {
  const { push, transport, clock, points } = pushOf();
  transport.answer = () => DELIVERED;
  const [a, b] = [producerOf('a'), producerOf('b')];
  push.add(a.producer);
  push.add(b.producer);
  await clock.advance(14_999);
  assert.deepEqual(transport.sent, []);
  a.value = 1;
  await clock.advance(1);
  await settled();
  a.value = 2;
  await clock.advance(15_000);
  await settled();
  assert.deepEqual(transport.sent, [
    ['a 1', 'b 0'],
    ['a 2', 'b 0'],
  ]);
  assert.equal(points('delivered'), 4);
  await push.close();
});

test('MetricPush makes up for no interval that was missed, as after a pause of the process, and keeps its beat', async () => {
  class PausedClock extends FakeClock {
    pausedMs = 0;

    override nowMs(): number {
      return super.nowMs() + this.pausedMs;
    }
  }
  const clock = new PausedClock();
  const { push, transport } = pushOf({ clock });
  transport.answer = () => DELIVERED;
  push.add(producerOf('c').producer);
  clock.pausedMs = 3_600_001;
  await clock.advance(15_000);
  await settled();
  assert.equal(transport.sent.length, 1);
  await clock.advance(14_998);
  await settled();
  assert.equal(transport.sent.length, 1);
  await clock.advance(1);
  await settled();
  assert.equal(transport.sent.length, 2);
  await push.close();
});

test('MetricPush sends what has moments of its own at these, and never in between', async () => {
  const { push, transport, clock } = pushOf();
  transport.answer = () => DELIVERED;
  const scraped = producerOf('up', true);
  const remove = push.add(scraped.producer);
  await clock.advance(60_000);
  assert.deepEqual(transport.sent, []);
  scraped.value = 1;
  scraped.update();
  await settled();
  assert.deepEqual(transport.sent, [['up 1']]);
  remove();
  scraped.update();
  await settled();
  assert.equal(transport.sent.length, 1);
  await push.close();
});

test('MetricPush sends what was counted since the last time before a producer goes, where differences are sent', async () => {
  for (const hasDifferences of [false, true]) {
    const { push, transport } = pushOf({ encoder: { ...valueEncoder, hasDifferences } });
    transport.answer = () => DELIVERED;
    const counter = producerOf('c');
    const remove = push.add(counter.producer);
    counter.value = 1;
    remove();
    await settled();
    assert.deepEqual(transport.sent, hasDifferences ? [['c 1']] : []);
    await push.close();
  }
});

test('MetricPush keeps the order: while one request is not answered, no other is sent', async () => {
  const { push, transport, clock } = pushOf();
  const counter = producerOf('c');
  push.add(counter.producer);
  for (counter.value = 1; counter.value <= 3; counter.value++) await clock.advance(15_000);
  await settled();
  assert.deepEqual(transport.sent, [['c 1']]);
  transport.answer = () => DELIVERED;
  transport.open[0]?.answer({ status: 'retryable', error: new Error('answered 503'), mayHaveArrived: true });
  await settled();
  assert.equal(transport.sent.length, 1, 'it waits');
  await clock.advance(1000);
  await settled();
  assert.deepEqual(transport.sent.slice(1), [['c 1'], ['c 2'], ['c 3']]);
  await push.close();
});

test('MetricPush gives up those that wait longest when there are too many, counts them and says so', async () => {
  const { push, transport, clock, points, log } = pushOf({ maxQueuedPoints: 2 });
  const counter = producerOf('c');
  push.add(counter.producer);
  for (counter.value = 1; counter.value <= 5; counter.value++) await clock.advance(15_000);
  await settled();
  transport.answer = () => DELIVERED;
  transport.open[0]?.answer(DELIVERED);
  await settled();
  assert.deepEqual(transport.sent, [['c 1'], ['c 4'], ['c 5']]);
  assert.equal(points('dropped'), 2);
  assert.deepEqual(
    log.filter(({ level }) => level === 'error').map(({ msg, points }) => [msg, points]),
    [['Points were dropped: too many wait for the peer.', 1]],
  );
  await push.close();
});

test('MetricPush.flush() sends what there is now, without waiting for a back-off; what is unanswered at the end is abandoned', async () => {
  const { push, transport, clock, points } = pushOf();
  const counter = producerOf('c');
  push.add(counter.producer);
  await clock.advance(15_000);
  await transport.untilSent(1);
  transport.open[0]?.answer({ status: 'retryable', error: new Error('answered 503'), mayHaveArrived: false });
  await settled();
  transport.answer = ([line]) => (line === 'c 9' ? undefined : DELIVERED);
  counter.value = 9;
  const stop = new AbortController();
  const flushed = push.flush(stop.signal);
  await transport.untilSent(3);
  assert.deepEqual(transport.sent, [['c 0'], ['c 0'], ['c 9']]);
  stop.abort();
  await flushed;
  assert.equal(points('delivered'), 1);
  assert.equal(points('abandoned'), 1);
  await push.close();
  assert.equal(transport.isClosed, true);
});

test('MetricPush encodes again, and sends at once, what the peer wants in another form', async () => {
  const { push, transport, clock, points } = pushOf();
  push.add(producerOf('c').producer);
  let answers = 0;
  transport.answer = () => (answers++ === 0 ? { status: 'other_form', error: new Error('answered 415') } : DELIVERED);
  await clock.advance(15_000);
  await settled();
  assert.deepEqual(transport.sent, [['c 0'], ['c 0']]);
  assert.equal(points('delivered'), 1);
  await push.close();
});

test('MetricPush counts what the peer rejects, and goes on', async () => {
  const { push, transport, clock, points } = pushOf();
  push.add(producerOf('c').producer);
  transport.answer = () => ({ status: 'rejected', reason: 'http_400', error: new Error('answered 400') });
  await clock.advance(15_000);
  await settled();
  transport.answer = () => DELIVERED;
  await clock.advance(15_000);
  await settled();
  assert.equal(points('rejected'), 1);
  assert.equal(points('delivered'), 1);
  await push.flush(NEVER);
  await push.close();
});
