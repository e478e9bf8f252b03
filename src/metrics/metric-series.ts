import { grown } from '../bytes/grown.ts';
import { inSlices } from '../core/in-slices.ts';
import { type InstrumentSpec, OVERFLOW_LABEL } from '../core/instruments.ts';
import { LabelRow } from '../core/label-row.ts';
import { LabelSet } from '../core/label-set.ts';
import { MAX_COLUMN_LABELS, type MetricPoint, type NumberColumns } from '../core/metric.ts';
import type { RecordBatch } from '../core/record-batch.ts';
import { type Aggregation, CounterAggregation, GaugeAggregation, HistogramAggregation } from './aggregation.ts';
import { ExemplarReservoir } from './exemplar-reservoir.ts';
import { ExponentialAggregation } from './exponential-aggregation.ts';
import type { LabelSpans } from './label-spans.ts';
import { MetricDelta } from './metric-delta.ts';
import { SeriesColumns } from './series-columns.ts';
import { SeriesIndex } from './series-index.ts';
import { ShownSeries } from './shown-series.ts';

const OVERFLOW = LabelSet.of([[OVERFLOW_LABEL, 'true']]);

const INITIAL_SERIES = 16;

/** What is known of a series beside its state. */
export const SeriesState = {
  /** The number is given to nobody. */
  Free: 0,
  /** It has a place, and nothing of it is committed. */
  Admitted: 1,
  /** It counts. */
  Committed: 2,
  /** Nobody finds it any more; it is still on the disk. */
  Expired: 3,
} as const;

/**
 * The series of one metric: those that there are, what a batch counts in them, and their states.
 *
 * A series is known by a number, which is found by the bytes of its labels, and is given to another one only when the
 * disk has forgotten it.
 */
export class MetricSeries {
  readonly spec: InstrumentSpec;
  readonly columns: SeriesColumns;
  readonly aggregation: Aggregation;
  /** By series: see `SeriesState`; its resource; when counting began, and when it was counted last, in Unix milliseconds. */
  states = new Uint8Array(INITIAL_SERIES);
  resources = new Uint32Array(INITIAL_SERIES);
  startUnixMs = new Float64Array(INITIAL_SERIES);
  lastUnixMs = new Float64Array(INITIAL_SERIES);
  /** One more than the largest number that was ever given. */
  count = 0;
  /** Changes when numbers that were found may be those of others from now on. */
  lifetime = 0;
  /** Records that were counted in an overflow series, and labels that were cut, since the start. */
  overflowRecords = 0;
  readonly #index: SeriesIndex;
  readonly #exemplars: ExemplarReservoir;
  /** By series: in how many batches that are not committed it was counted; the place in the open one plus 1, 0: none; and the last batch of which it has the state. */
  #pending = new Uint32Array(INITIAL_SERIES);
  #places = new Uint32Array(INITIAL_SERIES);
  #batches = new Float64Array(INITIAL_SERIES);
  readonly #free: number[] = [];
  /** By resource: how many series there are, and the one that counts the rest. */
  readonly #counts: number[] = [];
  readonly #overflows = new Map<number, number>();
  /** Series that have expired since the last write began, and those that it does not hold any more. */
  #expired: number[] = [];
  #leaving: number[] = [];
  readonly #labelSets: (LabelSet | undefined)[] = [];
  readonly #row: LabelRow;
  #open: MetricDelta | undefined;
  readonly #idle: MetricDelta[] = [];

  constructor(spec: InstrumentSpec, isVolatile: boolean) {
    this.spec = spec;
    this.aggregation = aggregationOf(spec);
    this.columns = new SeriesColumns(this.aggregation, isVolatile);
    this.#index = new SeriesIndex(spec.labels.length);
    this.#row = new LabelRow(spec.labels);
    this.#exemplars = new ExemplarReservoir(this.aggregation.exemplars);
  }

