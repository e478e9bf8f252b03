import { keptPoint } from '../../core/kept-point.ts';
import { compareNames } from '../../core/label-set.ts';
import type {
  Exemplar,
  ExponentialHistogramPoint,
  HistogramPoint,
  MetricType,
  NumberPoint,
  SummaryPoint,
} from '../../core/metric.ts';
import { exemplarLabels } from '../prometheus/exemplar-labels.ts';
import { goFloat } from '../prometheus/go-float.ts';
import { nativeSchema } from '../prometheus/native-buckets.ts';
import type { PrometheusFamily, PrometheusSeries } from '../prometheus/prometheus-family.ts';

/** A name and a value, in the order of `compareNames()`. */
export type LabelPair = readonly [name: string, value: string];

/** What is said of a metric beside its values. */
export interface SeriesMetadata {
  /** The name of the family: a counter's without `_total` is not asked for, samples have it. */
  readonly family: string;
  readonly type: MetricType;
  readonly help: string;
  readonly unit: string;
}

/** The value of a series of remote write: a number, a histogram, or that there is none any more. */
export type WriteValue =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'histogram'; readonly point: ExponentialHistogramPoint; readonly schema: number }
  | { readonly kind: 'stale'; readonly isHistogram: boolean };

/** One series of remote write, at one moment. */
export interface WriteSeries {
  /** With `__name__`; sorted, no name twice, none empty. */
  readonly labels: readonly LabelPair[];
  readonly value: WriteValue;
  readonly unixMs: number;
  /** When counting began; 0: unknown. */
  readonly startUnixMs: number;
  /** Each with a time: remote write takes no others. */
  readonly exemplars: readonly Exemplar[];
  readonly metadata: SeriesMetadata;
}

/** All series of a family, to keep. Exponential histograms that no native one can hold are left out. */
export function writeSeriesOf(family: PrometheusFamily, external: readonly LabelPair[] = []): WriteSeries[] {
  const { name, type, help, unit } = family;
  const metadata = { family: name, type, help, unit };
  return family.series.flatMap((series) => {
    const out = new SeriesWriter(series, metadata, external);
    switch (series.point.kind) {
      case 'number':
        return out.number(name, series.point);
      case 'histogram':
        return out.histogram(name, series.point);
      case 'exponential_histogram':
        return out.exponential(name, series.point);
      case 'summary':
        return out.summary(name, series.point);
      default:
        return series.point satisfies never;
    }
  });
}

/** The marker that a series is no more, at that moment. */
export function staleSeries(series: WriteSeries, unixMs: number): WriteSeries {
  const isHistogram = series.value.kind === 'histogram' || (series.value.kind === 'stale' && series.value.isHistogram);
  return { ...series, value: { kind: 'stale', isHistogram }, unixMs, startUnixMs: 0, exemplars: [] };
}

/** Makes the series of one point. */
class SeriesWriter {
  readonly #series: PrometheusSeries;
  readonly #metadata: SeriesMetadata;
  readonly #own: readonly LabelPair[];
  readonly #startUnixMs: number;

  constructor(series: PrometheusSeries, metadata: SeriesMetadata, external: readonly LabelPair[]) {
    this.#series = series;
    this.#metadata = metadata;
    const own = [...series.labels];
    // As Prometheus does: what a series says of itself counts.
    const added = external.filter(([name]) => series.labels.get(name) === undefined);
    this.#own = added.length === 0 ? own : [...own, ...added].sort(([a], [b]) => compareNames(a, b));
    this.#startUnixMs = STARTED.has(metadata.type) ? (series.point.startUnixMs ?? 0) : 0;
  }

  number(name: string, { value, exemplar }: NumberPoint): WriteSeries[] {
    return [this.#write(name, { kind: 'number', value }, exemplar === undefined ? [] : [exemplar])];
  }

  histogram(name: string, { bounds, counts, count, sum, exemplars = [] }: HistogramPoint): WriteSeries[] {
    const { type } = this.#metadata;
    const isGauge = type === 'gauge_histogram';
    const written: WriteSeries[] = [];
    let cumulative = 0;
    for (let i = 0; i < counts.length; i++) {
      cumulative += counts[i]!;
      const le = i < bounds.length ? goFloat(bounds[i]!) : '+Inf';
      const exemplar = exemplars[i];
      const value = { kind: 'number', value: cumulative } as const;
      written.push(this.#write(`${name}_bucket`, value, exemplar === undefined ? [] : [exemplar], ['le', le]));
    }
    if (sum !== undefined)
      written.push(this.#write(`${name}_${isGauge ? 'gsum' : 'sum'}`, { kind: 'number', value: sum }));
    written.push(this.#write(`${name}_${isGauge ? 'gcount' : 'count'}`, { kind: 'number', value: count }));
    return written;
  }

  exponential(name: string, point: ExponentialHistogramPoint): WriteSeries[] {
    const schema = nativeSchema(point);
    if (schema === undefined) return [];
    return [this.#write(name, { kind: 'histogram', point: keptPoint(point), schema }, point.exemplars)];
  }

  summary(name: string, { quantiles, count, sum }: SummaryPoint): WriteSeries[] {
    const written = quantiles.map(({ quantile, value }) =>
      this.#write(name, { kind: 'number', value }, [], ['quantile', goFloat(quantile)]),
    );
    if (sum !== undefined) written.push(this.#write(`${name}_sum`, { kind: 'number', value: sum }));
    written.push(this.#write(`${name}_count`, { kind: 'number', value: count }));
    return written;
  }

  #write(name: string, value: WriteValue, exemplars: readonly Exemplar[] = [], own?: LabelPair): WriteSeries {
    return {
      labels: withPairs(this.#own, [['__name__', name], ...(own === undefined ? [] : [own])]),
      value,
      unixMs: this.#series.unixMs,
      startUnixMs: this.#startUnixMs,
      exemplars: exemplars
        .filter(({ unixMs }) => unixMs !== undefined)
        .map((exemplar) => ({ ...exemplar, labels: exemplarLabels(exemplar) })),
      metadata: this.#metadata,
    };
  }
}

/** Types whose values count from a beginning. */
const STARTED: ReadonlySet<MetricType> = new Set<MetricType>(['counter', 'histogram', 'summary']);

/** Sorted pairs with a few more in their places. */
function withPairs(sorted: readonly LabelPair[], added: readonly LabelPair[]): LabelPair[] {
  const pairs = [...sorted];
  for (const pair of added) {
    const at = pairs.findIndex(([name]) => compareNames(name, pair[0]) > 0);
    pairs.splice(at < 0 ? pairs.length : at, 0, pair);
  }
  return pairs;
}
