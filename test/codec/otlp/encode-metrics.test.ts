import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ProtobufWriter } from '../../../src/bytes/protobuf-writer.ts';
import { encodeMetrics } from '../../../src/codec/otlp/encode-metrics.ts';
import { dataKind, type MetricEntry } from '../../../src/codec/otlp/metric-entries.ts';
import { metricsToJson } from '../../../src/codec/otlp/metrics-json.ts';
import { LabelSet } from '../../../src/core/label-set.ts';
import type { MetricPoint, MetricSet } from '../../../src/core/metric.ts';
import { Resource } from '../../../src/core/resource.ts';
import { metricSets } from '../../harness/arbitrary-metrics.ts';
import { decodeMetricsReference, parseMetricsReference } from '../../harness/otlp-metrics-reference.ts';

function entriesOf(sets: readonly MetricSet[], isGone = false): MetricEntry[] {
  return sets.flatMap(({ resource, scope, naming, unixMs, families }) =>
    families.flatMap(({ points, ...family }) => {
      const metric = { ...family, temporality: 'cumulative' as const, isFromPrometheus: naming === 'prometheus' };
      return points
        .filter((point) => dataKind(family.type, point) !== undefined)
        .map((point) => ({ resource, scope, metric, point, unixMs: point.unixMs ?? unixMs, isGone }));
    }),
  );
}

function encoded(entries: readonly MetricEntry[]): Uint8Array {
  const out = new ProtobufWriter(1);
  encodeMetrics(out, entries);
  return out.written();
}

test('encodeMetrics() and metricsToJson() write what the code of OpenTelemetry reads, and the same', () => {
  fc.assert(
    fc.property(fc.array(metricSets, { maxLength: 3 }), fc.boolean(), (sets, isGone) => {
      const entries = entriesOf(sets, isGone);
      assert.deepEqual(decodeMetricsReference(encoded(entries)), parseMetricsReference(metricsToJson(entries)));
    }),
  );
});

const labels = LabelSet.of([['http.route', '/a']]);

test('encodeMetrics() says of each kind what it is', () => {
  const set: MetricSet = {
    resource: new Resource([['service.name', 'shop']]),
    scope: { name: 'pillion', version: '1.2.3' },
    naming: 'otlp',
    unixMs: 1_700_000_000_000,
    families: [
      {
        name: 'c',
        type: 'counter',
        unit: '{request}',
        description: 'd',
        points: [{ kind: 'number', labels, value: 3, startUnixMs: 1_600_000_000_000 }],
      },
      {
        name: 'u',
        type: 'up_down_counter',
        unit: '',
        description: '',
        points: [{ kind: 'number', labels, value: -3 }],
      },
      { name: 'g', type: 'gauge', unit: '', description: '', points: [{ kind: 'number', labels, value: 0.5 }] },
      {
        name: 'h',
        type: 'histogram',
        unit: 's',
        description: '',
        points: [{ kind: 'histogram', labels, bounds: [1, 2], counts: [1, 0, 2], count: 3, sum: 9 }],
      },
    ],
  };
  const [resource] = decodeMetricsReference(encoded(entriesOf([set]))).resourceMetrics;
  assert.equal(resource?.resource.attributes[0]?.value.stringValue, 'shop');
  assert.deepEqual(
    { ...resource?.scopeMetrics[0]?.scope, attributes: undefined, droppedAttributesCount: undefined },
    { name: 'pillion', version: '1.2.3', attributes: undefined, droppedAttributesCount: undefined },
  );
  const [c, u, g, h] = resource?.scopeMetrics[0]?.metrics ?? [];
  assert.equal(c?.sum?.isMonotonic, true);
  assert.equal(c?.sum?.aggregationTemporality, 2);
  assert.equal(c?.sum?.dataPoints[0]?.startTimeUnixNano, '1600000000000000000');
  assert.equal(c?.sum?.dataPoints[0]?.timeUnixNano, '1700000000000000000');
  assert.equal(u?.sum?.isMonotonic, false);
  assert.equal(u?.sum?.dataPoints[0]?.asDouble, -3);
  assert.equal(g?.gauge?.dataPoints[0]?.asDouble, 0.5);
  assert.deepEqual(h?.histogram?.dataPoints[0]?.bucketCounts, ['1', '0', '2']);
});

test('encodeMetrics() sends a point without a value for a series that is no more', () => {
  const metric = {
    name: 'c',
    type: 'counter',
    unit: '',
    description: '',
    temporality: 'cumulative',
    isFromPrometheus: false,
  } as const;
  const entry: MetricEntry = {
    resource: new Resource(),
    scope: { name: '', version: '' },
    metric,
    point: { kind: 'number', labels, value: 3 },
    unixMs: 5,
    isGone: true,
  };
  const point = decodeMetricsReference(encoded([entry])).resourceMetrics[0]?.scopeMetrics[0]?.metrics[0]?.sum
    ?.dataPoints[0];
  assert.equal(point?.flags, 1);
  assert.equal(point?.asDouble, undefined);
});

test('encodeMetrics() and metricsToJson() write fractions and times that OTLP does not know', () => {
  const head = { unit: '', description: '' };
  const exponential: MetricPoint = {
    kind: 'exponential_histogram',
    labels,
    scale: 0,
    zeroThreshold: 0,
    zeroCount: 1.5,
    positive: { offset: 0, counts: [0.5, 0.25] },
    negative: { offset: 0, counts: [] },
    count: 2.25,
    sum: 3,
  };
  const explicit: MetricPoint = {
    kind: 'histogram',
    labels,
    bounds: [1, 2],
    counts: [0.6, 0.6, 0.6],
    count: 1.8,
    sum: 2,
    unixMs: -5,
  };
  const times = { startUnixMs: Number.NaN, unixMs: 1e300 };
  const set: MetricSet = {
    resource: new Resource(),
    scope: { name: '', version: '' },
    naming: 'prometheus',
    unixMs: 5,
    families: [
      { ...head, name: 'h', type: 'histogram', points: [explicit] },
      { ...head, name: 'e', type: 'histogram', points: [exponential] },
      {
        ...head,
        name: 's',
        type: 'summary',
        points: [{ kind: 'summary', labels, quantiles: [], count: 1.5, sum: 1, ...times }],
      },
    ],
  };
  const entries = entriesOf([set]);
  const decoded = decodeMetricsReference(encoded(entries));
  assert.deepEqual(decoded, parseMetricsReference(metricsToJson(entries)));
  const [h, e, s] = decoded.resourceMetrics[0]!.scopeMetrics[0]!.metrics;
  const [histogram] = h!.histogram!.dataPoints;
  assert.deepEqual([histogram?.bucketCounts, histogram?.count, histogram?.timeUnixNano], [['1', '0', '1'], '2', '0']);
  const [native] = e!.exponentialHistogram!.dataPoints;
  assert.deepEqual([native?.zeroCount, native?.positive?.bucketCounts, native?.count], ['2', ['1', '0'], '3']);
  const [summary] = s!.summary!.dataPoints;
  assert.deepEqual([summary?.count, summary?.startTimeUnixNano, summary?.timeUnixNano], ['2', '0', '0']);
});
