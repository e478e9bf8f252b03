import type { Buckets, InstrumentSpec } from '../core/instruments.ts';
import { KeyTable } from '../core/key-table.ts';
import { RecordBatch } from '../core/record-batch.ts';
import { type MetricSeries, SeriesState } from './metric-series.ts';

/** How many series have their text in one piece, which is written anew when one of them has changed. */
const PIECE = 64;

/**
 * The series of a metric as the checkpoint holds them, as JSON: a list a series, of resource, start, last time, values
 * of the labels (null: the series that counts the rest), and state.
 */
export class SeriesText {
  readonly #series: MetricSeries;
  readonly #pieces: (string | undefined)[] = [];

  constructor(series: MetricSeries) {
    this.#series = series;
  }

  /** A write begins: the checkpoint will hold what is committed now. */
  beginWrite(): void {
    this.#forgetChanged();
    this.#series.beginWrite();
  }

  /** What is committed now. O(what has changed since the last write began, and pieces). */
  text(): string {
    this.#forgetChanged();
    const count = Math.ceil(this.#series.count / PIECE);
    const parts: string[] = [];
    for (let piece = 0; piece < count; piece++) {
      const text = (this.#pieces[piece] ??= this.#textOf(piece));
      if (text !== '') parts.push(text);
    }
    return `[${parts.join(',')}]`;
  }

  #forgetChanged(): void {
    this.#series.eachChanged((series) => {
      this.#pieces[Math.floor(series / PIECE)] = undefined;
    });
  }

  #textOf(piece: number): string {
    const { count, states } = this.#series;
    const parts: string[] = [];
    const end = Math.min(count, (piece + 1) * PIECE);
    for (let series = piece * PIECE; series < end; series++) {
      if (states[series] === SeriesState.Committed) parts.push(this.#textOfSeries(series));
    }
    return parts.join(',');
  }

  #textOfSeries(series: number): string {
    const { resources, startUnixMs, lastUnixMs, columns, aggregation } = this.#series;
    const labels = this.#series.isOverflow(series) ? 'null' : JSON.stringify(this.#series.values(series));
    let text = `[${resources[series]},${startUnixMs[series]},${Math.round(lastUnixMs[series]!)},${labels}`;
    const at = series * aggregation.width;
    for (let i = at; i < at + aggregation.width; i++) text += `,${numberText(columns.committed[i]!)}`;
    return `${text}]`;
  }
}

/** A number as JSON, also one that JSON has no word for. NaN, the sum of both infinities, is null: see `readState()`. */
function numberText(value: number): string {
  if (Number.isNaN(value)) return 'null';
  if (value === Number.POSITIVE_INFINITY) return '1e999';
  if (value === Number.NEGATIVE_INFINITY) return '-1e999';
  return String(value);
}

/** What makes a metric the one that it was: text that is the same for all that count the same. */
export function specKey({ name, type, unit, labels, buckets }: InstrumentSpec): string {
  return JSON.stringify([name, type, unit, labels, bucketsKey(buckets)]);
}

function bucketsKey(buckets: Buckets | undefined): unknown {
  if (buckets === undefined) return null;
  return buckets.kind === 'explicit' ? buckets.bounds : buckets.maxBuckets;
}

/**
 * Fills an empty metric with what `SeriesText` wrote; what is none of that is left out. `resourceOf` turns a number of
 * the last life into one of this; undefined: there is none.
 */
export function restoreSeries(
  metric: MetricSeries,
  stored: unknown,
  resourceOf: (number: unknown) => number | undefined,
): void {
  const { columns, aggregation } = metric;
  const batch = new RecordBatch(new KeyTable(1), 1024);
  const spans = new Uint32Array(2 * metric.spec.labels.length);
  const state = new Float64Array(aggregation.width);
  for (const one of Array.isArray(stored) ? (stored as unknown[]) : []) {
    if (!Array.isArray(one)) continue;
    const [number, start, last, values] = one as unknown[];
    const resource = resourceOf(number);
    if (resource === undefined || !isTime(start) || !isTime(last)) continue;
    if (!readState(one, state) || !aggregation.isValid(state, 0)) continue;
    if (values !== null && !readValues(values, batch, spans)) continue;
    const labels = values === null ? undefined : { batch, spans };
    const series = metric.restore(labels, { resource, startUnixMs: start, lastUnixMs: last });
    if (series < 0) continue;
    columns.committed.set(state, series * aggregation.width);
    columns.restored(series);
  }
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

/** What stands before the state. */
const HEAD = 4;

/** Reads the numbers behind the head; false: they are none, or not as many. */
function readState(stored: readonly unknown[], state: Float64Array): boolean {
  if (stored.length !== HEAD + state.length) return false;
  for (let i = 0; i < state.length; i++) {
    const value = stored[HEAD + i];
    if (typeof value !== 'number' && value !== null) return false;
    state[i] = value ?? Number.NaN;
  }
  return true;
}

/** Writes the values into the batch, which is emptied; false: they are none, or not as many as the metric has labels. */
function readValues(values: unknown, batch: RecordBatch, spans: Uint32Array): boolean {
  if (!Array.isArray(values) || 2 * values.length !== spans.length) return false;
  batch.byteLength = 0;
  for (let label = 0; label < values.length; label++) {
    const value: unknown = values[label];
    if (typeof value !== 'string') return false;
    spans[2 * label] = batch.appendText(value);
    spans[2 * label + 1] = batch.byteLength;
  }
  return true;
}
