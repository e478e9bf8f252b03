import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { PrometheusTranslation } from '../../../src/codec/prometheus/translation.ts';
import { WriteBody } from '../../../src/codec/remote-write/write-body.ts';
import { staleSeries, type WriteSeries, writeSeriesOf } from '../../../src/codec/remote-write/write-series.ts';
import { compareNames, LabelSet } from '../../../src/core/label-set.ts';
import type { ExponentialHistogramPoint, MetricSet } from '../../../src/core/metric.ts';
import { Resource } from '../../../src/core/resource.ts';
import { metricSets } from '../../harness/arbitrary-metrics.ts';
import { decodeV1, decodeV2, type ReceivedSeries } from '../../harness/remote-write-reference.ts';

function seriesOf(sets: readonly MetricSet[]): WriteSeries[] {
  const translation = new PrometheusTranslation({
    strategy: 'underscore_escaping_with_suffixes',
    targetLabels: true,
    targetInfo: true,
    scopeLabels: true,
  });
  return translation.families(sets).flatMap((family) => writeSeriesOf(family));
}

function receivedV1(series: readonly WriteSeries[]) {
  return decodeV1(new WriteBody(series, () => 'v1').body(0, series.length));
}

function receivedV2(series: readonly WriteSeries[]) {
  return decodeV2(new WriteBody(series, () => 'v2').body(0, series.length));
}

function assertSame({ value, histogram, unixMs, exemplars }: ReceivedSeries, sent: WriteSeries): void {
  assert.equal(unixMs, sent.unixMs);
  assert.equal(exemplars.length, sent.exemplars.length);
  for (const [i, { labels, value }] of exemplars.entries()) {
    assert.deepEqual({ ...labels }, Object.fromEntries(sent.exemplars[i]!.labels));
    assert.equal(value, sent.exemplars[i]!.value);
  }
  if (sent.value.kind === 'number') assert.ok(Object.is(value, sent.value.value), `${value} is ${sent.value.value}`);
  if (sent.value.kind === 'histogram') {
    const { point } = sent.value;
    assert.equal(histogram?.count, point.count);
    const sumOf = (counts: Iterable<number>): number => Array.from(counts).reduce((sum, count) => sum + count, 0);
    assert.equal(sumOf(histogram.positive.values()), sumOf(Array.from(point.positive.counts)));
    assert.equal(sumOf(histogram.negative.values()), sumOf(Array.from(point.negative.counts)));
  }
}

