import type { Instrument } from '../core/instruments.ts';
import type { RecordBatch } from '../core/record-batch.ts';
import type { Resource } from '../core/resource.ts';
import type { LabelSpans } from './label-spans.ts';
import type { MetricSeries } from './metric-series.ts';
import type { ResourceTable } from './resource-table.ts';

/** Larger keys are not remembered. */
const MAX_KEYS = 16_384;

/** One stage's way into a metric. */
export class MetricInstrument implements Instrument {
  readonly #series: MetricSeries;
  readonly #labels: LabelSpans;
  readonly #resources: ResourceTable;
  /** By key: one more than the number of its series; 0: not known. Of one resource, and one lifetime of the numbers. */
  #known = new Uint16Array(0);
  #resource: Resource | undefined;
  #lifetime = -1;

  constructor(series: MetricSeries, labels: LabelSpans, resources: ResourceTable) {
    this.#series = series;
    this.#labels = labels;
    this.#resources = resources;
  }

  record(batch: RecordBatch, record: number, value: number, key = 0): void {
    const used = batch.byteLength;
    this.#labels.locate(batch, record);
    const { resource } = batch.stream;
    const series = this.#series.record(batch, record, this.#resources.numberOf(resource), this.#labels, value);
    batch.byteLength = used;
    if (key > 0 && series >= 0) this.#remember(key, series, resource);
  }

  recordAgain(batch: RecordBatch, record: number, value: number, key: number): boolean {
    if (key >= this.#known.length) return false;
    const series = this.#known[key]! - 1;
    if (series < 0 || this.#resource !== batch.stream.resource || this.#lifetime !== this.#series.lifetime)
      return false;
    this.#series.recordIn(series, batch, record, value);
    return true;
  }

  #remember(key: number, series: number, resource: Resource): void {
    if (key >= MAX_KEYS || series >= 0xffff) return;
    if (this.#known.length === 0) this.#known = new Uint16Array(MAX_KEYS);
    else if (this.#resource !== resource || this.#lifetime !== this.#series.lifetime) this.#known.fill(0);
    this.#resource = resource;
    this.#lifetime = this.#series.lifetime;
    this.#known[key] = series + 1;
  }
}
