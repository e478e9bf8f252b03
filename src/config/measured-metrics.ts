import type { InstrumentSpec } from '../core/instruments.ts';
import type { ConfiguredStep } from './agent-config.ts';

/** The metrics that stages make out of records, those of groups included. */
export function measuredMetrics(stages: readonly ConfiguredStep[]): InstrumentSpec[] {
  return stages.flatMap((step) => {
    if ('stages' in step) return measuredMetrics(step.stages);
    return 'definition' in step ? (step.definition.measures?.(step.options) ?? []) : [];
  });
}