describe('WriteBody', () => {
  test('version 2.0: what is written is read, each text once, labels sorted, and one value a series', () => {
    fc.assert(
      fc.property(fc.array(metricSets, { maxLength: 2 }), (sets) => {
        const series = seriesOf(sets);
        const received = receivedV2(series);
        assert.equal(received.series.length, series.length);
        if (series.length > 0) assert.equal(received.symbols[0], '');
        assert.equal(new Set(received.symbols).size, received.symbols.length);
        for (const [i, one] of received.series.entries()) {
          const sent = series[i]!;
          assertSame(one, sent);
          assert.deepEqual(one.labelNames, one.labelNames.toSorted(compareNames));
          assert.deepEqual({ ...one.labels }, Object.fromEntries(sent.labels));
          assert.equal(one.startUnixMs, sent.startUnixMs);
          assert.equal(one.metadata?.help, sent.metadata.help);
        }
      }),
    );
  });

  test('version 1.0: what is written is read, under names that it knows, sorted and each once', () => {
    fc.assert(
      fc.property(fc.array(metricSets, { maxLength: 2 }), (sets) => {
        const series = seriesOf(sets);
        const { series: received, metadata } = receivedV1(series);
        assert.equal(received.length, series.length);
        assert.deepEqual(
          metadata.map(({ help }) => help),
          [...new Map(series.map((one) => [one.metadata.family, one.metadata.help])).values()],
        );
        for (const [i, one] of received.entries()) {
          assertSame(one, series[i]!);
          assert.deepEqual(one.labelNames, [...new Set(one.labelNames)].sort(compareNames));
          for (const [name, value] of Object.entries(one.labels)) {
            assert.match(name, /^[a-zA-Z_][a-zA-Z0-9_]*$/);
            if (name === '__name__') assert.match(value, /^[a-zA-Z_:][a-zA-Z0-9_:]*$/);
          }
        }
      }),
    );
  });

  test('a part of the series is a body of its own, with a table of its own', () => {
    const series = seriesOf([setOf({ kind: 'number', labels: LabelSet.of([['a', 'x']]), value: 1 })]);
    assert.ok(series.length > 1);
    const body = new WriteBody(series, () => 'v2');
    assert.equal(body.recordCount, series.length);
    const parts = series.map((_, i) => decodeV2(body.body(i, i + 1)).series);
    assert.deepEqual(
      parts.map(([one]) => one?.labels['__name__']),
      series.map(({ labels }) => new Map(labels).get('__name__')),
    );
  });

  test('a stale marker is the one NaN that is used for nothing else, also for a histogram; a NaN never is one', () => {
    const [number] = seriesOf([setOf({ kind: 'number', labels: LabelSet.empty, value: Number.NaN })]).slice(-1);
    assert.ok(Number.isNaN(receivedV2([number!]).series[0]?.value));
    for (const receive of [receivedV1, receivedV2]) {
      const [stale] = receive([staleSeries(number!, 77)]).series;
      assert.equal(stale?.value, 'stale');
      assert.equal(stale.unixMs, 77);
      const [histogram] = seriesOf([setOf(exponential({ offset: 0, counts: [1] }))]).slice(-1);
      const [gone] = receive([staleSeries(histogram!, 78)]).series;
      assert.equal(gone?.histogram?.sum, 'stale');
      assert.equal(gone.unixMs, 78);
    }
  });

  for (const { name, scale, positive, schema, expected } of [
    {
      name: 'a bucket of OTLP has the next index',
      scale: 3,
      positive: { offset: 0, counts: [1, 2] },
      schema: 3,
      expected: [
        [1, 1],
        [2, 2],
      ],
    },
    {
      name: 'offsets may be negative, gaps are left out',
      scale: 0,
      positive: { offset: -9, counts: [5, 0, 0, 0, 0, 7] },
      schema: 0,
      expected: [
        [-8, 5],
        [-3, 7],
      ],
    },
    {
      name: 'what is finer than schema 8 is made coarser',
      scale: 10,
      positive: { offset: -1, counts: [1, 1, 1, 1, 1, 1] },
      schema: 8,
      expected: [
        [0, 1],
        [1, 4],
        [2, 1],
      ],
    },
  ]) {
    test(`native histograms: ${name}`, () => {
      const [sent] = seriesOf([setOf({ ...exponential(positive), scale })]).slice(-1);
      const [one] = receivedV2([sent!]).series;
      assert.equal(one?.histogram?.schema, schema);
      assert.deepEqual([...one.histogram.positive], expected);
    });
  }

  test('native histograms: what is coarser than any schema is left out', () => {
    const names = seriesOf([setOf({ ...exponential({ offset: 0, counts: [1] }), scale: -5 })]).map(({ labels }) =>
      new Map(labels).get('__name__'),
    );
    assert.deepEqual(names, ['target_info']);
  });

  test('external labels are those that a series has not got itself', () => {
    const labels = LabelSet.of([['cluster', 'own']]);
    const family = {
      name: 'm',
      type: 'gauge',
      unit: '',
      help: '',
      series: [{ labels, point: { kind: 'number', labels, value: 1 }, unixMs: 1 }],
    } as const;
    const [one] = writeSeriesOf(family, [
      ['cluster', 'x'],
      ['region', 'y'],
    ]);
    assert.deepEqual(one?.labels, [
      ['__name__', 'm'],
      ['cluster', 'own'],
      ['region', 'y'],
    ]);
  });
});

function exponential(positive: ExponentialHistogramPoint['positive']): ExponentialHistogramPoint {
  const count = Array.from(positive.counts).reduce((sum, count) => sum + count, 0);
  const negative = { offset: 0, counts: [] };
  return {
    kind: 'exponential_histogram',
    labels: LabelSet.empty,
    scale: 0,
    zeroCount: 0,
    zeroThreshold: 0,
    positive,
    negative,
    count,
    sum: 1,
  };
}

function setOf(point: MetricSet['families'][number]['points'][number]): MetricSet {
  const type = point.kind === 'number' ? 'gauge' : 'histogram';
  return {
    resource: new Resource([
      ['service.name', 'shop'],
      ['host.name', 'h'],
    ]),
    scope: { name: '', version: '' },
    naming: 'otlp',
    unixMs: 1000,
    families: [{ name: 'm', type, unit: '', description: '', points: [point] }],
  };
}
