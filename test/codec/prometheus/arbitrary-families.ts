import fc from 'fast-check';
import type { PrometheusFamily } from '../../../src/codec/prometheus/prometheus-family.ts';
import { LabelSet } from '../../../src/core/label-set.ts';
import type { Exemplar, MetricPoint, MetricType } from '../../../src/core/metric.ts';

const TIME = fc.integer({ min: 0, max: 2_000_000_000_000 });
/** 0 says that it is not known. */
const START = fc.integer({ min: 1, max: 2_000_000_000_000 });
const COUNT = fc.oneof(fc.nat(20), fc.nat(2 ** 31), fc.integer({ min: 0, max: 2 ** 50 }));
const VALUE = fc.oneof(
  COUNT,
  fc.double(),
  fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e21, -5e-324),
);

/** What a test draws families for: `sound` ones keep what their type demands, and come back as they were. */
export interface FamilyOptions {
  readonly isSound: boolean;
  readonly types: readonly MetricType[];
  /** Whether names are of the characters alone that need no quotes. */
  readonly isPlain?: boolean;
}

/** Families of random names, no two of which have a sample of one name, with random series. */
export function arbitraryFamilies({
  isSound,
  types,
  isPlain = false,
}: FamilyOptions): fc.Arbitrary<PrometheusFamily[]> {
  const text = isPlain ? fc.string() : fc.string({ unit: 'binary', maxLength: 8 });
  const labels = fc
    .uniqueArray(fc.tuple(labelNames(isPlain), text), { selector: ([name]) => name, maxLength: 4 })
    .map((pairs) => LabelSet.of(pairs.map(([name, value]) => [name, value.toWellFormed()])));
  const family = fc
    .constantFrom(...types)
    .chain((type) =>
      fc
        .tuple(fc.uniqueArray(labels, { selector: (set) => set.id, maxLength: 5 }), text)
        .chain(([sets, help]) =>
          fc.tuple(...sets.map((set) => pointOf(type, set, isSound))).map((points) => ({ type, points, help })),
        ),
    );
  return fc.array(family, { maxLength: 6 }).map((families) =>
    families.map(({ type, points, help }, i) => ({
      name: nameOf(i, type, isPlain),
      type,
      unit: '',
      help: help.toWellFormed(),
      series: points.map((point) => ({ labels: point.labels, point, unixMs: 0 })),
    })),
  );
}

function labelNames(isPlain: boolean): fc.Arbitrary<string> {
  const plain = fc.stringMatching(/^l_[a-z0-9_]{0,4}$/);
  if (isPlain) return plain;
  return fc.oneof(
    plain,
    fc.string({ unit: 'binary', minLength: 1, maxLength: 5 }).map((name) => `l.${name.toWellFormed()}`),
  );
}

function nameOf(i: number, type: MetricType, isPlain: boolean): string {
  const base = isPlain || i % 2 === 0 ? `metric_${i}_x` : `metric ${i}."x"`;
  if (type === 'counter') return `${base}_total`;
  return type === 'info' ? `${base}_info` : base;
}

function pointOf(type: MetricType, labels: LabelSet, isSound: boolean): fc.Arbitrary<MetricPoint> {
  const start = fc.option(START, { nil: undefined });
  switch (type) {
    case 'counter': {
      const value = isSound ? COUNT : VALUE;
      return fc.record({
        kind: fc.constant('number'),
        labels: fc.constant(labels),
        value,
        startUnixMs: start,
        exemplar: exemplarOf(fc.double({ noNaN: true, noDefaultInfinity: true })),
      });
    }
    case 'info':
      return fc.record({
        kind: fc.constant('number'),
        labels: fc.constant(labels),
        value: isSound ? fc.constant(1) : VALUE,
      });
    case 'histogram':
    case 'gauge_histogram':
      return histogramOf(labels, type, isSound, start);
    case 'summary':
      return summaryOf(labels, isSound, start);
    default:
      return fc.record({ kind: fc.constant('number'), labels: fc.constant(labels), value: VALUE });
  }
}

function histogramOf(
  labels: LabelSet,
  type: MetricType,
  isSound: boolean,
  startUnixMs: fc.Arbitrary<number | undefined>,
): fc.Arbitrary<MetricPoint> {
  const bound = fc.double({ noNaN: true, noDefaultInfinity: true, ...(isSound ? { min: 0, minExcluded: true } : {}) });
  return fc.uniqueArray(bound, { maxLength: 5 }).chain((unsorted) => {
    const bounds = unsorted.map((one) => (one === 0 ? 0 : one)).sort((a, b) => a - b);
    return fc
      .record({
        counts: fc.array(fc.nat(2 ** 40), { minLength: bounds.length + 1, maxLength: bounds.length + 1 }),
        sum: isSound
          ? fc.double({ min: 0, noNaN: true, noDefaultInfinity: true })
          : fc.option(VALUE, { nil: undefined }),
        startUnixMs: type === 'gauge_histogram' ? fc.constant(undefined) : startUnixMs,
      })
      .map(({ counts, sum, startUnixMs }) => ({
        kind: 'histogram' as const,
        labels,
        bounds,
        counts,
        count: counts.reduce((total, count) => total + count, 0),
        sum: sum === 0 ? 0 : sum,
        startUnixMs,
      }));
  });
}

function summaryOf(
  labels: LabelSet,
  isSound: boolean,
  startUnixMs: fc.Arbitrary<number | undefined>,
): fc.Arbitrary<MetricPoint> {
  const value = isSound ? fc.double({ min: 0, noDefaultInfinity: true }) : VALUE;
  const quantiles = fc
    .uniqueArray(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 3 })
    .chain((found) =>
      fc.tuple(
        ...found
          .sort((a, b) => a - b)
          .map((quantile) => fc.record({ quantile: fc.constant(quantile === 0 ? 0 : quantile), value })),
      ),
    );
  return fc.record({
    kind: fc.constant('summary'),
    labels: fc.constant(labels),
    quantiles: quantiles.map((found) => found.filter(({ quantile }, i) => quantile !== found[i - 1]?.quantile)),
    count: COUNT,
    sum: isSound ? fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }) : VALUE,
    startUnixMs,
  });
}

function exemplarOf(value: fc.Arbitrary<number>): fc.Arbitrary<Exemplar | undefined> {
  const labels = fc
    .record({ trace_id: fc.stringMatching(/^[0-9a-f]{32}$/), other: fc.string({ maxLength: 200 }) })
    .map((pairs) => LabelSet.of(Object.entries(pairs)));
  return fc.option(fc.record({ labels, value, unixMs: fc.option(TIME, { nil: undefined }) }), { nil: undefined });
}
