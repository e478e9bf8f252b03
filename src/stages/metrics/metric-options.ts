import * as v from 'valibot';
import { checkLabelName, checkMetricName } from '../../component/metric-options.ts';
import {
  described,
  duration,
  type Infer,
  integer,
  notList,
  object,
  optionalText,
  size,
  text,
} from '../../component/options.ts';
import { parseValue } from '../../condition/value.ts';
import { ConfigError, type ConfigPath } from '../../core/errors.ts';
import type { InstrumentSpec, SeriesLimits, ValueReader } from '../../core/instruments.ts';
import type { KeyTable } from '../../core/key-table.ts';

const EXPRESSION = v.pipe(v.string('expected text'), v.minLength(1, 'expected text that is not empty'));

/** Labels by name, each with the expression of its value; a list names attributes whose labels are called as they are. */
const labels = v.pipe(
  v.union(
    [
      v.array(EXPRESSION, 'expected a list of attributes'),
      notList(v.record(v.string(), EXPRESSION, 'expected a map of labels and expressions')),
    ],
    'expected a map of labels and expressions, or a list of attributes',
  ),
  v.transform(
    (written): Record<string, string> =>
      Array.isArray(written) ? Object.fromEntries(written.map((name) => [name, attributeNamed(name)])) : written,
  ),
);

/** The expression of an attribute by its name, which may mean something else where it stands alone, as `stream` does. */
function attributeNamed(name: string): string {
  return `attributes[${JSON.stringify(name)}]`;
}

/** The option `labels` of a stage that counts. */
export const LABELS = v.optional(
  described(labels, 'map or list', {
    doc:
      'Labels by name (attributes, to OTLP), each with an attribute by its name, or a CEL expression of what `filter` ' +
      'knows; a list names attributes that are labels as they are called. What a record does not have is a label that ' +
      'is not there. Each combination of values is a series: name what has few.',
    example: '{ code: http.response.status_code }',
  }),
  {},
);

/** The options about how many series there may be. */
export const LIMIT_OPTIONS = {
  max_series: integer({
    doc:
      'How many series a metric has for one resource. Records with further labels are counted in one, with the label ' +
      '`otel.metric.overflow="true"`.',
    default: 2000,
    min: 1,
    max: 1_000_000,
  }),
  max_label_length: size({ doc: 'Longer values of labels are cut.', default: '256B', min: '1B', max: '16KiB' }),
  expire_after: duration({
    doc:
      'A series that nothing was counted in for so long is forgotten, and its place is free; should it come back, it ' +
      'starts anew.',
    default: '24h',
    min: '1m',
  }),
};

/** The options that all stages have which count in one metric. */
export const METRIC_OPTIONS = {
  name: text({
    doc: 'The name of the metric, by the rules of OpenTelemetry or Prometheus. Stages with equal metrics count in the same.',
    example: 'http_requests_total',
  }),
  description: optionalText({ doc: 'What the metric says, in a sentence.', example: 'Requests answered.' }),
  unit: optionalText({ doc: 'The unit of the value, in UCUM.', example: 's' }),
  labels: LABELS,
};

const metricOptions = object({ ...METRIC_OPTIONS, ...LIMIT_OPTIONS });
/** What these options give. */
export type MetricOptions = Infer<typeof metricOptions>;

/** The limits that the options set. */
export function limitsOf(options: Pick<MetricOptions, keyof typeof LIMIT_OPTIONS>): SeriesLimits {
  const { max_series: maxSeries, max_label_length: maxLabelBytes, expire_after: expireAfterMs } = options;
  return { maxSeries, maxLabelBytes, expireAfterMs };
}

/** The metric that the options are about. */
export function specOf(
  type: InstrumentSpec['type'],
  options: MetricOptions,
  buckets?: InstrumentSpec['buckets'],
): InstrumentSpec {
  const { name, unit = '', description = '', labels } = options;
  return { name, type, unit, description, labels: Object.keys(labels), buckets, limits: limitsOf(options) };
}

/** What is wrong with the name of the metric, and with its labels. */
export function checkMetric(options: MetricOptions): ConfigError[] {
  return [...checkMetricName(options.name, ['name']), ...checkLabels(options.labels)];
}

/** What is wrong with labels, below the option `labels`. */
export function checkLabels(labels: Readonly<Record<string, string>>): ConfigError[] {
  return Object.entries(labels).flatMap(([name, expression]) => [
    ...checkLabelName(name, ['labels', name]),
    ...checkValue(expression, ['labels', name]),
  ]);
}

/** What is wrong with an expression that is written at `path` in the options. */
export function checkValue(expression: string | undefined, path: ConfigPath): ConfigError[] {
  const parsed = expression === undefined ? undefined : parseValue(expression);
  if (!(parsed instanceof ConfigError)) return [];
  const { code, message, hint } = parsed;
  return [new ConfigError({ code, path, message, hint, cause: parsed })];
}

/** The attributes that expressions look at, together; undefined: they may look at any. */
export function attributesOf(expressions: readonly (string | undefined)[]): ReadonlySet<string> | undefined {
  const names = new Set<string>();
  for (const expression of expressions) {
    const parsed = expression === undefined ? undefined : parseValue(expression);
    if (parsed === undefined) continue;
    if (parsed instanceof ConfigError || parsed.attributes === undefined) return undefined;
    for (const name of parsed.attributes) names.add(name);
  }
  return names;
}

/** What reads an expression that was checked. */
export function valueReader(expression: string, keys: KeyTable): ValueReader {
  const parsed = parseValue(expression);
  if (parsed instanceof ConfigError) throw parsed;
  return parsed.build(keys);
}
