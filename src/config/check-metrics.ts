import { ConfigError } from '../core/errors.ts';
import type { InstrumentSpec } from '../core/instruments.ts';
import type { ConfiguredPipeline } from './agent-config.ts';
import type { Report } from './config-document.ts';
import { measuredMetrics } from './measured-metrics.ts';

/**
 * Checks that a metric is the same wherever stages count in it for the same sink: what has one name is one metric there,
 * and cannot have two types, units, or sets of labels.
 */
export function checkMetrics(pipelines: readonly ConfiguredPipeline[], report: Report): void {
  const known = new Map<string, { readonly spec: InstrumentSpec; readonly pipeline: string }>();
  for (const { name, stages, to } of pipelines) {
    for (const [i, step] of stages.entries()) {
      for (const spec of measuredMetrics([step])) {
        const conflict = to
          .map((sink) => known.get(`${sink}/${spec.name}`))
          .find((other) => differs(spec, other?.spec));
        if (conflict !== undefined) {
          const message = `Metric "${spec.name}" has another ${differs(spec, conflict.spec)} than in pipeline "${conflict.pipeline}"`;
          const hint = 'Make them equal, or give one of the two another name';
          const path = ['pipelines', name, 'stages', i];
          report.add(new ConfigError({ code: 'ERR_CONFIG_VALUE', path, message, hint }));
          continue;
        }
        for (const sink of to) {
          const key = `${sink}/${spec.name}`;
          if (!known.has(key)) known.set(key, { spec, pipeline: name });
        }
      }
    }
  }
}

/** What two metrics differ in that should be the same; undefined: nothing. */
function differs(one: InstrumentSpec, other: InstrumentSpec | undefined): string | undefined {
  if (other === undefined) return undefined;
  if (one.type !== other.type) return 'type';
  if (one.unit !== other.unit) return 'unit';
  if (JSON.stringify(one.labels.toSorted()) !== JSON.stringify(other.labels.toSorted())) return 'set of labels';
  return JSON.stringify(one.buckets) === JSON.stringify(other.buckets) ? undefined : 'list of buckets';
}
