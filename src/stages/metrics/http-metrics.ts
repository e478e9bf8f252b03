import type { StageContext, StageDefinition } from '../../component/definition.ts';
import { choice, type Infer, object, optionalText } from '../../component/options.ts';
import { loadConditions } from '../../condition/library.ts';
import { parseValue } from '../../condition/value.ts';
import { ConfigError } from '../../core/errors.ts';
import type { InstrumentSpec } from '../../core/instruments.ts';
import { DURATIONS, HTTP_LABELS, type HttpMetricsSettings, HttpMetricsStage } from './http-metrics-stage.ts';
import {
  attributesOf,
  checkLabels,
  checkValue,
  LABELS,
  LIMIT_OPTIONS,
  limitsOf,
  valueReader,
} from './metric-options.ts';

/** The bounds that the semantic conventions advise, in seconds. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const SECONDS = { s: 1, ms: 1e-3, us: 1e-6, ns: 1e-9 } as const;

const options = object({
  duration: optionalText({
    doc:
      'Where the time that a request took is: an attribute by its name, or a CEL expression. Where nothing is given, ' +
      'the attributes of the ready-made pipelines, such as `nginx.request_time`.',
    example: 'took_ms',
  }),
  duration_unit: choice(['s', 'ms', 'us', 'ns'], { doc: 'The unit of `duration`.', default: 's' }),
  labels: LABELS,
  ...LIMIT_OPTIONS,
});

type Options = Infer<typeof options>;

/** The stage `http_metrics`. */
export const httpMetricsStage: StageDefinition<Options> = {
  type: 'http_metrics',
  summary:
    'Rate, errors and duration of the requests in an access log, under the names of the semantic conventions: the ' +
    'histogram `http.server.request.duration`, in seconds, and where a record says no duration, the counter ' +
    '`http.server.requests`. A request is a record with `http.response.status_code`, as the ready-made pipelines and the ' +
    'stages `clf` and `http` leave it. Labels are `http.request.method` (`_OTHER` for one that HTTP does not know), ' +
    '`http.response.status_code`, `http.route` and `url.scheme` where the record has them, and `error.type` for 5xx.',

  options,
  example: {
    config: '- http_metrics: { labels: { host: server.address } }',
    input: '{"http.request.method":"GET","http.response.status_code":200,"nginx.request_time":0.012}',
    output:
      '{"body":{"stringValue":"{\\"http.request.method\\":\\"GET\\",\\"http.response.status_code\\":200,' +
      '\\"nginx.request_time\\":0.012}"},"attributes":[{"key":"http.request.method","value":{"stringValue":"GET"}},' +
      '{"key":"http.response.status_code","value":{"intValue":"200"}},' +
      '{"key":"nginx.request_time","value":{"doubleValue":0.012}}]}',
  },
  load: loadConditions,
  measures: specsOf,
  check: (options) => [...checkLabels(options.labels), ...checkValue(options.duration, ['duration'])],
  looksAt({ duration, labels }) {
    const named = attributesOf([duration, ...Object.values(labels)]);
    if (named === undefined) return undefined;
    return [...named, ...HTTP_LABELS, ...(duration === undefined ? Object.keys(DURATIONS) : [])];
  },
  build(options, context) {
    if (!context.instruments.isWatched) return { process: () => {} };
    const [duration, requests] = specsOf(options);
    const further = furtherLabels(options).map((label) => valueReader(options.labels[label]!, context.keys));
    return new HttpMetricsStage({ duration, requests, further, ...durationOf(options, context) }, context);
  },
};

/** Where the duration is: in one of several attributes, in one that is named, or what an expression gives. */
function durationOf(
  { duration, duration_unit: unit }: Options,
  { keys }: StageContext,
): Pick<HttpMetricsSettings, 'durations' | 'own'> {
  if (duration === undefined) return { durations: DURATIONS, own: undefined };
  const scale = SECONDS[unit];
  const parsed = parseValue(duration);
  if (parsed instanceof ConfigError) throw parsed;
  return parsed.attribute === undefined
    ? { durations: {}, own: { reader: parsed.build(keys), scale } }
    : { durations: { [parsed.attribute]: scale }, own: undefined };
}

function specsOf(given: Options): [duration: InstrumentSpec, requests: InstrumentSpec] {
  const common = { labels: [...HTTP_LABELS, ...furtherLabels(given)], limits: limitsOf(given) };
  return [
    {
      name: 'http.server.request.duration',
      type: 'histogram',
      unit: 's',
      description: 'Duration of HTTP server requests.',
      buckets: { kind: 'explicit', bounds: BOUNDS },
      ...common,
    },
    {
      name: 'http.server.requests',
      type: 'counter',
      unit: '{request}',
      description: 'HTTP server requests whose duration the log does not say.',
      ...common,
    },
  ];
}

function furtherLabels({ labels }: Options): string[] {
  return Object.keys(labels).filter((name) => !HTTP_LABELS.some((known) => known === name));
}
