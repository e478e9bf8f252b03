import { LabelSet } from '../../core/label-set.ts';
import type { MetricFamily, MetricPoint, MetricSet, MetricType } from '../../core/metric.ts';
import type { Resource } from '../../core/resource.ts';
import { type Conflict, LabelIds, MergedFamilies } from './merged-families.ts';
import type { PrometheusColumns, PrometheusFamily, PrometheusSeries } from './prometheus-family.ts';
import {
  attributeLabels,
  attributeTranslator,
  type LabelTranslator,
  labelTranslator,
  targetInfoLabels,
  targetLabels,
} from './translate-labels.ts';
import { type TranslationStrategy, translateMetricName } from './translate-name.ts';
import { unitWord } from './units.ts';

export interface TranslationOptions {
  readonly strategy: TranslationStrategy;
  /** Whether each series says by `job` and `instance` whose it is. */
  readonly targetLabels: boolean;
  /** Whether there is a `target_info` for each resource. */
  readonly targetInfo: boolean;
  /** Whether series of OTLP say by `otel_scope_name` and `otel_scope_version` who made them. */
  readonly scopeLabels: boolean;
  /** Attributes of the resource that become labels of all its series. */
  readonly resourceLabels?: readonly string[];
  /** Whether series may stay columns: whoever gets the families looks at these, too. */
  readonly columns?: boolean;
}

/**
 * Names, labels and types of metrics as Prometheus has them, by OpenTelemetry's rules. Sets that came from Prometheus
 * keep their names. Metrics of several sets that get one name become one family. Keeps the labels that it made for as
 * long as the points' labels are in use: translating the same series again costs a look-up.
 */
export class PrometheusTranslation {
  readonly #options: TranslationOptions;
  readonly #contexts = new WeakMap<Resource, Map<string, LabelTranslator>>();
  readonly #infos = new WeakMap<Resource, LabelSet>();
  readonly #ids = new LabelIds();

  constructor(options: TranslationOptions) {
    this.#options = options;
  }

  /** The families of all sets, in the order in which they come; no two with one name. Never throws. */
  families(sets: readonly MetricSet[], onConflict: (conflict: Conflict) => void = () => {}): PrometheusFamily[] {
    const merged = new MergedFamilies(this.#ids, onConflict);
    if (this.#options.targetInfo) this.#addTargetInfo(sets, merged);
    for (const set of sets) {
      for (const family of set.families) {
        const { name, type, unit, description } = this.#shown(family, set);
        const translator = this.#translator(set, type);
        const seriesOf = (points: readonly MetricPoint[]): PrometheusSeries[] =>
          points.map((point) => ({
            labels: translator.translate(point.labels),
            point,
            unixMs: point.unixMs ?? set.unixMs,
          }));
        const columns = this.#columns(family, translator, seriesOf);
        const points = columns === undefined ? family.points : (family.others ?? []);
        merged.add({ name, type, unit, help: description, series: seriesOf(points), columns }, translator.isLossy);
      }
    }
    return merged.families();
  }

  /** The columns of a family, where they are wanted, and where two of its series cannot become one. */
  #columns(
    family: MetricFamily,
    translator: LabelTranslator,
    seriesOf: (points: readonly MetricPoint[]) => PrometheusSeries[],
  ): PrometheusColumns | undefined {
    const columns = this.#options.columns === true ? family.columns : undefined;
    if (columns === undefined || translator.shapeOf(columns.labels.names) === undefined || translator.isLossy) return;
    return { columns, translator, series: () => seriesOf(family.points.slice(0, columns.places.length)) };
  }

  #shown({ name, type, unit, description }: MetricFamily, { naming }: MetricSet): Omit<MetricFamily, 'points'> {
    return {
      name: naming === 'prometheus' ? name : translateMetricName({ name, type, unit }, this.#options.strategy),
      type: type === 'up_down_counter' ? 'gauge' : type,
      unit: unitWord(unit),
      description,
    };
  }

  #translator(set: MetricSet, type: MetricType): LabelTranslator {
    let contexts = this.#contexts.get(set.resource);
    if (contexts === undefined) this.#contexts.set(set.resource, (contexts = new Map()));
    const reserved = RESERVED[type];
    const { name, version } = set.scope;
    const key = JSON.stringify(set.naming === 'prometheus' ? [reserved] : [reserved, name, version]);
    let translator = contexts.get(key);
    if (translator === undefined) {
      const { strategy } = this.#options;
      const target = this.#fixedLabels(set.resource);
      const scope = this.#options.scopeLabels ? scopePairs(set.scope) : [];
      translator =
        set.naming === 'prometheus'
          ? labelTranslator(target, reserved)
          : attributeTranslator(LabelSet.of([...target, ...scope]), strategy, reserved);
      contexts.set(key, translator);
    }
    return translator;
  }

  /** The labels of all series of a resource. */
  #fixedLabels(resource: Resource): LabelSet {
    const { targetLabels: hasTarget, resourceLabels = [], strategy } = this.#options;
    const target = hasTarget ? targetLabels(resource) : LabelSet.empty;
    return LabelSet.of([...attributeLabels(resource, resourceLabels, strategy), ...target]);
  }

  /** What is known of each resource, as the labels of a metric that is always 1. */
  #addTargetInfo(sets: readonly MetricSet[], merged: MergedFamilies): void {
    const resources = new Map<Resource, number>();
    for (const { resource, unixMs, families } of sets) {
      if (families.length > 0 && !resources.has(resource)) resources.set(resource, unixMs);
    }
    const series: PrometheusSeries[] = [];
    for (const [resource, unixMs] of resources) {
      const labels = this.#infoLabels(resource);
      if (labels.size > 0) series.push({ labels, point: { kind: 'number', labels, value: 1 }, unixMs });
    }
    if (series.length > 0)
      merged.add({ name: 'target_info', type: 'info', unit: '', help: 'Attributes of the resource', series }, true);
  }

  #infoLabels(resource: Resource): LabelSet {
    let labels = this.#infos.get(resource);
    if (labels === undefined) {
      const target = this.#options.targetLabels ? targetLabels(resource) : undefined;
      labels = targetInfoLabels(resource, target, this.#options.strategy) ?? LabelSet.empty;
      this.#infos.set(resource, labels);
    }
    return labels;
  }
}

/** Labels that samples of these types have for themselves. */
const RESERVED: Partial<Record<MetricType, string>> = { histogram: 'le', gauge_histogram: 'le', summary: 'quantile' };

function scopePairs({ name, version }: MetricSet['scope']): [string, string][] {
  return [
    ['otel_scope_name', name],
    ['otel_scope_version', version],
  ];
}
