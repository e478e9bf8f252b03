import type { Clock } from '../core/clock.ts';
import type { Instrument, InstrumentSpec, Instruments, ValueReader } from '../core/instruments.ts';
import type { Commitment, Lease } from '../core/lease.ts';
import type { MetricFamily, MetricProducer, MetricSet } from '../core/metric.ts';
import { sortedAttributes } from '../core/resource-identity.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { LabelSpans } from './label-spans.ts';
import type { MetricDelta } from './metric-delta.ts';
import { MetricInstrument } from './metric-instrument.ts';
import { MetricSeries } from './metric-series.ts';
import { parseResource, ResourceTable } from './resource-table.ts';
import { restoreSeries, SeriesText, specKey } from './stored-series.ts';

/** How often it is looked for series that have expired. */
const EXPIRY_INTERVAL_MS = 10_000;

/** What a registry is made of. */
export interface MetricRegistryOptions {
  /** What it is called in the agent's own log and metrics: the sinks that it feeds. */
  readonly name: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Who makes the metrics: OTLP's scope. */
  readonly scope: { readonly name: string; readonly version: string };
  /** What `snapshot()` gave in the last life, parsed; undefined: nothing. */
  readonly restored: unknown;
  /** Whether nothing is kept over a restart. */
  readonly isVolatile: boolean;
  /** Called when the snapshot has changed. */
  readonly onChange: () => void;
}

/** A metric that is open. */
interface OpenMetric {
  readonly series: MetricSeries;
  readonly text: SeriesText;
  /** Of each stage that counts in it. */
  readonly labels: LabelSpans[];
  isOverflowing: boolean;
  countedOverflow: number;
  countedCuts: number;
}

/**
 * The metrics that records are counted in, for the sinks of one set.
 *
 * What the stages count while a batch is processed is the batch's own until its range is committed; then it joins the
 * committed state, which the checkpoint holds beside the offsets. What `collect()` shows is what the disk has.
 */
export class MetricRegistry implements Instruments, MetricProducer {
  readonly isWatched = true;
  readonly #options: Omit<MetricRegistryOptions, 'restored'>;
  readonly #metrics = new Map<string, OpenMetric>();
  /** Those that take the place of others of the same name with the next `begin()`: until then these go on. */
  readonly #next = new Map<string, OpenMetric>();
  /** The names whose number of series is shown. */
  readonly #counted = new Set<string>();
  readonly #resources = new ResourceTable();
  /** By name: what the last life left, as long as nobody has opened it. */
  readonly #restored = new Map<string, Readonly<Record<string, unknown>>>();
  #restoredResources: readonly unknown[] = [];
  /** By number in the last life: that in this one, as far as it was asked for. */
  readonly #restoredNumbers: (number | undefined)[] = [];
  /** What turns monotonic time into Unix time that never jumps. */
  readonly #epochMs: number;
  #nextExpiryMs: number;
  #batches = 0;

  constructor({ restored, ...options }: MetricRegistryOptions) {
    const { clock } = options;
    this.#options = options;
    this.#epochMs = clock.unixMs() - clock.nowMs();
    this.#nextExpiryMs = clock.nowMs() + EXPIRY_INTERVAL_MS;
    this.#restore(restored);
  }

