import { dataKind, type MetricEntry, type Temporality } from '../../codec/otlp/metric-entries.ts';
import { MetricsBody } from '../../codec/otlp/metrics-body.ts';
import type { RequestBody } from '../../codec/request-body.ts';
import { keptPoint } from '../../core/kept-point.ts';
import type { LabelSet } from '../../core/label-set.ts';
import type { MetricFamily, MetricPoint, MetricSet, MetricType } from '../../core/metric.ts';
import type { Resource } from '../../core/resource.ts';
import { identityOf, sortedAttributes } from '../../core/resource-identity.ts';
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

/** By the attributes of the resource, then by the rest of what tells a series from others. */
type Entries = Map<string, Map<string, MetricEntry>>;

/** What tells a resource from others: to receivers all that it says; but what describes it may change while it lives. */
interface ResourceText {
  readonly attributes: string;
  readonly identity: string;
}

/** One series, as receivers know it, and as it counts. */
interface ShownSeries extends ResourceText {
  readonly id: string;
}

/** Makes ExportMetricsServiceRequests. A series that is no more gets one last point that says so. */
export class OtlpMetricEncoder implements MetricEncoder {
  readonly #options: OtlpMetricEncoderOptions;
  readonly #deltas = new DeltaPoints();
  /** What each group had the last time. */
  readonly #known = new WeakMap<object, Entries>();
  readonly #labelIds = new WeakMap<LabelSet, string>();
  readonly #resourceTexts = new WeakMap<Resource, ResourceText>();

  constructor(options: OtlpMetricEncoderOptions) {
    this.#options = options;
  }

  get hasDifferences(): boolean {
    return this.#options.temporality === 'delta';
  }

  begin(sets: readonly MetricSet[], unixMs: number): void {
    if (!this.hasDifferences) return;
    this.#each(sets, (series, family, point, set) => {
      if (MONOTONIC.has(family.type)) this.#deltas.begin(series, point, point.unixMs ?? set.unixMs ?? unixMs);
    });
  }

  encode(group: object, sets: readonly MetricSet[], unixMs: number): RequestBody[] {
    const now: Entries = new Map();
    let metric: MetricEntry['metric'] | undefined;
    this.#each(sets, (series, family, point, set) => {
      const { attributes, id } = series;
      let ofResource = now.get(attributes);
      if (ofResource === undefined) now.set(attributes, (ofResource = new Map()));
      // Of a producer that goes, and of the one that takes its place and counts on.
      if (ofResource.has(id)) return;
      const { name, type, unit, description } = family;
      const isDelta = this.hasDifferences && MONOTONIC.has(type) && set.naming === 'otlp';
      if (metric?.name !== name || metric.type !== type) {
        const temporality = isDelta ? 'delta' : 'cumulative';
        metric = { name, type, unit, description, temporality, isFromPrometheus: set.naming === 'prometheus' };
      }
      const { resource, scope } = set;
      const pointMs = point.unixMs ?? set.unixMs;
      const kept = isDelta ? this.#deltas.next(series, point, pointMs) : keptPoint(point);
      ofResource.set(id, { resource, scope, metric, point: kept, unixMs: pointMs, isGone: false });
    });
    const gone = this.#goneSince(this.#known.get(group) ?? new Map(), now, unixMs);
    this.#known.set(group, now);
    return this.#bodies([...[...now.values()].flatMap((series) => [...series.values()]), ...gone]);
  }

  /** The last points of series that are no more, each behind its last value, whatever the clock says. */
  #goneSince(before: Entries, now: Entries, unixMs: number): MetricEntry[] {
    const gone: MetricEntry[] = [];
    for (const [attributes, series] of before) {
      const still = now.get(attributes);
      for (const [id, entry] of series) {
        if (still?.has(id) === true) continue;
        gone.push({ ...entry, unixMs: Math.max(unixMs, entry.unixMs + 1), isGone: true });
        if (this.hasDifferences) this.#forget(entry.resource, id, now);
      }
    }
    return gone;
  }

  /** Forgets the last point of a series, unless it goes on under another description of its resource. */
  #forget(resource: Resource, id: string, now: Entries): void {
    const { identity } = this.#textOf(resource);
    for (const series of now.values()) {
      const entry = series.get(id);
      if (entry !== undefined && this.#textOf(entry.resource).identity === identity) return;
    }
    this.#deltas.forget({ identity, id });
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
    use: (series: ShownSeries, family: MetricFamily, point: MetricPoint, set: MetricSet) => void,
  ): void {
    for (const set of sets) {
      const { attributes, identity } = this.#textOf(set.resource);
      for (const family of set.families) {
        const head = JSON.stringify([set.scope.name, family.name, family.type]);
        for (const point of family.points) {
          if (dataKind(family.type, point) === undefined) continue;
          use({ attributes, identity, id: head + this.#labelsId(point.labels) }, family, point, set);
        }
      }
    }
  }

  #labelsId(labels: LabelSet): string {
    let id = this.#labelIds.get(labels);
    if (id === undefined) this.#labelIds.set(labels, (id = labels.id));
    return id;
  }

  #textOf(resource: Resource): ResourceText {
    let text = this.#resourceTexts.get(resource);
    if (text === undefined) {
      text = { attributes: JSON.stringify(sortedAttributes(resource)), identity: identityOf(resource) };
      this.#resourceTexts.set(resource, text);
    }
    return text;
  }
}
