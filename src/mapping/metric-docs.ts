import type { MetricMapping } from './metric-mapping.ts';

/** What a reference page says of the metrics that mappings give. */
export function metricDocs(mappings: readonly MetricMapping[]) {
  return Array.from(
    Map.groupBy(mappings, ({ name }) => name),
    ([name, ofName]) => {
      const labels = ofName.flatMap(({ labels = {}, states, state_label: stateLabel = 'state' }) => [
        ...Object.keys(labels),
        ...(states === undefined ? [] : [stateLabel]),
      ]);
      const [{ type, unit = '', description = '' }] = ofName as [MetricMapping];
      return { name, type, unit, description, labels: [...new Set(labels)] };
    },
  );
}
