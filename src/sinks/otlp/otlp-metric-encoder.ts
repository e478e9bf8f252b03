import { dataKind, type MetricEntry, type Temporality } from '../../codec/otlp/metric-entries.ts';
import { MetricsBody } from '../../codec/otlp/metrics-body.ts';
import type { RequestBody } from '../../codec/request-body.ts';
import { keptPoint } from '../../core/kept-point.ts';
import type { LabelSet } from '../../core/label-set.ts';
import type { MetricFamily, MetricPoint, MetricSet, MetricType } from '../../core/metric.ts';
import type { Resource } from '../../core/resource.ts';
import type { MetricEncoder } from '../../delivery/metric-encoder.ts';
import { DeltaPoints } from './delta-points.ts';

export interface OtlpMetricEncoderOptions {
  readonly encoding: 'protobuf' | 'json';
  /** For counters and histograms; what goes up and down is always cumulative, as OpenTelemetry prefers. */
  readonly temporality: Temporality;
  readonly maxRequestPoints: number;
}

/** Sums that only grow, which may go out as differences. */
const MONOTONIC: ReadonlySet<MetricType> = new Set<MetricType>(['counter', 'histogram']);

/** Makes ExportMetricsServiceRequests. A series that is no more gets one last point that says so. */
export class OtlpMetricEncoder implements MetricEncoder {
  readonly #options: OtlpMetricEncoderOptions;
  readonly #deltas = new DeltaPoints();
  /** What each group had the last time, by id. */
  readonly #known = new WeakMap<object, Map<string, MetricEntry>>();
  readonly #labelIds = new WeakMap<LabelSet, string>();
  readonly #resourceIds = new WeakMap<Resource, number>();
  #resources = 0;

  constructor(options: OtlpMetricEncoderOptions) {
    this.#options = options;
  }

  begin(sets: readonly MetricSet[], unixMs: number): void {
    if (this.#options.temporality === 'cumulative') return;
    this.#each(sets, (id, family, point, set) => {
      if (MONOTONIC.has(family.type)) this.#deltas.next(id, point, point.unixMs ?? set.unixMs ?? unixMs);
    });
  }

  encode(group: object, sets: readonly MetricSet[], unixMs: number): RequestBody[] {
    const before = this.#known.get(group);
    const now = new Map<string, MetricEntry>();
    let metric: MetricEntry['metric'] | undefined;
    this.#each(sets, (id, family, point, set) => {
      const { name, type, unit, description } = family;
      const isDelta = this.#options.temporality === 'delta' && MONOTONIC.has(type) && set.naming === 'otlp';
      if (metric?.name !== name || metric.type !== type) {
        const temporality = isDelta ? 'delta' : 'cumulative';
        metric = { name, type, unit, description, temporality, isFromPrometheus: set.naming === 'prometheus' };
      }
      const { resource, scope } = set;
      const pointMs = point.unixMs ?? set.unixMs;
      const kept = isDelta ? this.#deltas.next(id, point, pointMs) : keptPoint(point);
      now.set(id, { resource, scope, metric, point: kept, unixMs: pointMs, isGone: false });
    });
    const gone: MetricEntry[] = [];
    for (const [id, entry] of before ?? []) {
      if (now.has(id)) continue;
      this.#deltas.forget(id);
      gone.push({ ...entry, unixMs, isGone: true });
    }
    this.#known.set(group, now);
    return this.#bodies([...now.values(), ...gone]);
  }

  #bodies(entries: readonly MetricEntry[]): RequestBody[] {
    const { maxRequestPoints, encoding } = this.#options;
    const bodies: RequestBody[] = [];
    for (let from = 0; from < entries.length; from += maxRequestPoints) {
      bodies.push(new MetricsBody(entries.slice(from, from + maxRequestPoints), encoding));
    }
    return bodies;
  }

  /** Calls `use` for each point that OTLP has a form for. Points of one metric come one after another. */
  #each(
    sets: readonly MetricSet[],
    use: (id: string, family: MetricFamily, point: MetricPoint, set: MetricSet) => void,
  ): void {
    for (const set of sets) {
      const resourceId = this.#idOf(set.resource);
      for (const family of set.families) {
        const head = JSON.stringify([resourceId, set.scope.name, family.name, family.type]);
        for (const point of family.points) {
          if (dataKind(family.type, point) === undefined) continue;
          use(head + this.#labelsId(point.labels), family, point, set);
        }
      }
    }
  }

  #labelsId(labels: LabelSet): string {
    let id = this.#labelIds.get(labels);
    if (id === undefined) this.#labelIds.set(labels, (id = labels.id));
    return id;
  }

  #idOf(resource: Resource): number {
    let id = this.#resourceIds.get(resource);
    if (id === undefined) this.#resourceIds.set(resource, (id = this.#resources++));
    return id;
  }
}
