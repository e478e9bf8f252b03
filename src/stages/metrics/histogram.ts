import type { StageDefinition } from '../../component/definition.ts';
import { SCALE } from '../../component/metric-options.ts';
import { ascendingNumbers, flag, type Infer, integer, object, text } from '../../component/options.ts';
import { loadConditions } from '../../condition/library.ts';
import { ConfigError } from '../../core/errors.ts';
import type { Buckets } from '../../core/instruments.ts';
import { measuringStage } from './measuring-stage.ts';
import { attributesOf, checkMetric, checkValue, LIMIT_OPTIONS, METRIC_OPTIONS, specOf } from './metric-options.ts';

/** What OpenTelemetry's SDKs take where nobody says otherwise. */
const DEFAULT_BOUNDS = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10_000];

const options = object({
  ...METRIC_OPTIONS,
  value: text({
    doc:
      'The value: an attribute by its name, or a CEL expression. A record without it is not counted; one whose value ' +
      'is no number counts as not read.',
    example: 'nginx.request_time',
  }),
  scale: SCALE,
  bounds: ascendingNumbers({
    doc:
      'The upper bounds of the buckets, inclusive and ascending, without infinity; those of the SDKs of ' +
      'OpenTelemetry, from 0 to 10000, where nothing is given.',
    example: '[0.01, 0.1, 1, 10]',
  }),
  exponential: flag({
    doc:
      'Buckets that grow by a factor instead, as fine as `max_buckets` allow: native histograms of Prometheus, ' +
      'exponential ones of OpenTelemetry.',
    default: false,
  }),
  max_buckets: integer({
    doc:
      'How many buckets an exponential histogram has at most, of values above 0 and of those below. With 140 of them ' +
      'there is none so wide that Prometheus could not take it, whatever the values are.',
    default: 160,
    min: 140,
    max: 1024,
  }),
  ...LIMIT_OPTIONS,
});

type Options = Infer<typeof options>;

/** The stage `histogram`. */
export const histogramStage: StageDefinition<Options> = {
  type: 'histogram',
  summary:
    'Counts values of records in buckets, with their sum, the smallest and the largest, for the sinks of the pipeline ' +
    'that take metrics. A record with a trace id becomes the exemplar of its bucket. What is counted is committed with ' +
    'the offsets of the file: a crash loses none of it, and counts nothing twice.',
  options,
  example: {
    config: '- histogram: { name: job.duration, unit: s, value: took_ms, scale: 0.001, bounds: [0.1, 1, 10] }',
    input: '{"took_ms":250}',
    output:
      '{"body":{"stringValue":"{\\"took_ms\\":250}"},"attributes":[{"key":"took_ms","value":{"intValue":"250"}}]}',
  },
  load: loadConditions,
  measures: (options) => [specOf('histogram', options, bucketsOf(options))],
  check: (options) => [...checkMetric(options), ...checkValue(options.value, ['value']), ...checkBuckets(options)],
  looksAt: ({ value, labels }) => attributesOf([value, ...Object.values(labels)]),
  build: (options, context) => measuringStage(specOf('histogram', options, bucketsOf(options)), options, context),
};

function bucketsOf({ bounds = DEFAULT_BOUNDS, exponential, max_buckets: maxBuckets }: Options): Buckets {
  return exponential ? { kind: 'exponential', maxBuckets } : { kind: 'explicit', bounds };
}

function checkBuckets({ bounds, exponential }: Options): ConfigError[] {
  if (!exponential || bounds === undefined) return [];
  const message = 'Cannot use "bounds" of an exponential histogram: it finds its own';
  return [new ConfigError({ code: 'ERR_CONFIG_VALUE', path: ['bounds'], message, hint: 'Remove one of the two' })];
}
