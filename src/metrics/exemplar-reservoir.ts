import { LabelSet } from '../core/label-set.ts';
import type { Exemplar } from '../core/metric.ts';
import { NO_SPAN, type RecordBatch } from '../core/record-batch.ts';

const TRACE_BYTES = 16;
const SPAN_BYTES = 8;
const ID_BYTES = TRACE_BYTES + SPAN_BYTES;
/** Series with larger numbers have none: exemplars are for people, and nobody looks at so many. */
const MAX_SERIES = 8192;

/**
 * The newest measurement of each bucket of each series that has a trace. It takes memory once there is a record with a
 * trace id, and is not kept over a restart.
 */
export class ExemplarReservoir {
  /** How many a series has. */
  readonly #buckets: number;
  /** By bucket of a series: the ids, the value, and when it was measured; a time of 0: there is none. */
  #ids = Buffer.alloc(0);
  #values = new Float64Array(0);
  #unixMs = new Float64Array(0);
  /** What was made of them for whoever asked. */
  #objects: (Exemplar | undefined)[] = [];

  constructor(buckets: number) {
    this.#buckets = buckets;
  }

  /** Whether there was never one. */
  get isEmpty(): boolean {
    return this.#values.length === 0;
  }

  /** Takes a measurement, if its record belongs to a trace. */
  offer(batch: RecordBatch, record: number, series: number, bucket: number, value: number): void {
    const trace = batch.traceId[record]!;
    if (trace === NO_SPAN || series >= MAX_SERIES) return;
    const place = series * this.#buckets + bucket;
    if (place >= this.#values.length) this.#grow((series + 1) * this.#buckets);
    const at = place * ID_BYTES;
    const { bytes } = batch;
    for (let i = 0; i < TRACE_BYTES; i++) this.#ids[at + i] = bytes[trace + i]!;
    const span = batch.spanId[record]!;
    for (let i = 0; i < SPAN_BYTES; i++) this.#ids[at + TRACE_BYTES + i] = span === NO_SPAN ? 0 : bytes[span + i]!;
    this.#values[place] = value;
    const nanos = batch.time[2 * record + 1]! * 2 ** 32 + batch.time[2 * record]!;
    this.#unixMs[place] = nanos === 0 ? batch.observedUnixMs : nanos / 1e6;
    this.#objects[place] = undefined;
  }

  /** Forgets those of a series. */
  clear(series: number): void {
    this.#unixMs.fill(0, series * this.#buckets, (series + 1) * this.#buckets);
  }

  /** Those of a series, by bucket; undefined: it has none. */
  of(series: number): (Exemplar | undefined)[] | undefined {
    const first = series * this.#buckets;
    if (first >= this.#unixMs.length) return undefined;
    let found: (Exemplar | undefined)[] | undefined;
    for (let bucket = 0; bucket < this.#buckets; bucket++) {
      if (this.#unixMs[first + bucket] === 0) continue;
      found ??= Array.from({ length: this.#buckets });
      found[bucket] = this.#objects[first + bucket] ??= this.#object(first + bucket);
    }
    return found;
  }

  #object(place: number): Exemplar {
    const at = place * ID_BYTES;
    const trace = this.#ids.toString('hex', at, at + TRACE_BYTES);
    const span = this.#ids.toString('hex', at + TRACE_BYTES, at + ID_BYTES);
    const labels = LabelSet.of([['trace_id', trace], ...(/^0+$/.test(span) ? [] : [['span_id', span] as const])]);
    return { labels, value: this.#values[place]!, unixMs: Math.floor(this.#unixMs[place]!) };
  }

  #grow(needed: number): void {
    const length = Math.max(needed, 2 * this.#values.length);
    const ids = Buffer.alloc(length * ID_BYTES);
    this.#ids.copy(ids);
    this.#ids = ids;
    const values = new Float64Array(length);
    values.set(this.#values);
    this.#values = values;
    const unixMs = new Float64Array(length);
    unixMs.set(this.#unixMs);
    this.#unixMs = unixMs;
  }
}
