import { Hasher } from '../../bytes/hasher.ts';
import type { PacketArena } from '../../codec/statsd/packet-arena.ts';
import type { LineFault, StatsdLine, StatsdType } from '../../codec/statsd/statsd-line.ts';
import { TagText } from '../../codec/statsd/tag-text.ts';
import type { Clock } from '../../core/clock.ts';
import type { Buckets } from '../../core/instruments.ts';
import type { MetricFamily, MetricProducer, MetricSet } from '../../core/metric.ts';
import type { Resource } from '../../core/resource.ts';
import { HistogramAggregation } from '../../metrics/aggregation.ts';
import { ExponentialAggregation } from '../../metrics/exponential-aggregation.ts';
import { SeriesIndex } from '../../metrics/series-index.ts';
import { RecentTags } from './recent-tags.ts';
import { SeriesBudget } from './series-budget.ts';
import {
  CounterMetric,
  GaugeMetric,
  HistogramMetric,
  SetMetric,
  type StatsdMetric,
  type TakeFault,
} from './statsd-metric.ts';
import { TaggedSeries } from './tagged-series.ts';

/** Why a line was not counted: a word of the metric about lines. */
export type StatsdFault = LineFault | TakeFault | 'metric_type' | 'metric_limit';

/** What all tags of all series may take, in bytes. */
const MAX_TAG_BYTES = 16 * 1024 * 1024;
/** How many members all sets have together, of the number that one series may have. */
const FULL_SETS = 10;

/** What bounds the metrics, and how values become them. */
export interface StatsdMetricsOptions {
  readonly maxMetrics: number;
  /** Of one metric, and of all of them. */
  readonly maxSeries: number;
  readonly maxTotalSeries: number;
  readonly maxLabelBytes: number;
  readonly expireAfterMs: number;
  /** How many different values a set has, in how much time. */
  readonly maxSetMembers: number;
  readonly setIntervalMs: number;
  /** Of timers, in seconds, and of histograms and distributions. */
  readonly timerBuckets: Buckets;
  readonly histogramBuckets: Buckets;
  readonly hasGaugeDeltas: boolean;
  readonly hasContainer: boolean;
  readonly resource: () => Resource;
  readonly clock: Clock;
}

/** A metric and its name. */
interface NamedMetric {
  readonly name: string;
  readonly metric: StatsdMetric;
}

/** The metrics of a source, of which senders say the names, types and tags. They start at nothing. */
export class StatsdMetrics implements MetricProducer {
  readonly #options: StatsdMetricsOptions;
  readonly #budget: SeriesBudget;
  readonly #tags: TagText;
  readonly #recent = new RecentTags();
  readonly #names = new SeriesIndex(1);
  /** By number. */
  readonly #metrics: (NamedMetric | undefined)[] = [];
  readonly #free: number[] = [];
  readonly #span = new Uint32Array(2);
  readonly #hasher = new Hasher();
  #overflows = 0;

  constructor(options: StatsdMetricsOptions) {
    this.#options = options;
    const { maxTotalSeries, maxSetMembers, maxLabelBytes, hasContainer } = options;
    const members = FULL_SETS * maxSetMembers;
    this.#budget = new SeriesBudget({ series: maxTotalSeries, tagBytes: MAX_TAG_BYTES, members });
    this.#tags = new TagText(maxLabelBytes, hasContainer);
  }

