import type { MetricDoc } from '../component/definition.ts';
import type { MetricMapping } from './metric-mapping.ts';

/** What a reference page says of the metrics that mappings give. */
export function metricDocs(mappings: readonly MetricMapping[]): MetricDoc[] {
  const docs = new Map<string, MetricDoc>();
  for (const { name, type, unit = '', description = '', labels = {}, states, state_label = 'state' } of mappings) {
    const before = docs.get(name) ?? { name, type, unit, description, labels: [] };
    const own = [...Object.keys(labels), ...(states === undefined ? [] : [state_label])];
    docs.set(name, { ...before, labels: [...new Set([...before.labels, ...own])] });
  }
  return [...docs.values()];
}
