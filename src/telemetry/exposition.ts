import { METRICS, type MetricName } from './metric-names.ts';
import type { Series } from './metrics.ts';

/** The `content-type` of `renderMetrics()`. */
export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Series in Prometheus' text format 0.0.4: each metric once, all its series below it, in the order of the table. */
export function renderMetrics(series: readonly Series[]): string {
  const byName = Map.groupBy(series, ({ name }) => name);
  let text = '';
  for (const [name, help] of Object.entries(METRICS)) {
    const found = byName.get(name as MetricName);
    if (found === undefined) continue;
    text += `# HELP ${name} ${escaped(help)}\n# TYPE ${name} ${name.endsWith('_total') ? 'counter' : 'gauge'}\n`;
    for (const { labels, value } of found) text += `${name}${renderLabels(labels)} ${value}\n`;
  }
  return text;
}

function renderLabels(labels: Series['labels']): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${escaped(value).replaceAll('"', '\\"')}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
