import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LabelSet } from '../../src/core/label-set.ts';
import type { Commitment } from '../../src/core/lease.ts';
import type { RecordBatch } from '../../src/core/record-batch.ts';
import { Resource } from '../../src/core/resource.ts';
import type { MetricRegistry } from '../../src/metrics/metric-registry.ts';
import { batchOf, OBSERVED_UNIX_MS } from '../harness/batch.ts';
import { bodyPart, countedBatch, registryOf, shown, specOf } from '../harness/registry.ts';

const REQUESTS = specOf({ name: 'requests', type: 'counter', labels: ['method', 'code'] });

/** Counts each record of a batch as 1 in `requests`, by a body such as `GET|200`. */
function requestCounter(registry: MetricRegistry, limits = {}): (batch: RecordBatch) => void {
  const spec = { ...REQUESTS, limits: { ...REQUESTS.limits, ...limits } };
  const instrument = registry.open(spec, [bodyPart(0), bodyPart(1)]);
  return (batch) => {
    for (let record = 0; record < batch.count; record++) instrument.record(batch, record, 1);
  };
}

/** Writes a checkpoint, successfully; returns what the next life finds. */
function save(registry: MetricRegistry): unknown {
  registry.beginWrite();
  const text = registry.snapshot();
  registry.endWrite();
  return JSON.parse(text) as unknown;
}

