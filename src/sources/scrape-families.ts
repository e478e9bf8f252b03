import type { LabelSet } from '../core/label-set.ts';
import type { MetricFamily } from '../core/metric.ts';

/** What is said of a scrape itself, by the names that Prometheus has for it. */
export function scrapeFamilies(
  labels: LabelSet,
  { isUp, seconds, samples }: { readonly isUp: boolean; readonly seconds: number; readonly samples: number },
): MetricFamily[] {
  const gauge = (name: string, unit: string, description: string, value: number): MetricFamily => ({
    name,
    type: 'gauge',
    unit,
    description,
    points: [{ kind: 'number', labels, value }],
  });
  return [
    gauge('up', '', 'Whether the last scrape succeeded.', isUp ? 1 : 0),
    gauge('scrape_duration_seconds', 's', 'How long the scrape took.', seconds),
    gauge('scrape_samples_scraped', '', 'How many samples the target showed.', samples),
  ];
}
