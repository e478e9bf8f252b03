import type { MetricType } from '../../core/metric.ts';
import { unitWords } from './units.ts';

/**
 * What becomes of OTLP's names, in the words of Prometheus' `translation_strategy`: whether characters that Prometheus 2
 * did not know become underscores, and whether unit and type are said at the end of the name.
 */
export type TranslationStrategy =
  | 'underscore_escaping_with_suffixes'
  | 'underscore_escaping_without_suffixes'
  | 'no_utf8_escaping_with_suffixes'
  | 'no_translation';

/**
 * The name of the samples of a metric of OTLP, for those of one number, and of the family for histograms and summaries:
 * `http.server.request.duration` in `s` is `http_server_request_duration_seconds`, a counter ends with `_total`.
 */
export function translateMetricName(
  metric: { readonly name: string; readonly type: MetricType; readonly unit: string },
  strategy: TranslationStrategy,
): string {
  switch (strategy) {
    case 'underscore_escaping_with_suffixes':
      return withPlainStart(withWords(metric.name.split(/[^a-zA-Z0-9:]+/).filter(isNotEmpty), metric).join('_'));
    case 'underscore_escaping_without_suffixes':
      return withPlainStart(metric.name.replaceAll(/[^a-zA-Z0-9:]+/g, '_'));
    case 'no_utf8_escaping_with_suffixes':
      return withSuffixes(metric);
    case 'no_translation':
      return metric.name;
    default:
      return strategy satisfies never;
  }
}

/** The name of a label for an attribute; two attributes may get the same. */
export function translateLabelName(name: string, strategy: TranslationStrategy): string {
  if (strategy.startsWith('no_')) return name;
  const plain = name.replaceAll(/[^a-zA-Z0-9]+/g, '_');
  return /^[0-9]/.test(plain) ? `key_${plain}` : plain;
}

/** The words of a name, and behind them those of its unit, where it has them not yet, and of its type. */
function withWords(words: string[], { type, unit }: { type: MetricType; unit: string }): string[] {
  const { main, per } = unitWords(unit);
  const last = lastWord(type, unit);
  const result = last === undefined ? words : words.filter((word) => word !== last);
  // A unit can be of several words, such as one that is not known.
  if (main !== '' && !hasWords(result, main)) result.push(main);
  if (per !== '' && !hasWords(result, per)) result.push('per', per);
  if (last !== undefined) result.push(last);
  return result;
}

function withSuffixes({ name, type, unit }: { name: string; type: MetricType; unit: string }): string {
  const { main, per } = unitWords(unit);
  const last = lastWord(type, unit);
  let result = last !== undefined && name.endsWith(`_${last}`) ? name.slice(0, -last.length - 1) : name;
  const parts = result.split(/[^a-zA-Z0-9:]+/);
  if (main !== '' && !hasWords(parts, main)) result += `_${main}`;
  if (per !== '' && !hasWords(parts, per)) result += `_per_${per}`;
  return last === undefined ? result : `${result}_${last}`;
}

/** The word that a name ends with for its type. */
function lastWord(type: MetricType, unit: string): string | undefined {
  if (type === 'counter') return 'total';
  return unit === '1' && type === 'gauge' ? 'ratio' : undefined;
}

function hasWords(words: readonly string[], wanted: string): boolean {
  return `_${words.join('_')}_`.includes(`_${wanted}_`);
}

function withPlainStart(name: string): string {
  return name === '' || /^[0-9]/.test(name) ? `_${name}` : name;
}

function isNotEmpty(text: string): boolean {
  return text !== '';
}