describe('MetricRegistry', () => {
  test('columns hold the series that points begin with; what has expired, and what counts the rest, is not in them', async () => {
    const { registry, clock } = registryOf();
    const count = requestCounter(registry, { expireAfterMs: 60_000, maxSeries: 2 });
    countedBatch(registry, ['GET|200', 'PUT|', 'GET|500'], count).settle('delivered');
    save(registry);
    assert.deepEqual(columnsOf(registry), { columns: ['code=200 method=GET 1', 'method=PUT 1'], others: 1, points: 3 });
    await clock.advance(50_000);
    countedBatch(registry, ['PUT|'], count).settle('delivered');
    save(registry);
    await clock.advance(30_000);
    assert.deepEqual(columnsOf(registry), { columns: ['method=PUT 2'], others: 2, points: 3 });
    assert.equal(shown(registry)['requests{code="200",method="GET"}'], 1);
  });

  test('shows what was counted once it is committed and on the disk, and no earlier', () => {
    const { registry } = registryOf();
    const count = requestCounter(registry);
    const lease = countedBatch(registry, ['GET|200', 'GET|200', 'POST|500'], count);
    save(registry);
    assert.deepEqual(shown(registry), {});
    lease.settle('delivered');
    assert.deepEqual(shown(registry), {});
    registry.beginWrite();
    assert.deepEqual(shown(registry), {});
    registry.endWrite();
    assert.deepEqual(shown(registry), {
      'requests{code="200",method="GET"}': 2,
      'requests{code="500",method="POST"}': 1,
    });
  });

  test('recordAgain() counts where records of that key and resource were counted, as long as that series is there', async () => {
    const { registry, clock, metrics } = registryOf();
    const spec = { ...REQUESTS, limits: { ...REQUESTS.limits, maxSeries: 1, expireAfterMs: 60_000 } };
    const instrument = registry.open(spec, [bodyPart(0), bodyPart(1)]);
    const save = (): void => {
      registry.beginWrite();
      registry.endWrite();
    };
    const count = (bodies: readonly string[], key: number, resource?: Resource): string[] => {
      const batch = batchOf(bodies, undefined, resource);
      const said = bodies.map((_, record) => {
        const isKnown = instrument.recordAgain(batch, record, 1, key);
        if (!isKnown) instrument.record(batch, record, 1, key);
        return isKnown ? 'again' : 'looked for';
      });
      registry.seal({ onCommit: (counts) => counts.commit() });
      return said;
    };
    assert.deepEqual(count(['A|1', 'A|1', 'A|1'], 1), ['looked for', 'looked for', 'again']);
    // What has no series of its own is looked for each time, since it is counted as such.
    assert.deepEqual(count(['B|1', 'B|1', 'B|1'], 2), ['looked for', 'looked for', 'looked for']);
    assert.equal(metrics.sum('pillion_metric_overflow_records_total'), 3);
    const other = new Resource([['service.name', 'other']]);
    assert.deepEqual(count(['A|1', 'A|1', 'A|1'], 1, other), ['looked for', 'looked for', 'again']);
    save();
    await clock.advance(90_000);
    save();
    assert.deepEqual(shown(registry), {});
    assert.deepEqual(count(['C|1', 'C|1', 'C|1'], 1, other), ['looked for', 'looked for', 'again']);
    save();
    assert.deepEqual(shown(registry), { 'requests{code="1",method="C"}': 3 });
  });

  test('shows what is committed at once where nothing is kept', () => {
    const { registry } = registryOf({ isVolatile: true });
    countedBatch(registry, ['GET|200'], requestCounter(registry)).settle('dropped');
    assert.deepEqual(shown(registry), { 'requests{code="200",method="GET"}': 1 });
  });

  test('never counts what was abandoned', () => {
    const { registry } = registryOf();
    countedBatch(registry, ['GET|200'], requestCounter(registry)).settle('abandoned');
    save(registry);
    assert.deepEqual(shown(registry), {});
  });

  test('shows what the last good checkpoint holds when a write fails, and the rest with the next', () => {
    const { registry } = registryOf();
    const count = requestCounter(registry);
    countedBatch(registry, ['GET|200'], count).settle('delivered');
    save(registry);
    countedBatch(registry, ['GET|200', 'GET|404'], count).settle('delivered');
    registry.beginWrite();
    countedBatch(registry, ['GET|200'], count).settle('delivered');
    assert.deepEqual(shown(registry), { 'requests{code="200",method="GET"}': 1 });
    save(registry);
    assert.deepEqual(shown(registry), {
      'requests{code="200",method="GET"}': 3,
      'requests{code="404",method="GET"}': 1,
    });
  });

  test('goes on in the next life with counts, start times, resources and the overflow', async () => {
    const { registry, clock } = registryOf();
    const resource = new Resource([
      ['service.name', 'shop'],
      ['replica', 2],
      ['canary', true],
    ]);
    const count = requestCounter(registry, { maxSeries: 1 });
    const batch = batchOf(['GET|200', 'GET|404', 'PUT|201'], undefined, resource);
    countedBatch(registry, [], () => count(batch)).settle('delivered');
    const restored = save(registry);
    await clock.advance(60_000);
    const next = registryOf({ restored }).registry;
    assert.deepEqual(shown(next), {});
    const countAgain = requestCounter(next, { maxSeries: 1 });
    assert.deepEqual(shown(next), {
      'requests{code="200",method="GET"}': 1,
      'requests{otel.metric.overflow="true"}': 2,
    });
    const later = batchOf(['GET|200', 'GET|500'], undefined, new Resource(resource.attributes));
    countedBatch(next, [], () => countAgain(later)).settle('delivered');
    save(next);
    const [set, ...others] = next.collect();
    assert.deepEqual(others, []);
    assert.deepEqual([...set!.resource.attributes].sort(), [...resource.attributes].sort());
    assert.deepEqual(
      set!.families[0]!.points.map(({ startUnixMs }) => startUnixMs),
      [OBSERVED_UNIX_MS, OBSERVED_UNIX_MS],
    );
    assert.deepEqual(shown(next), {
      'requests{code="200",method="GET"}': 2,
      'requests{otel.metric.overflow="true"}': 3,
    });
  });

  test('counts anew, and says so, when a metric has other labels; forgets one that nobody opens', () => {
    const { registry } = registryOf();
    countedBatch(registry, ['GET|200'], requestCounter(registry)).settle('delivered');
    const gone = registry.open(specOf({ name: 'gone', type: 'counter' }), []);
    countedBatch(registry, ['x'], (batch) => gone.record(batch, 0, 5)).settle('delivered');
    const { registry: next, logged } = registryOf({ restored: save(registry) });
    next.open({ ...REQUESTS, labels: ['method'] }, [bodyPart(0)]);
    next.begin(new Set(['requests']));
    assert.deepEqual(shown(next), {});
    assert.deepEqual(
      logged.map(({ msg, metric, metrics }) => ({ msg, metric: metric ?? metrics })),
      [
        {
          msg: 'The metric has another type, unit, labels or buckets than before: it counts anew.',
          metric: 'requests',
        },
        { msg: 'Metrics that are gone are forgotten.', metric: ['gone'] },
      ],
    );
  });

  test('counts in one metric what two stages call the same, in whatever order they name its labels', () => {
    const { registry } = registryOf();
    const first = registry.open(REQUESTS, [bodyPart(0), bodyPart(1)]);
    const second = registry.open({ ...REQUESTS, labels: ['code', 'method'] }, [bodyPart(1), bodyPart(0)]);
    countedBatch(registry, ['GET|200'], (batch) => {
      first.record(batch, 0, 1);
      second.record(batch, 0, 10);
    }).settle('delivered');
    save(registry);
    assert.deepEqual(shown(registry), { 'requests{code="200",method="GET"}': 11 });
  });

  test('lets a metric be another one from begin() on, and what was opened before go on until then', () => {
    const { registry, metrics, logged } = registryOf();
    const count = requestCounter(registry);
    registry.begin(new Set(['requests', 'gone']));
    const gone = registry.open(specOf({ name: 'gone', type: 'counter' }), []);
    countedBatch(registry, ['GET|200'], (batch) => {
      count(batch);
      gone.record(batch, 0, 1);
    }).settle('delivered');
    const other = registry.open({ ...REQUESTS, labels: ['code'] }, [bodyPart(1)]);
    countedBatch(registry, ['GET|200'], count).settle('delivered');
    save(registry);
    assert.deepEqual(shown(registry), { 'gone{}': 1, 'requests{code="200",method="GET"}': 2 });
    registry.begin(new Set(['requests']));
    assert.deepEqual(shown(registry), {});
    countedBatch(registry, ['GET|200'], (batch) => other.record(batch, 0, 1)).settle('delivered');
    save(registry);
    assert.deepEqual(shown(registry), { 'requests{code="200"}': 1 });
    assert.equal(metrics.sum('pillion_metric_series', { metric: 'requests' }), 1);
    assert.equal(logged.length, 2);
  });

  test('counts what is beyond the limit in one series, for each resource, says so once, and keeps the rest as it is', () => {
    const { registry, metrics, logged } = registryOf();
    const count = requestCounter(registry, { maxSeries: 2 });
    for (const service of ['a', 'b']) {
      const bodies = Array.from({ length: 50 }, (_, i) => `GET|${i}`);
      const batch = batchOf([...bodies, 'GET|0'], undefined, new Resource([['service.name', service]]));
      countedBatch(registry, [], () => count(batch)).settle('delivered');
    }
    save(registry);
    const [a, b] = registry.collect();
    for (const set of [a!, b!]) {
      const points = set.families[0]!.points.map((point) => [
        point.labels.id,
        'value' in point ? point.value : undefined,
      ]);
      assert.deepEqual(points, [
        [
          LabelSet.of([
            ['method', 'GET'],
            ['code', '0'],
          ]).id,
          2,
        ],
        [
          LabelSet.of([
            ['method', 'GET'],
            ['code', '1'],
          ]).id,
          1,
        ],
        [LabelSet.of([['otel.metric.overflow', 'true']]).id, 48],
      ]);
    }
    assert.equal(metrics.sum('pillion_metric_overflow_records_total'), 96);
    assert.equal(logged.filter(({ level }) => level === 'warn').length, 1);
  });

  test('stays as it is in a flood of values, and counts everything else exactly', () => {
    const { registry, metrics } = registryOf();
    const flooded = requestCounter(registry);
    const lines = registry.open(specOf({ name: 'lines', type: 'counter', labels: ['code'] }), [bodyPart(1)]);
    const sizes: number[] = [];
    for (let round = 0; round < 60; round++) {
      const bodies = Array.from({ length: 1000 }, (_, i) => `user-${1000 * round + i}|${200 + (i % 3)}`);
      countedBatch(registry, bodies, (batch) => {
        flooded(batch);
        for (let record = 0; record < batch.count; record++) lines.record(batch, record, 1);
      }).settle('delivered');
      save(registry);
      sizes.push(registry.snapshot().length);
    }
    const { 'requests{otel.metric.overflow="true"}': overflow, ...others } = shown(registry);
    assert.equal(overflow, 58_000);
    assert.equal(metrics.sum('pillion_metric_series', { metric: 'requests' }), 2001);
    const counts = Object.entries(others).filter(([series]) => series.startsWith('lines{'));
    assert.deepEqual(Object.fromEntries(counts), {
      'lines{code="200"}': 20_040,
      'lines{code="201"}': 19_980,
      'lines{code="202"}': 19_980,
    });
    // The numbers grow by some digits, and the series not at all.
    assert.ok(sizes.at(-1)! < sizes[5]! + 20, sizes.join(' '));
  });

  test('cuts long values of labels between characters, and counts them', () => {
    const { registry, metrics } = registryOf();
    const count = requestCounter(registry, { maxLabelBytes: 5 });
    countedBatch(registry, ['ääää|200', 'ää|200', 'ääxx|200'], count).settle('delivered');
    save(registry);
    assert.deepEqual(shown(registry), {
      'requests{code="200",method="ää"}': 2,
      'requests{code="200",method="ääx"}': 1,
    });
    assert.equal(metrics.sum('pillion_metric_cut_label_values_total'), 2);
  });

  test('keeps the last value of a gauge by the order of reading, whatever the order of commits', () => {
    const { registry } = registryOf();
    const gauge = registry.open(specOf({ name: 'depth', type: 'gauge' }), []);
    const first = countedBatch(registry, ['x'], (batch) => gauge.record(batch, 0, 1));
    const second = countedBatch(registry, ['x', 'y'], (batch) => {
      gauge.record(batch, 0, -7.5);
      gauge.record(batch, 1, 2.25);
    });
    second.settle('delivered');
    first.settle('delivered');
    save(registry);
    assert.deepEqual(shown(registry), { 'depth{}': 2.25 });
  });

  test('counts a histogram with inclusive bounds, smallest, largest and sum; a sum with values below 0 is none', () => {
    const { registry } = registryOf();
    const spec = specOf({
      name: 'took',
      type: 'histogram',
      labels: ['sign'],
      buckets: { kind: 'explicit', bounds: [1, 10] },
    });
    const histogram = registry.open(spec, [bodyPart(0)]);
    countedBatch(registry, ['plus', 'minus'], (batch) => {
      for (const value of [0, 1, 1.5, 10, 11]) histogram.record(batch, 0, value);
      histogram.record(batch, 1, -3);
    }).settle('delivered');
    const restored = save(registry);
    const expected = {
      'took{sign="plus"}': { counts: [2, 2, 1], count: 5, sum: 23.5, min: 0, max: 11 },
      'took{sign="minus"}': { counts: [1, 0, 0], count: 1, sum: undefined, min: -3, max: -3 },
    };
    assert.deepEqual(shown(registry), expected);
    const next = registryOf({ restored }).registry;
    next.open(spec, [bodyPart(0)]);
    assert.deepEqual(shown(next), expected);
  });

  for (const buckets of [
    { kind: 'explicit', bounds: [1] },
    { kind: 'exponential', maxBuckets: 160 },
  ] as const) {
    test(`goes on with ${buckets.kind} buckets whose sum no number can hold any more`, () => {
      const { registry } = registryOf();
      const spec = specOf({ name: 'took', type: 'histogram', buckets });
      const histogram = registry.open(spec, []);
      for (const value of [Number.MAX_VALUE, -Number.MAX_VALUE]) {
        const count = (batch: RecordBatch): void => {
          for (let record = 0; record < batch.count; record++) histogram.record(batch, record, value);
        };
        countedBatch(registry, ['a', 'b'], count).settle('delivered');
      }
      const restored = save(registry);
      const expected = shown(registry);
      const next = registryOf({ restored }).registry;
      next.open(spec, []);
      assert.deepEqual(shown(next), expected);
      assert.equal(next.collect()[0]?.families[0]?.points.length, 1);
    });
  }

  test('shows the newest measurement of a bucket that has a trace', () => {
    const { registry } = registryOf();
    const spec = specOf({ name: 'took', type: 'histogram', buckets: { kind: 'explicit', bounds: [1] } });
    const histogram = registry.open(spec, []);
    countedBatch(registry, ['a', 'b', 'c'], (batch) => {
      batch.traceId[0] = batch.appendBytes(Buffer.alloc(16, 1), 0, 16);
      batch.traceId[1] = batch.appendBytes(Buffer.alloc(16, 2), 0, 16);
      batch.spanId[1] = batch.appendBytes(Buffer.alloc(8, 3), 0, 8);
      for (const [record, value] of [0.5, 0.25, 7].entries()) histogram.record(batch, record, value);
    }).settle('delivered');
    save(registry);
    const point = registry.collect()[0]!.families[0]!.points[0]!;
    assert.ok(point.kind === 'histogram');
    const [low, high] = point.exemplars ?? [];
    assert.deepEqual(
      { labels: low?.labels.id, value: low?.value, unixMs: low?.unixMs },
      {
        labels: LabelSet.of([
          ['trace_id', '02'.repeat(16)],
          ['span_id', '03'.repeat(8)],
        ]).id,
        value: 0.25,
        unixMs: OBSERVED_UNIX_MS,
      },
    );
    assert.equal(high, undefined);
  });

  test('forgets a silent series once the disk has; when it comes back it starts anew', async () => {
    const { registry, clock } = registryOf();
    const count = requestCounter(registry, { expireAfterMs: 3_600_000, maxSeries: 2 });
    countedBatch(registry, ['GET|200', 'PUT|200'], count).settle('delivered');
    save(registry);
    await clock.advance(3_000_000);
    countedBatch(registry, ['PUT|200'], count).settle('delivered');
    await clock.advance(1_000_000);
    assert.deepEqual(Object.keys(shown(registry)).length, 2);
    const held = countedBatch(registry, ['GET|200'], count);
    const stored = save(registry);
    assert.deepEqual(shown(registry), { 'requests{code="200",method="PUT"}': 2 });
    assert.ok(!JSON.stringify(stored).includes('GET'));
    held.settle('delivered');
    save(registry);
    assert.deepEqual(shown(registry), {
      'requests{code="200",method="PUT"}': 2,
      'requests{code="200",method="GET"}': 1,
    });
  });

  test('forgets a series that was counted in a batch that was given up, and is silent since', async () => {
    const { registry, clock, metrics } = registryOf();
    const count = requestCounter(registry, { expireAfterMs: 60_000 });
    count(batchOf(['GET|200']));
    let given: Commitment | undefined;
    registry.seal({ onCommit: (commitment) => (given = commitment) });
    given?.giveUp?.();
    await clock.advance(90_000);
    save(registry);
    assert.equal(metrics.sum('pillion_metric_series'), 0);
    assert.deepEqual(shown(registry), {});
  });

  for (const isVolatile of [false, true]) {
    test(`forgets resources of which there are no series any more, ${isVolatile ? 'kept nowhere' : 'on the disk, too'}`, async () => {
      const { registry, clock } = registryOf({ isVolatile });
      const count = requestCounter(registry, { expireAfterMs: 60_000 });
      const podOf = (name: string): Resource => new Resource([['k8s.pod.name', name]]);
      const [first, stays] = [podOf('first'), podOf('stays')];
      const countFor = (resource: Resource): void => {
        countedBatch(registry, [], () => count(batchOf(['GET|200'], undefined, resource))).settle('delivered');
      };
      const counts = (): unknown => {
        const sets = registry.collect().map(({ resource, families }): [unknown, unknown] => {
          const [point] = families[0]!.points;
          return [resource.attributes.get('k8s.pod.name'), point?.kind === 'number' ? point.value : undefined];
        });
        return Object.fromEntries(sets);
      };
      countFor(first);
      for (let round = 0; round < 50; round++) {
        countFor(stays);
        countFor(podOf(`pod-${round}`));
        save(registry);
        await clock.advance(30_000);
      }
      save(registry);
      assert.deepEqual(counts(), { stays: 50, 'pod-49': 1 });
      // Its number is another one's by now.
      countFor(first);
      const stored = save(registry) as { resources: unknown[] };
      assert.deepEqual(counts(), { stays: 50, 'pod-49': 1, first: 1 });
      assert.ok(stored.resources.length <= 6, `${stored.resources.length} are kept`);
      if (isVolatile) return;
      const next = registryOf({ restored: stored }).registry;
      requestCounter(next, { expireAfterMs: 60_000 });
      const restored = next.collect().map(({ resource }) => resource.attributes.get('k8s.pod.name'));
      assert.deepEqual(restored.sort(), ['first', 'pod-49', 'stays']);
    });
  }

  test('does not forget a series that a batch on its way has counted in', async () => {
    const { registry, clock } = registryOf();
    const count = requestCounter(registry);
    countedBatch(registry, ['GET|200'], count).settle('delivered');
    save(registry);
    const held = countedBatch(registry, ['GET|200'], count);
    await clock.advance(100 * 3_600_000);
    save(registry);
    held.settle('delivered');
    save(registry);
    assert.deepEqual(shown(registry), { 'requests{code="200",method="GET"}': 2 });
  });

  for (const restored of [
    null,
    7,
    'x',
    [],
    {},
    { resources: 1, metrics: [] },
    { resources: [[]], metrics: [null, 7, { key: '[' }] },
  ]) {
    test(`starts empty from ${JSON.stringify(restored)}`, () => {
      const { registry } = registryOf({ restored });
      requestCounter(registry);
      assert.deepEqual(shown(registry), {});
    });
  }

  test('leaves out what is wrong in a stored metric', () => {
    const { registry } = registryOf();
    countedBatch(registry, ['GET|200'], requestCounter(registry)).settle('delivered');
    const stored = save(registry) as { metrics: { series: unknown[] }[] };
    const [good] = stored.metrics[0]!.series as unknown[][];
    const [resource, start, last, labels] = good!;
    stored.metrics[0]!.series.push(
      null,
      [],
      good!,
      [9, start, last, ['PUT', '1'], 1],
      [resource, 'x', last, ['PUT', '2'], 1],
      [resource, start, last, ['PUT'], 1],
      [resource, start, last, ['PUT', 3], 1],
      [resource, start, last, ['PUT', '4'], -1],
      [resource, start, last, ['PUT', '5']],
      [resource, start, last, labels, 99],
      [resource, start, last, ['6', 'PUT'], 6],
    );
    const next = registryOf({ restored: stored }).registry;
    requestCounter(next);
    assert.deepEqual(shown(next), { 'requests{code="200",method="GET"}': 1, 'requests{code="6",method="PUT"}': 6 });
  });
});

/** The series that the only metric of a registry has as columns, and how many it has besides, and in all. */
function columnsOf(registry: MetricRegistry): { columns: string[]; others: number; points: number } {
  const { columns, others = [], points } = registry.collect()[0]!.families[0]!;
  assert.ok(columns !== undefined);
  const { places, values, labels } = columns;
  const texts = Array.from(places, (place) => {
    const first = place * (labels.names.length + 1);
    const pairs = labels.names.flatMap((name, i) => {
      const [start, end] = labels.bounds.subarray(first + i, first + i + 2);
      return start === end ? [] : [`${name}=${labels.bytes.toString('utf8', start, end)}`];
    });
    return [...pairs, values[place]].join(' ');
  });
  return { columns: texts, others: others.length, points: points.length };
}