  /** Whether it was made with equal options. */
  isMadeWith(options: StatsdMetricsOptions): boolean {
    return keyOf(options) === keyOf(this.#options);
  }

  /** How many series there are. O(metrics). */
  get size(): number {
    let size = 0;
    for (const named of this.#metrics) size += named?.metric.series.size ?? 0;
    return size;
  }

  /** Lines that were counted in the series of what has none, and values of tags that were cut. */
  get overflows(): number {
    return this.#overflows;
  }

  get cutValues(): number {
    return this.#tags.cutValues;
  }

  /** Counts a line of the packet. */
  take(packet: PacketArena, line: StatsdLine): StatsdFault | undefined {
    const { clock, hasContainer } = this.#options;
    const { tagsStart, tagsEnd } = line;
    const span = this.#span;
    span[0] = line.nameStart;
    span[1] = line.nameEnd;
    let number = this.#names.find(packet, 0, span);
    // Else the container is part of what tells the series.
    const isKnown = number >= 0 && (!hasContainer || line.containerEnd === line.containerStart);
    let series = isKnown ? this.#recent.find(packet, number, tagsStart, tagsEnd) : -1;
    const { cutValues } = this.#tags;
    if (series < 0 && !this.#tags.set(packet, line)) return 'tags';
    if (number < 0) number = this.#open(packet, line);
    if (number < 0) return 'metric_limit';
    const { metric } = this.#metrics[number]!;
    if (metric.type !== line.type) return 'metric_type';
    const nowMs = clock.nowMs();
    if (series >= 0) {
      metric.series.use(series, nowMs);
    } else {
      series = metric.series.find(this.#tags, nowMs, clock.unixMs());
      // What is cut is counted each time.
      if (isKnown && this.#tags.cutValues === cutValues) this.#recent.add(packet, number, tagsStart, tagsEnd, series);
    }
    const fault = metric.take(line, series, nowMs, line.type === 'set' ? this.#memberOf(packet, line) : 0);
    if (fault === undefined && metric.series.isOverflow(series)) this.#overflows++;
    return fault;
  }

  /** Forgets what was silent for too long. O(series). */
  expire(): void {
    const { clock, expireAfterMs } = this.#options;
    const beforeMs = clock.nowMs() - expireAfterMs;
    const before = this.size;
    let isGone = false;
    for (const [number, named] of this.#metrics.entries()) {
      if (named === undefined) continue;
      named.metric.expire(beforeMs);
      if (named.metric.series.size > 0) continue;
      this.#metrics[number] = undefined;
      this.#free.push(number);
      isGone = true;
    }
    if (this.size < before) this.#recent.clear();
    if (isGone) this.#names.keepOnly(this.#metrics.flatMap((named, number) => (named === undefined ? [] : [number])));
  }

  collect(): readonly MetricSet[] {
    const { clock, resource } = this.#options;
    const nowMs = clock.nowMs();
    const families = this.#metrics.flatMap((named): MetricFamily[] => {
      if (named === undefined) return [];
      const { name, metric } = named;
      const points = metric.points(nowMs);
      const unit = metric.type === 'timer' ? 's' : '';
      const { type } = metric.series.aggregation;
      return points.length === 0 ? [] : [{ name, type, unit, description: '', points }];
    });
    if (families.length === 0) return [];
    const scope = { name: '', version: '' };
    return [{ resource: resource(), scope, naming: 'otlp', unixMs: clock.unixMs(), families }];
  }

  /** The number of a metric whose name was just not found; -1: there are as many as there may be. */
  #open(packet: PacketArena, line: StatsdLine): number {
    const next = this.#free.at(-1) ?? this.#metrics.length;
    if (next >= this.#options.maxMetrics) return -1;
    this.#free.pop();
    const name = packet.bytes.toString('utf8', line.nameStart, line.nameEnd);
    this.#metrics[next] = { name, metric: this.#create(line.type) };
    this.#names.add(next, packet, 0, this.#span);
    return next;
  }

  #create(type: StatsdType): StatsdMetric {
    const { maxSeries, hasGaugeDeltas, maxSetMembers: maxMembers, setIntervalMs: intervalMs, clock } = this.#options;
    const budget = this.#budget;
    const limits = { maxSeries, budget };
    switch (type) {
      case 'counter':
        return new CounterMetric(limits);
      case 'gauge':
        return new GaugeMetric(limits, hasGaugeDeltas);
      case 'set':
        return new SetMetric(limits, { maxMembers, budget, intervalMs }, clock.nowMs());
      case 'timer':
      case 'histogram':
      case 'distribution': {
        const buckets = type === 'timer' ? this.#options.timerBuckets : this.#options.histogramBuckets;
        const aggregation =
          buckets.kind === 'exponential'
            ? new ExponentialAggregation(buckets.maxBuckets)
            : new HistogramAggregation(buckets.bounds);
        return new HistogramMetric(type, new TaggedSeries(aggregation, limits));
      }
      default:
        return type satisfies never;
    }
  }

  /** 52 bits of a hash: two of a hundred thousand values are taken for one once in a million times. */
  #memberOf(packet: PacketArena, { memberStart, memberEnd }: StatsdLine): number {
    const hasher = this.#hasher;
    hasher.start(0);
    hasher.addSpan(packet.view, memberStart, memberEnd);
    hasher.finish();
    return (hasher.high >>> 12) * 2 ** 32 + (hasher.low >>> 0);
  }
}

/** Everything but whose they are, and the time. */
function keyOf({ resource: _, clock: __, ...options }: StatsdMetricsOptions): string {
  return JSON.stringify(options);
}