  open(spec: InstrumentSpec, readers: readonly ValueReader[]): Instrument {
    // In an order of their own, so that whoever names them in another one counts in the same series.
    const order = spec.labels.map((_, label) => label).sort((a, b) => (spec.labels[a]! < spec.labels[b]! ? -1 : 1));
    const sorted = { ...spec, labels: order.map((label) => spec.labels[label]!) };
    const open = this.#opened(sorted);
    const labels = new LabelSpans(
      order.map((label) => readers[label]!),
      spec.limits.maxLabelBytes,
    );
    open.labels.push(labels);
    return new MetricInstrument(open.series, labels, this.#resources);
  }

  /**
   * From now on the metrics are these, by their names; those that were opened as another one take its place. What there
   * is of others, also what the last life left, is forgotten.
   */
  begin(names: ReadonlySet<string>): void {
    const { name: sinks, logger, onChange } = this.#options;
    for (const [name, open] of this.#next) {
      this.#metrics.set(name, open);
      tellAnew(logger, sinks, name);
    }
    const gone = [...this.#restored.keys(), ...this.#metrics.keys()].filter((name) => !names.has(name));
    for (const name of gone) this.#metrics.delete(name);
    if (gone.length > 0) logger.info({ sinks, metrics: gone }, 'Metrics that are gone are forgotten.');
    if (gone.length + this.#next.size > 0) onChange();
    this.#next.clear();
    this.#restored.clear();
  }

  /** Ends the counting of one batch: what was counted since the last call is committed with the range of `lease`. */
  seal(lease: Pick<Lease, 'onCommit'>): void {
    let batch: BatchDelta | undefined;
    for (const open of this.#metrics.values()) {
      if (!open.series.isOpen) continue;
      const delta = open.series.seal(this.#nowUnixMs());
      if (delta === undefined) continue;
      batch ??= new BatchDelta(this.#batches++, this.#options.onChange);
      batch.add(open.series, delta);
      if (open.series.overflowRecords > open.countedOverflow) this.#tellOverflow(open);
      this.#countCuts(open);
    }
    if (batch !== undefined) lease.onCommit(batch);
  }

  collect(): readonly MetricSet[] {
    this.#expire();
    const families = new Map<number, MetricFamily[]>();
    for (const { series } of this.#metrics.values()) {
      for (const [resource, shown] of series.shown()) {
        let ofResource = families.get(resource);
        if (ofResource === undefined) families.set(resource, (ofResource = []));
        ofResource.push(shown);
      }
    }
    const { scope, clock } = this.#options;
    const unixMs = clock.unixMs();
    return Array.from(families, ([number, ofResource]) => {
      const resource = this.#resources.resource(number)!;
      return { resource, scope, naming: 'otlp', unixMs, families: ofResource };
    });
  }

  /** A write of the checkpoint begins: it will hold what is committed now. */
  beginWrite(): void {
    this.#expire();
    for (const { text } of this.#metrics.values()) text.beginWrite();
  }

  /** It has ended: what it holds may be seen. */
  endWrite(): void {
    let hasReleased = false;
    for (const { series } of this.#metrics.values()) if (series.endWrite()) hasReleased = true;
    if (hasReleased) this.#releaseResources();
  }

  /** What is committed, as JSON. */
  snapshot(): string {
    const metrics = Array.from(this.#metrics.values(), ({ series, text }) => {
      return `{"key":${JSON.stringify(specKey(series.spec))},"series":${text.text()}}`;
    });
    const resources = Array.from({ length: this.#resources.count }, (_, number) => {
      const resource = this.#resources.resource(number);
      return resource === undefined ? null : sortedAttributes(resource);
    });
    return `{"resources":${JSON.stringify(resources)},"metrics":[${metrics.join(',')}]}`;
  }

  #opened(spec: InstrumentSpec): OpenMetric {
    const { name } = spec;
    const key = specKey(spec);
    const open = this.#metrics.get(name);
    if (open === undefined) {
      const created = this.#create(spec);
      this.#metrics.set(name, created);
      return created;
    }
    if (specKey(open.series.spec) === key) return open;
    const next = this.#next.get(name);
    if (next !== undefined && specKey(next.series.spec) === key) return next;
    const created = this.#create(spec);
    this.#next.set(name, created);
    return created;
  }

  #create(spec: InstrumentSpec): OpenMetric {
    const { isVolatile, name: sinks, logger } = this.#options;
    const series = new MetricSeries(spec, isVolatile);
    const stored = this.#restored.get(spec.name);
    this.#restored.delete(spec.name);
    if (stored !== undefined && stored['key'] === specKey(spec)) {
      restoreSeries(series, stored['series'], (number) => this.#resourceOf(number));
    } else if (stored !== undefined) {
      tellAnew(logger, sinks, spec.name);
    }
    if (!this.#counted.has(spec.name)) {
      this.#counted.add(spec.name);
      const size = (): number => this.#metrics.get(spec.name)?.series.size ?? 0;
      this.#options.metrics.gauge('pillion_metric_series', { sinks, metric: spec.name }, size);
    }
    const counted = { isOverflowing: false, countedOverflow: 0, countedCuts: 0 };
    return { series, text: new SeriesText(series), labels: [], ...counted };
  }

  #countCuts(open: OpenMetric): void {
    let cuts = 0;
    for (const { cutValues } of open.labels) cuts += cutValues;
    if (cuts === open.countedCuts) return;
    const { name: sinks, metrics } = this.#options;
    const { name: metric } = open.series.spec;
    metrics.counter('pillion_metric_cut_label_values_total', { sinks, metric }).add(cuts - open.countedCuts);
    open.countedCuts = cuts;
  }

  #tellOverflow(open: OpenMetric): void {
    const { name: sinks, logger, metrics } = this.#options;
    const { name: metric, limits } = open.series.spec;
    const records = open.series.overflowRecords - open.countedOverflow;
    open.countedOverflow = open.series.overflowRecords;
    metrics.counter('pillion_metric_overflow_records_total', { sinks, metric }).add(records);
    if (open.isOverflowing) return;
    open.isOverflowing = true;
    const fields = { sinks, metric, maxSeries: limits.maxSeries };
    logger.warn(fields, 'The metric has as many series as it may: more values of its labels are counted in one.');
  }

  #expire(): void {
    const nowMs = this.#options.clock.nowMs();
    if (nowMs < this.#nextExpiryMs) return;
    this.#nextExpiryMs = nowMs + EXPIRY_INTERVAL_MS;
    let hasExpired = false;
    for (const { series } of this.#metrics.values()) {
      if (series.expire(this.#nowUnixMs())) hasExpired = true;
      if (this.#options.isVolatile) series.releaseExpired();
    }
    if (!hasExpired) return;
    if (this.#options.isVolatile) this.#releaseResources();
    this.#options.onChange();
  }

  /** Forgets resources of which there are no series any more: pods come and go. */
  #releaseResources(): void {
    const used = new Set<number>();
    for (const { series } of [...this.#metrics.values(), ...this.#next.values()]) series.addResourcesTo(used);
    this.#resources.keepOnly((number) => used.has(number));
  }

  /** The number of a resource by that of the last life; undefined: there was none. */
  #resourceOf(number: unknown): number | undefined {
    if (typeof number !== 'number') return undefined;
    const known = this.#restoredNumbers[number];
    const stored = this.#restoredResources[number];
    if (known !== undefined || stored === undefined) return known;
    return (this.#restoredNumbers[number] = this.#resources.numberOf(parseResource(stored)));
  }

  #nowUnixMs(): number {
    return this.#epochMs + this.#options.clock.nowMs();
  }

  #restore(restored: unknown): void {
    const { resources, metrics } = (restored ?? {}) as Record<string, unknown>;
    if (!Array.isArray(resources) || !Array.isArray(metrics)) return;
    this.#restoredResources = resources as unknown[];
    for (const metric of metrics as unknown[]) {
      const { key } = (metric ?? {}) as Record<string, unknown>;
      if (typeof key !== 'string') continue;
      this.#restored.set(nameIn(key), metric as Record<string, unknown>);
    }
  }
}

function tellAnew(logger: Logger, sinks: string, metric: string): void {
  logger.info({ sinks, metric }, 'The metric has another type, unit, labels or buckets than before: it counts anew.');
}

/** The name of the metric of a `specKey()`; whatever is none has one that no metric has. */
function nameIn(key: string): string {
  try {
    const [name] = JSON.parse(key) as unknown[];
    return String(name);
  } catch {
    return '';
  }
}

/** What a batch has counted in all metrics, until its range is committed. */
class BatchDelta implements Commitment {
  readonly #number: number;
  readonly #onChange: () => void;
  readonly #parts: { readonly series: MetricSeries; readonly delta: MetricDelta }[] = [];

  constructor(number: number, onChange: () => void) {
    this.#number = number;
    this.#onChange = onChange;
  }

  add(series: MetricSeries, delta: MetricDelta): void {
    this.#parts.push({ series, delta });
  }

  commit(): void {
    for (const { series, delta } of this.#parts) series.commit(delta, this.#number);
    this.#onChange();
  }

  giveUp(): void {
    for (const { series, delta } of this.#parts) series.giveUp(delta);
  }
}
