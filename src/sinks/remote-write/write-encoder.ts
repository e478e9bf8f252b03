import type { PrometheusTranslation } from '../../codec/prometheus/translation.ts';
import { WriteBody, type WriteVersion } from '../../codec/remote-write/write-body.ts';
import { type LabelPair, staleSeries, type WriteSeries, writeSeriesOf } from '../../codec/remote-write/write-series.ts';
import type { RequestBody } from '../../codec/request-body.ts';
import type { MetricSet } from '../../core/metric.ts';
import type { MetricEncoder } from '../../delivery/metric-encoder.ts';

export interface WriteEncoderOptions {
  readonly translation: PrometheusTranslation;
  /** Labels that each series gets unless it has one of that name; sorted. */
  readonly externalLabels: readonly LabelPair[];
  readonly maxRequestSamples: number;
  readonly version: () => WriteVersion;
  /** Says that a series could not be sent as it is, and why. */
  readonly onConflict: (metric: string, why: string, series: number) => void;
}

/** Makes requests of remote write. A series that is no more gets a stale marker. */
export class WriteEncoder implements MetricEncoder {
  readonly #options: WriteEncoderOptions;
  /** What each group had the last time, by its labels. */
  readonly #known = new WeakMap<object, Map<string, WriteSeries>>();

  constructor(options: WriteEncoderOptions) {
    this.#options = options;
  }

  encode(group: object, sets: readonly MetricSet[], unixMs: number): RequestBody[] {
    const { translation, externalLabels, onConflict } = this.#options;
    const before = this.#known.get(group);
    const now = new Map<string, WriteSeries>();
    const families = translation.families(sets, ({ name, kind, series }) => onConflict(name, kind, series));
    for (const family of families) {
      for (const series of writeSeriesOf(family, externalLabels)) {
        const id = JSON.stringify(series.labels);
        // Requests that wait share the labels, which are most of what they hold.
        const labels = before?.get(id)?.labels ?? series.labels;
        now.set(id, { ...series, labels });
      }
    }
    const gone = Array.from(before ?? []).filter(([id]) => !now.has(id));
    this.#known.set(group, now);
    return this.#bodies([
      ...now.values(),
      ...gone.map(([, series]) => staleSeries(series, Math.max(unixMs, series.unixMs + 1))),
    ]);
  }

  #bodies(series: readonly WriteSeries[]): RequestBody[] {
    const { maxRequestSamples, version } = this.#options;
    const bodies: RequestBody[] = [];
    for (let from = 0; from < series.length; from += maxRequestSamples) {
      bodies.push(new WriteBody(series.slice(from, from + maxRequestSamples), version));
    }
    return bodies;
  }
}