  /** How many series there are, those that count the rest included. */
  get size(): number {
    let size = this.#overflows.size;
    for (const count of this.#counts) size += count ?? 0;
    return size;
  }

  /** Whether the batch that is open has counted anything here. */
  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  /**
   * Counts a measurement of a record, whose labels `labels` has located, for the batch that is open. Returns the series
   * that has these labels; -1: none had.
   */
  record(batch: RecordBatch, record: number, resource: number, labels: LabelSpans, value: number): number {
    const { spans } = labels;
    const found = this.#index.find(batch, resource, spans);
    this.recordIn(found < 0 ? this.#admit(batch, resource, spans) : found, batch, record, value);
    return found;
  }

  /** Counts a measurement in a series whose number is known, and was found since `lifetime` changed. */
  recordIn(series: number, batch: RecordBatch, record: number, value: number): void {
    const { width } = this.aggregation;
    const delta = (this.#open ??= this.#idle.pop() ?? new MetricDelta(width));
    let place = this.#places[series]! - 1;
    if (place < 0) {
      place = delta.add(series);
      this.#places[series] = place + 1;
      this.aggregation.clear(delta.column, place * width);
    }
    const bucket = this.aggregation.record(delta.column, place * width, value);
    if (this.aggregation.exemplars > 0) this.#exemplars.offer(batch, record, series, bucket, value);
  }

  /** Ends the open batch, and gives what it has counted; see `commit()`. `nowUnixMs`: of the metric's own time. */
  seal(nowUnixMs: number): MetricDelta | undefined {
    const delta = this.#open;
    if (delta === undefined) return undefined;
    this.#open = undefined;
    for (let place = 0; place < delta.count; place++) {
      const series = delta.series[place]!;
      this.#places[series] = 0;
      this.#pending[series]!++;
      this.lastUnixMs[series] = nowUnixMs;
    }
    return delta;
  }

  /** Adds what a batch has counted, the `batch`th of all, to what is committed; takes the delta back. */
  commit(delta: MetricDelta, batch: number): void {
    const { columns, aggregation } = this;
    const { width, isCommutative } = aggregation;
    for (let place = 0; place < delta.count; place++) {
      const series = delta.series[place]!;
      this.#pending[series]!--;
      if (!isCommutative && batch < this.#batches[series]!) continue;
      this.#batches[series] = batch;
      aggregation.merge(columns.committed, series * width, delta.column, place * width);
      this.states[series] = SeriesState.Committed;
      columns.touch(series);
    }
    delta.count = 0;
    this.#idle.push(delta);
  }

  /** Takes a delta back that is never committed: its series may expire without it. */
  giveUp(delta: MetricDelta): void {
    for (let place = 0; place < delta.count; place++) this.#pending[delta.series[place]!]!--;
    delta.count = 0;
    this.#idle.push(delta);
  }

  /**
   * Forgets the series that nobody has counted in for too long; returns whether there were any. O(series).
   */
  expire(nowUnixMs: number): boolean {
    const beforeMs = nowUnixMs - this.spec.limits.expireAfterMs;
    const { length } = this.#expired;
    for (let series = 0; series < this.count; series++) {
      const state = this.states[series];
      if (state !== SeriesState.Committed && state !== SeriesState.Admitted) continue;
      if (this.lastUnixMs[series]! > beforeMs || this.#pending[series]! > 0 || this.#places[series]! > 0) continue;
      // Others may see it until the disk has forgotten it, and its values go now.
      this.#labelSetOf(series);
      this.states[series] = SeriesState.Expired;
      const resource = this.resources[series]!;
      if (this.#overflows.get(resource) === series) this.#overflows.delete(resource);
      else this.#counts[resource]!--;
      this.#expired.push(series);
    }
    if (this.#expired.length === length) return false;
    this.#index.keepOnly(this.#indexed());
    this.lifetime++;
    return true;
  }

  /** Calls `tell` with every series that is otherwise than when the last write began. */
  eachChanged(tell: (series: number) => void): void {
    for (const series of this.columns.changed) tell(series);
    for (const series of this.#expired) tell(series);
  }

  /** A write begins: the checkpoint will hold what is committed now. */
  beginWrite(): void {
    this.columns.beginWrite();
    this.#leaving.push(...this.#expired);
    this.#expired = [];
  }

  /** It has ended: the numbers of series that are not in it are free. Returns whether there are any. */
  endWrite(): boolean {
    this.columns.endWrite();
    const leaving = this.#leaving;
    this.#leaving = [];
    for (const series of leaving) this.#release(series);
    return leaving.length > 0;
  }

  /** Frees what has expired where nothing is kept. */
  releaseExpired(): void {
    for (const series of this.#expired) this.#release(series);
    this.#expired = [];
  }

  /** Adds the numbers of the resources that its series are of. O(series). */
  addResourcesTo(numbers: Set<number>): void {
    for (let series = 0; series < this.count; series++) {
      if (this.states[series] !== SeriesState.Free) numbers.add(this.resources[series]!);
    }
  }

  /**
   * Makes a series as the last life left it; its committed state is the caller's to fill, and `columns.restored()` to
   * confirm. -1: there is one with these labels. Undefined values: it is the one that counts the rest.
   */
  restore(
    values: { readonly batch: RecordBatch; readonly spans: Uint32Array } | undefined,
    { resource, startUnixMs, lastUnixMs }: Readonly<Record<'resource' | 'startUnixMs' | 'lastUnixMs', number>>,
  ): number {
    if (
      values === undefined ? this.#overflows.has(resource) : this.#index.find(values.batch, resource, values.spans) >= 0
    )
      return -1;
    const series = this.#allot(resource, startUnixMs);
    if (values === undefined) this.#overflows.set(resource, series);
    else {
      this.#index.add(series, values.batch, resource, values.spans);
      this.#counts[resource] = (this.#counts[resource] ?? 0) + 1;
    }
    this.states[series] = SeriesState.Committed;
    this.lastUnixMs[series] = lastUnixMs;
    this.#batches[series] = -1;
    return series;
  }

  /** Whether it counts what has no series of its own. */
  isOverflow(series: number): boolean {
    return this.#overflows.get(this.resources[series]!) === series;
  }

  /** The values of the labels of a series that is not the overflow. */
  values(series: number): string[] {
    return this.#index.values(series);
  }

  /** The series that others may see, by the number of their resource. O(series). */
  shown(): Map<number, ShownSeries> {
    const shown = new Map<number, ShownSeries>();
    inSlices(this.count, (from, to) => this.#show(shown, from, to));
    return shown;
  }

  /** What a series counts, for others. */
  point(series: number): MetricPoint {
    return this.aggregation.point(this.columns.durable, series * this.aggregation.width, {
      labels: this.#labelSetOf(series),
      startUnixMs: this.startUnixMs[series]!,
      exemplars: this.#exemplars.of(series),
    });
  }

  /** These series as columns, where each is one number; the index must have their values. */
  columnsOf(places: Uint32Array): NumberColumns | undefined {
    const { aggregation } = this;
    const { labels: names } = this.spec;
    if (aggregation.width > 1 || names.length > MAX_COLUMN_LABELS) return undefined;
    const exemplars = this.#exemplars;
    const { bounds, bytes, view, byteLength, traits } = this.#index;
    return {
      places,
      values: this.columns.durable,
      startUnixMs: aggregation.type === 'gauge' ? undefined : this.startUnixMs,
      labels: { names, bounds, bytes, view, byteLength, traits },
      exemplar: exemplars.isEmpty ? undefined : (place) => exemplars.of(place)?.[0],
    };
  }

  #show(shown: Map<number, ShownSeries>, from: number, to: number): void {
    const { resources, states } = this;
    const { isDurable } = this.columns;
    const hasOverflow = this.#overflows.size > 0;
    for (let series = from; series < to; series++) {
      if (isDurable[series] !== 1) continue;
      const resource = resources[series]!;
      let ofResource = shown.get(resource);
      if (ofResource === undefined) {
        ofResource = new ShownSeries(this, this.#counts[resource] ?? 0);
        shown.set(resource, ofResource);
      }
      // The index has forgotten the values of what has expired.
      const isApart = states[series] === SeriesState.Expired || (hasOverflow && this.isOverflow(series));
      if (isApart) ofResource.addApart(series);
      else ofResource.add(series);
    }
  }

  #labelSetOf(series: number): LabelSet {
    const known = this.#labelSets[series];
    if (known !== undefined) return known;
    if (this.isOverflow(series)) return (this.#labelSets[series] = OVERFLOW);
    return (this.#labelSets[series] = this.#row.of(this.values(series)));
  }

  #admit(batch: RecordBatch, resource: number, spans: Uint32Array): number {
    const count = this.#counts[resource] ?? 0;
    if (count < this.spec.limits.maxSeries) {
      const series = this.#allot(resource, batch.observedUnixMs);
      this.#counts[resource] = count + 1;
      this.#index.add(series, batch, resource, spans);
      return series;
    }
    this.overflowRecords++;
    let overflow = this.#overflows.get(resource);
    if (overflow === undefined) {
      overflow = this.#allot(resource, batch.observedUnixMs);
      this.#overflows.set(resource, overflow);
    }
    return overflow;
  }

  #allot(resource: number, startUnixMs: number): number {
    const series = this.#free.pop() ?? this.count++;
    while (series >= this.states.length) this.#grow();
    this.columns.begin(series);
    this.#exemplars.clear(series);
    this.#labelSets[series] = undefined;
    this.states[series] = SeriesState.Admitted;
    this.resources[series] = resource;
    this.startUnixMs[series] = startUnixMs;
    this.lastUnixMs[series] = startUnixMs;
    this.#pending[series] = 0;
    this.#places[series] = 0;
    this.#batches[series] = -1;
    return series;
  }

  #release(series: number): void {
    this.states[series] = SeriesState.Free;
    this.columns.isDurable[series] = 0;
    this.#labelSets[series] = undefined;
    this.#free.push(series);
  }

  *#indexed(): Iterable<number> {
    for (let series = 0; series < this.count; series++) {
      const state = this.states[series];
      const isThere = state === SeriesState.Admitted || state === SeriesState.Committed;
      if (isThere && !this.isOverflow(series)) yield series;
    }
  }

  #grow(): void {
    const length = 2 * this.states.length;
    this.states = grown(this.states, new Uint8Array(length));
    this.resources = grown(this.resources, new Uint32Array(length));
    this.startUnixMs = grown(this.startUnixMs, new Float64Array(length));
    this.lastUnixMs = grown(this.lastUnixMs, new Float64Array(length));
    this.#pending = grown(this.#pending, new Uint32Array(length));
    this.#places = grown(this.#places, new Uint32Array(length));
    this.#batches = grown(this.#batches, new Float64Array(length));
  }
}

function aggregationOf({ type, buckets }: InstrumentSpec): Aggregation {
  switch (type) {
    case 'counter':
      return new CounterAggregation();
    case 'gauge':
      return new GaugeAggregation();
    case 'histogram':
      return buckets?.kind === 'exponential'
        ? new ExponentialAggregation(buckets.maxBuckets)
        : new HistogramAggregation(buckets?.bounds ?? []);
    default:
      return type satisfies never;
  }
}
