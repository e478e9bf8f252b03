import { LogsJsonRequestEncoder } from '../../codec/otlp/logs-json-request.ts';
import { LogsRequestEncoder } from '../../codec/otlp/logs-request.ts';
import type { RequestEncoder } from '../../codec/request-encoder.ts';
import type { SinkContext, SinkDefinition } from '../../component/definition.ts';
import {
  choice,
  defaultText,
  duration,
  type Infer,
  integer,
  object,
  optionalText,
  size,
} from '../../component/options.ts';
import type { Sink } from '../../core/contracts.ts';
import { COMPRESSIONS, type Compressor, createCompressor } from '../../delivery/compression.ts';
import { checkHttpOptions, createHttpClient } from '../../delivery/create-http-client.ts';
import { DeadLetterFile } from '../../delivery/dead-letter.ts';
import { httpOptions } from '../../delivery/http-options.ts';
import { MetricPush } from '../../delivery/metric-push.ts';
import { MetricQueue } from '../../delivery/metric-queue.ts';
import { RequestSink } from '../../delivery/request-sink.ts';
import { retryOption, retryTimes } from '../../delivery/retry-option.ts';
import { ON_REFUSED } from './answer.ts';
import { checkEndpoint, DEFAULT_ENDPOINT, type Signal, signalUrl, usedUrls } from './endpoint.ts';
import { OtlpMetricEncoder } from './otlp-metric-encoder.ts';
import { OtlpSink } from './otlp-sink.ts';
import { OtlpTransport } from './otlp-transport.ts';
import type { BodyEncoding } from './response.ts';

const options = object({
  endpoint: defaultText({
    doc: 'Base URL of the receiver; `/v1/logs` and `/v1/metrics` are appended.',
    default: DEFAULT_ENDPOINT,
    example: 'https://collector:4318',
  }),
  logs_endpoint: optionalText({
    doc: 'URL that logs are sent to as it is, in place of `endpoint`.',
    example: 'https://backend/otlp/v1/logs',
  }),
  metrics_endpoint: optionalText({
    doc: 'URL that metrics are sent to as it is, in place of `endpoint`.',
    example: 'https://backend/otlp/v1/metrics',
  }),
  protocol: choice(['http/protobuf', 'http/json'], { doc: 'How requests are encoded.', default: 'http/protobuf' }),
  compression: choice(COMPRESSIONS, {
    doc: 'How bodies are compressed. Every receiver takes `gzip`; `zstd` costs a third of its CPU time.',
    default: 'gzip',
  }),
  ...httpOptions,
  timeout: duration({ doc: 'How long one attempt may take, answer included.', default: '10s', min: '100ms' }),
  max_request_size: size({
    doc: 'The largest request, before compression. A record that is larger alone is rejected.',
    default: '2MiB',
    min: '16KiB',
    max: '64MiB',
  }),
  max_request_records: integer({ doc: 'The most records of a request.', default: 10_000, min: 1, max: 1_000_000 }),
  flush_interval: duration({ doc: 'How long a record waits for others before it is sent.', default: '1s', min: '1ms' }),
  max_in_flight: integer({ doc: 'How many requests may wait for their answers at once.', default: 3, min: 1, max: 64 }),
  retry: retryOption,
  on_refused: choice(ON_REFUSED, {
    doc: 'What to do while the destination lets nothing in: it answers 401, 403, 404, 405, 407, 415, 421, 426 or a redirect. `hold` keeps the records, and asks again until that is mended; `drop` rejects them, as the specification of OTLP has it. See docs/guarantees.md.',
    default: 'hold',
  }),
  server_error_patience: duration({
    doc: 'How long a request that is answered 500, or 520 to 530, is sent again as it is. After that a record in it is suspected: halves are sent, and what is refused alone is rejected.',
    default: '5m',
  }),
  metric_interval: duration({
    doc: 'How often metrics are sent that stages make; those of a scrape are sent with each scrape.',
    default: '60s',
    min: '100ms',
  }),
  metric_temporality: choice(['cumulative', 'delta'], {
    doc: 'Whether counters and histograms go out as totals, or as differences since the last time. Differences that a crash kept from being sent, or that were given up because too many wait, are missing; totals never are.',
    default: 'cumulative',
  }),
  max_queued_points: integer({
    doc: 'How many values of metrics may wait while the receiver is away. When there are more, the oldest are dropped and counted: the totals that come later hold them, differences do not.',
    default: 100_000,
    min: 1,
    max: 10_000_000,
  }),
  dead_letter: optionalText({
    doc: 'A file to which records are appended that the receiver refuses for good, with the reason: a JSON object a line, whose `request` can be sent again as OTLP/JSON.',
    example: '/var/lib/pillion/rejected.jsonl',
  }),
  dead_letter_max_size: size({
    doc: 'How large that file may become. A full one keeps what it has, and further records are only counted; move it away, and a new one is begun.',
    default: '64MiB',
    min: '64KiB',
  }),
});

type Options = Infer<typeof options>;

