import { PrometheusTranslation } from '../../codec/prometheus/translation.ts';
import type { SinkContext, SinkDefinition } from '../../component/definition.ts';
import { choice, duration, type Infer, integer, object, text, textMap } from '../../component/options.ts';
import type { Sink } from '../../core/contracts.ts';
import { ConfigError } from '../../core/errors.ts';
import { LabelSet } from '../../core/label-set.ts';
import { checkUrl } from '../../delivery/check-url.ts';
import { checkHttpOptions } from '../../delivery/create-http-client.ts';
import { httpOptions } from '../../delivery/http-options.ts';
import { LogLimiter } from '../../delivery/log-limiter.ts';
import { MetricPush } from '../../delivery/metric-push.ts';
import { MetricQueue } from '../../delivery/metric-queue.ts';
import { retryOption, retryTimes } from '../../delivery/retry-option.ts';
import { createSnappyCompressor, loadSnappy } from './snappy.ts';
import { WriteEncoder } from './write-encoder.ts';
import { RemoteWriteSink } from './write-sink.ts';
import { WriteTransport } from './write-transport.ts';
import { PROTOCOLS, WriteVersions } from './write-versions.ts';

const EXAMPLE = 'http://prometheus:9090/api/v1/write';
const SPEAKS = 'This sink speaks remote write over HTTP';

const options = object({
  endpoint: text({
    doc: 'URL of the receiver, as it is.',
    example: EXAMPLE,
  }),
  protocol: choice(PROTOCOLS, {
    doc: 'The version of remote write. `auto` sends 2.0, and falls back to 1.0 for a receiver that answers 415, or that does not say how much it has written.',
    default: 'auto',
  }),
  interval: duration({
    doc: 'How often metrics are sent that stages make; those of a scrape are sent with each scrape.',
    default: '15s',
    min: '100ms',
  }),
  external_labels: textMap({
    doc: 'Labels of every series that has none of that name.',
    example: '{ cluster: eu-1 }',
  }),
  ...httpOptions,
  timeout: duration({ doc: 'How long one attempt may take, answer included.', default: '30s', min: '100ms' }),
  max_request_samples: integer({ doc: 'The most samples of a request.', default: 2000, min: 1, max: 1_000_000 }),
  max_queued_points: integer({
    doc: 'How many samples may wait while the receiver is away. When there are more, the oldest are dropped and counted: the totals that come later hold them.',
    default: 100_000,
    min: 1,
    max: 10_000_000,
  }),
  retry: retryOption,
});

type Options = Infer<typeof options>;

/** Sends metrics by Prometheus' remote write. */
export const remoteWriteSink: SinkDefinition<Options> = {
  type: 'remote_write',
  takes: 'metrics',
  summary:
    'Sends metrics by remote write 1.0 or 2.0, to Prometheus and what takes the same, with stale markers, exemplars and native histograms.',
  options,
  check: (options) => [
    ...checkUrl(options.endpoint, { key: 'endpoint', speaks: SPEAKS, example: EXAMPLE }),
    ...checkLabels(options.external_labels),
    ...checkHttpOptions(options, URL.parse(options.endpoint), 'endpoint'),
  ],
  load: loadSnappy,
  build,
};

function build(options: Options, context: SinkContext): Sink {
  const { name, clock, logger, metrics } = context;
  const versions = new WriteVersions(options.protocol);
  const limiter = new LogLimiter(clock);
  const push = new MetricPush({
    encoder: new WriteEncoder({
      translation: new PrometheusTranslation({
        strategy: 'underscore_escaping_with_suffixes',
        targetLabels: true,
        targetInfo: true,
        scopeLabels: true,
      }),
      externalLabels: [...LabelSet.of(Object.entries(options.external_labels))],
      maxRequestSamples: options.max_request_samples,
      version: () => versions.current,
      onConflict: (metric, conflict, series) => {
        if (conflict === 'description' || limiter.pass(`${conflict} ${metric}`) === undefined) return;
        logger.warn(
          { sink: name, metric, conflict, series },
          'A metric cannot be sent beside another one of its name.',
        );
      },
    }),
    queue: new MetricQueue({
      name,
      transport: new WriteTransport(options, versions, context),
      compressor: createSnappyCompressor(),
      maxQueuedPoints: options.max_queued_points,
      retry: retryTimes(options.retry),
      // A receiver that fails by itself is asked for as long as it takes, as the specification wants.
      serverErrorPatienceMs: Number.POSITIVE_INFINITY,
      clock,
      logger,
      metrics,
    }),
    intervalMs: options.interval,
    clock,
  });
  return new RemoteWriteSink(push, metrics.counter('pillion_sink_delivered_records_total', { sink: name }));
}

const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

function checkLabels(labels: Readonly<Record<string, string>>): ConfigError[] {
  return Object.entries(labels).flatMap(([name]) => {
    if (LABEL_NAME.test(name) && !name.startsWith('__')) return [];
    const message = `Cannot use ${JSON.stringify(name)} as the name of a label`;
    const hint = 'Use letters, digits and underscores, not two underscores at the start';
    return [new ConfigError({ code: 'ERR_CONFIG_VALUE', path: ['external_labels', name], message, hint })];
  });
}
