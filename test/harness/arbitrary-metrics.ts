import fc from 'fast-check';
import { LabelSet } from '../../src/core/label-set.ts';
import type { Exemplar, MetricFamily, MetricPoint, MetricSet, MetricType } from '../../src/core/metric.ts';
import { Resource } from '../../src/core/resource.ts';

const counts = fc.integer({ min: 0, max: 2 ** 40 });
/** Without a zero below zero, which JSON has not. */
const plain = (value: number): number => value + 0;
const amounts = fc.double({ noNaN: true }).map(plain);
const times = fc.integer({ min: 1, max: 4_000_000_000_000 });
const texts = fc.string({ unit: 'grapheme', maxLength: 8 });

const labels = fc
  .dictionary(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 5 }), texts, { maxKeys: 4 })
  .map((pairs) => LabelSet.of(Object.entries(pairs)));

const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });

const exemplars: fc.Arbitrary<Exemplar> = fc.record({
  labels: fc.tuple(fc.option(hex(32)), fc.option(hex(16)), fc.option(texts)).map(([trace, span, other]) =>
    LabelSet.of([
      ['trace_id', trace ?? ''],
      ['span_id', span ?? ''],
      ['other', other ?? ''],
    ]),
  ),
  value: amounts,
  unixMs: fc.option(times, { nil: undefined }),
});

const common = {
  labels,
  startUnixMs: fc.option(times, { nil: undefined }),
  unixMs: fc.option(times, { nil: undefined }),
};
const totals = {
  count: counts,
  sum: fc.option(amounts, { nil: undefined }),
  min: fc.option(amounts, { nil: undefined }),
  max: fc.option(amounts, { nil: undefined }),
};
const buckets = fc.record({ offset: fc.integer({ min: -50, max: 50 }), counts: fc.array(counts, { maxLength: 6 }) });

const POINTS: Record<MetricPoint['kind'], fc.Arbitrary<MetricPoint>> = {
  number: fc.record({
    kind: fc.constant('number' as const),
    ...common,
    value: fc.double().map(plain),
    exemplar: fc.option(exemplars, { nil: undefined }),
  }),
  histogram: fc
    .record({
      ...common,
      ...totals,
      bounds: fc.uniqueArray(fc.double({ noNaN: true, noDefaultInfinity: true }).map(plain), { maxLength: 5 }),
      seed: fc.array(counts, { minLength: 6, maxLength: 6 }),
      exemplar: fc.option(exemplars, { nil: undefined }),
    })
    .map(({ bounds, seed, exemplar, ...rest }) => ({
      ...rest,
      kind: 'histogram' as const,
      bounds: bounds.sort((a, b) => a - b),
      counts: seed.slice(0, bounds.length + 1),
      exemplars: [exemplar],
    })),
  exponential_histogram: fc.record({
    kind: fc.constant('exponential_histogram' as const),
    ...common,
    ...totals,
    scale: fc.integer({ min: -10, max: 20 }),
    zeroCount: counts,
    zeroThreshold: fc.double({ min: 0, max: 1, noNaN: true }).map(plain),
    positive: buckets,
    negative: buckets,
    exemplars: fc.array(exemplars, { maxLength: 2 }),
  }),
  summary: fc.record({
    kind: fc.constant('summary' as const),
    ...common,
    quantiles: fc.array(
      fc.record({ quantile: fc.double({ min: 0, max: 1, noNaN: true }).map(plain), value: amounts }),
      {
        maxLength: 3,
      },
    ),
    count: counts,
    sum: totals.sum,
  }),
};

const TYPES: Record<MetricPoint['kind'], readonly MetricType[]> = {
  number: ['counter', 'up_down_counter', 'gauge', 'info', 'state_set', 'unknown'],
  histogram: ['histogram', 'gauge_histogram'],
  exponential_histogram: ['histogram'],
  summary: ['summary'],
};

const families: fc.Arbitrary<MetricFamily> = fc
  .constantFrom<MetricPoint['kind']>('number', 'histogram', 'exponential_histogram', 'summary')
  .chain((kind) =>
    fc.record({
      name: fc.string({ unit: fc.constantFrom(...'abc._'), minLength: 1, maxLength: 6 }),
      type: fc.constantFrom(...TYPES[kind]),
      unit: fc.constantFrom('', 's', 'By', '{request}', '1', 'm/s'),
      description: texts,
      points: fc.uniqueArray(POINTS[kind], { selector: ({ labels }) => labels.id, maxLength: 4 }),
    }),
  );

const resources = fc
  .dictionary(texts, fc.oneof(texts, fc.boolean(), fc.integer(), fc.array(texts, { maxLength: 2 })), { maxKeys: 3 })
  .map((attributes) => new Resource(Object.entries(attributes)));

/** Metrics of every kind, with whatever texts and numbers they may hold. */
export const metricSets: fc.Arbitrary<MetricSet> = fc.record({
  resource: resources,
  scope: fc.record({ name: texts, version: texts }),
  naming: fc.constantFrom('otlp' as const, 'prometheus' as const),
  unixMs: times,
  families: fc.uniqueArray(families, { selector: ({ name }) => name, maxLength: 4 }),
});