/** Sends logs and metrics by OTLP over HTTP. */
export const otlpSink: SinkDefinition<Options> = {
  type: 'otlp',
  takes: 'both',
  summary: 'Sends records to an OpenTelemetry receiver by OTLP over HTTP, at least once, and metrics.',
  options,
  check: (options) => [
    ...checkEndpoint(options),
    ...usedUrls(options).flatMap(({ key, url }) => checkHttpOptions(options, url, key)),
  ],
  writes: ({ dead_letter }) => (dead_letter === undefined ? [] : [dead_letter]),
  build,
};

const PROTOCOLS: Record<
  Options['protocol'],
  {
    readonly encoding: BodyEncoding;
    readonly contentType: string;
    /** Gives the function that makes OTLP/JSON of a request; loaded when a record is set aside. */
    readonly loadJson: () => Promise<(body: Uint8Array) => string>;
    readonly Encoder: new (scope: { scopeName: string; scopeVersion: string }, initialBytes: number) => RequestEncoder;
  }
> = {
  'http/protobuf': {
    encoding: 'protobuf',
    contentType: 'application/x-protobuf',
    loadJson: async () => (await import('./protobuf-json.ts')).protobufToJson,
    Encoder: LogsRequestEncoder,
  },
  'http/json': {
    encoding: 'json',
    contentType: 'application/json',
    loadJson: async () => (body) => Buffer.from(body).toString(),
    Encoder: LogsJsonRequestEncoder,
  },
};

/** What most records take at most. */
const ROOM_BYTES = 64 * 1024;

function build(options: Options, context: SinkContext): Sink {
  return new OtlpSink(buildRecords(options, context), () => buildMetrics(options, context));
}

function buildRecords(options: Options, context: SinkContext): RequestSink {
  const { name, clock, logger, metrics, userAgent } = context;
  const { loadJson, Encoder } = PROTOCOLS[options.protocol];
  const compressor = createCompressor(options.compression);
  const { port } = signalUrl(options, 'logs');
  if (port === '4317') {
    logger.warn({ port }, 'This port is usually the one of OTLP over gRPC; OTLP over HTTP has 4318.');
  }
  const scope = { scopeName: 'pillion', scopeVersion: userAgent.replace(/^[^/]*\//, '') };
  return new RequestSink({
    name,
    // Room for a whole request and the record that is one too many: growing would leave the smaller memory behind.
    createEncoder: () => new Encoder(scope, options.max_request_size + ROOM_BYTES),
    transport: transportOf(options, context, 'logs', compressor),
    compressor,
    maxRequestBytes: options.max_request_size,
    maxRequestRecords: options.max_request_records,
    flushIntervalMs: options.flush_interval,
    maxInFlight: options.max_in_flight,
    retry: retryTimes(options.retry),
    serverErrorPatienceMs: options.server_error_patience,
    deadLetter: deadLetterOf(options, context, loadJson),
    clock,
    logger,
    metrics,
  });
}

function buildMetrics(options: Options, context: SinkContext): MetricPush {
  const { name, clock, logger, metrics } = context;
  const compressor = createCompressor(options.compression);
  return new MetricPush({
    encoder: new OtlpMetricEncoder({
      encoding: PROTOCOLS[options.protocol].encoding,
      temporality: options.metric_temporality,
      maxRequestPoints: options.max_request_records,
    }),
    queue: new MetricQueue({
      name,
      transport: transportOf(options, context, 'metrics', compressor),
      compressor,
      maxQueuedPoints: options.max_queued_points,
      retry: retryTimes(options.retry),
      serverErrorPatienceMs: options.server_error_patience,
      clock,
      logger,
      metrics,
    }),
    intervalMs: options.metric_interval,
    clock,
  });
}

function transportOf(
  options: Options,
  { name, clock, logger, metrics, userAgent, tracer }: SinkContext,
  signal: Signal,
  { contentEncoding }: Compressor,
): OtlpTransport {
  const { encoding, contentType } = PROTOCOLS[options.protocol];
  const client = createHttpClient(options, {
    url: signalUrl(options, signal),
    userAgent,
    formHeaders: {
      'content-type': contentType,
      ...(contentEncoding === undefined ? {} : { 'content-encoding': contentEncoding }),
    },
    timeoutMs: options.timeout,
    maxIdleConnections: options.max_in_flight,
    clock,
    tracer,
  });
  const unreadableResponses = metrics.counter('pillion_sink_response_unreadable_total', { sink: name });
  return new OtlpTransport({ client, encoding, onRefused: options.on_refused, clock, logger, unreadableResponses });
}

function deadLetterOf(
  { dead_letter: path, dead_letter_max_size: maxBytes }: Options,
  { name: sink, clock, logger, metrics }: SinkContext,
  loadJson: () => Promise<(body: Uint8Array) => string>,
): DeadLetterFile | undefined {
  if (path === undefined) return undefined;
  return new DeadLetterFile({ origin: { sink }, path, maxBytes, loadJson, clock, logger, metrics });
}
