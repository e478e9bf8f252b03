import type { SinkDefinition } from '../../component/definition.ts';
import {
  choice,
  defaultText,
  defaultTexts,
  flag,
  type Infer,
  integer,
  listenAddress,
  object,
} from '../../component/options.ts';
import { ConfigError } from '../../core/errors.ts';
import { Exposition, LEFT_OUT_REASONS } from './exposition.ts';
import { PrometheusSink } from './prometheus-sink.ts';

const options = object({
  listen: listenAddress({
    doc: 'Where Prometheus asks. Of `:9464` every address of the pod. Port 9464 is the one that OpenTelemetry uses.',
    default: ':9464',
  }),
  path: defaultText({ doc: 'Where the metrics are; any other path is answered with 404.', default: '/metrics' }),
  translation_strategy: choice(
    [
      'underscore_escaping_with_suffixes',
      'underscore_escaping_without_suffixes',
      'no_utf8_escaping_with_suffixes',
      'no_translation',
    ],
    {
      doc: 'What becomes of the names of OpenTelemetry, in the words of Prometheus: whether dots and the like become underscores, and whether unit and type are said at the end (`http.server.request.duration` is `http_server_request_duration_seconds`). Names that dots stay in are escaped for who asks without `escaping=allow-utf-8`. Metrics that came from Prometheus keep their names.',
      default: 'underscore_escaping_with_suffixes',
    },
  ),
  target_labels: flag({
    doc: 'Whether each series says by `job` (`service.name`) and `instance` (`service.instance.id`) whose it is. Set `honor_labels: true` where Prometheus scrapes them, or it renames them to `exported_job` and `exported_instance`. Without them the series of two scraped applications cannot be told apart.',
    default: true,
  }),
  target_info: flag({
    doc: 'Whether a metric `target_info` says what else is known of each resource.',
    default: true,
  }),
  scope_labels: flag({
    doc: 'Whether series say by `otel_scope_name` and `otel_scope_version` who made them. The version changes all series with each update of the agent.',
    default: false,
  }),
  resource_labels: defaultTexts({
    doc: 'Attributes of the resource that become labels of every series, such as `k8s.pod.name`.',
    default: [],
    example: '[k8s.namespace.name, k8s.pod.name]',
  }),
  timestamps: flag({
    doc: 'Whether the times are shown that scraped applications gave to their values. With them Prometheus does not notice that a series is gone until five minutes later.',
    default: false,
  }),
  created_lines: flag({
    doc: 'Whether OpenMetrics says by `_created` since when a metric counts. Prometheus takes such lines for series of their own unless it is told otherwise. Protobuf always says it.',
    default: false,
  }),
  max_connections: integer({
    doc: 'How many may ask at the same time; one more, and the oldest connection is closed. Each costs the memory of an answer.',
    default: 16,
    min: 1,
    max: 1000,
  }),
});

type Options = Infer<typeof options>;

/** Shows metrics to Prometheus. */
export const prometheusSink: SinkDefinition<Options> = {
  type: 'prometheus',
  summary:
    'Shows metrics to Prometheus, or whoever else asks for them over HTTP, as text, OpenMetrics or protobuf with native histograms.',
  takes: 'metrics',
  options,
  check: ({ path }) => (isPath(path) ? [] : [pathError(path)]),
  build(
    {
      listen,
      path,
      translation_strategy: strategy,
      target_labels: targetLabels,
      target_info: targetInfo,
      scope_labels: scopeLabels,
      resource_labels: resourceLabels,
      timestamps,
      created_lines: createdLines,
      max_connections: maxConnections,
    },
    { name, clock, logger, metrics },
  ) {
    const translation = { strategy, targetLabels, targetInfo, scopeLabels, resourceLabels };
    const exposition = new Exposition({ sink: name, translation, writing: { timestamps, createdLines }, logger });
    for (const reason of LEFT_OUT_REASONS)
      metrics.gauge('pillion_exposition_left_out_series', { sink: name, reason }, () => exposition.leftOut(reason));
    return new PrometheusSink({
      name,
      listen,
      path,
      maxConnections,
      exposition,
      delivered: metrics.counter('pillion_sink_delivered_records_total', { sink: name }),
      scrapes: (format) => metrics.counter('pillion_exposition_scrapes_total', { sink: name, format }),
      clock,
      logger,
    });
  },
};

function isPath(path: string): boolean {
  return /^\/[^\s?#]*$/.test(path);
}

function pathError(path: string): ConfigError {
  return new ConfigError({
    code: 'ERR_CONFIG_VALUE',
    path: ['path'],
    message: `Cannot show metrics at ${JSON.stringify(path)}: it is not a path`,
    hint: 'Begin with a slash, as in /metrics',
  });
}
