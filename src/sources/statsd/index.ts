import type { SourceDefinition } from '../../component/definition.ts';
import {
  ascendingNumbers,
  duration,
  flag,
  type Infer,
  integer,
  object,
  optionalListenAddress,
  optionalText,
  size,
} from '../../component/options.ts';
import { ConfigError } from '../../core/errors.ts';
import type { Buckets } from '../../core/instruments.ts';
import { EventRecords } from '../event-records.ts';
import { StatsdLegacy } from './statsd-legacy.ts';
import { StatsdMetrics, type StatsdMetricsOptions } from './statsd-metrics.ts';
import { StatsdPackets } from './statsd-packets.ts';
import { StatsdReport } from './statsd-report.ts';
import { StatsdSource } from './statsd-source.ts';

const options = object({
  listen: optionalListenAddress({
    doc: 'Where packets come by UDP. Left out: `127.0.0.1:8125`, which every container of the pod reaches and nobody else; or nowhere, where there is a `socket`. There is no way to tell who sends: leave other addresses to networks that you trust.',
    example: '127.0.0.1:8125',
  }),
  socket: optionalText({
    doc: "A unix socket of the kind `stream`, on a volume that the containers share: DogStatsD's `unixstream://`, where each packet has its length in front as 4 bytes, the lowest first. Nothing that is sent to it is lost while the agent lives. Whoever reaches the path may write. Datagrams by unix socket (`unix://`, `unixgram://`) are not taken: Node has none.",
    example: '/var/run/statsd/statsd.socket',
  }),
  receive_buffer: size({
    doc: 'How much the kernel keeps of what comes by UDP faster than it is read; what does not fit is thrown away, and counted. Of more than `net.core.rmem_max` of the node only that is given.',
    default: '2MiB',
    min: '4KiB',
    max: '1GiB',
  }),
  timer_bounds: ascendingNumbers({
    doc: 'The upper bounds of the buckets of timers, in seconds. Left out: buckets that grow by a factor, exponential histograms to OTLP and native ones to Prometheus. In the text formats, for which a Prometheus asks that does not want native ones, these are a count and a sum alone: give bounds then.',
    example: '[0.005, 0.05, 0.5, 5]',
  }),
  histogram_bounds: ascendingNumbers({
    doc: 'The same of histograms and distributions, in what they measure.',
    example: '[100, 1000, 10000]',
  }),
  max_buckets: integer({
    doc: 'How many buckets an exponential histogram has at most, of values above 0 and of those below.',
    default: 160,
    min: 140,
    max: 1024,
  }),
  gauge_deltas: flag({
    doc: 'Whether a gauge with a sign is added to its last value, as StatsD has it (`-3|g`). To DogStatsD it is a value like any other: set `false` for its clients.',
    default: true,
  }),
  container_id: flag({
    doc: 'Whether the container that a line names (`|c:…`) becomes the label `container.id`. Each start of a container then makes new series.',
    default: false,
  }),
  events: flag({
    doc: 'Whether events (`_e{…}`) and service checks (`_sc|…`) become records, for the sinks of the pipelines that take records. To those that take metrics alone they are nothing; switch it off where a sink of type `otlp` leads to a backend that refuses records.',
    default: true,
  }),
  set_interval: duration({
    doc: 'For how long the different values of a set are counted. What is shown is the last interval that has ended.',
    default: '10s',
    min: '1s',
    max: '1d',
  }),
  max_set_size: integer({
    doc: 'How many different values a set has in an interval, and all sets ten times as many. Others are not counted, and are lines with the result `set_limit`.',
    default: 10_000,
    min: 1,
    max: 1_000_000,
  }),
  max_metrics: integer({
    doc: 'How many names of metrics there are. Lines of others have the result `metric_limit`.',
    default: 1000,
    min: 1,
    max: 100_000,
  }),
  max_series: integer({
    doc: 'How many series a metric has. Lines with further tags are counted in one, with the label `otel.metric.overflow="true"`.',
    default: 2000,
    min: 1,
    max: 1_000_000,
  }),
  max_total_series: integer({
    doc: 'How many series all metrics have together, beside those that count the rest; their tags take 16 MiB at most. A histogram takes 2.6 KiB a series where nothing else is said.',
    default: 10_000,
    min: 1,
    max: 1_000_000,
  }),
  max_label_length: size({ doc: 'Longer values of tags are cut.', default: '256B', min: '16B', max: '16KiB' }),
  expire_after: duration({
    doc: 'A series that nothing came for in so long is forgotten, and its place is free; should it come back, it starts anew.',
    default: '24h',
    min: '1m',
  }),
});

type Options = Infer<typeof options>;

const DEFAULT_ADDRESS = { host: '127.0.0.1', port: 8125 };
/** What events take at most that wait for a sink. */
const MAX_EVENT_BYTES = 1024 * 1024;
/** The longest path of a unix socket, with the zero at its end, on every system. */
const MAX_PATH_BYTES = 103;

/** Receives metrics by StatsD. */
export const statsdSource: SourceDefinition<Options> = {
  type: 'statsd',
  summary:
    'Receives metrics by StatsD, with tags and events of DogStatsD, by UDP or a unix socket. What was counted starts anew with the agent.',
  gives: 'both',
  options,
  check,
  build(options, context) {
    const { name, clock, logger, metrics: own, ledger } = context;
    const report = new StatsdReport(name, own, logger);
    const resource = () => context.resource;
    const left = context.predecessor instanceof StatsdLegacy ? context.predecessor : undefined;
    const events = options.events
      ? (left?.takeEvents(ledger) ?? new EventRecords({ name: 'statsd', resource, ledger, maxBytes: MAX_EVENT_BYTES }))
      : undefined;
    const metricsOptions: StatsdMetricsOptions = {
      maxMetrics: options.max_metrics,
      maxSeries: options.max_series,
      maxTotalSeries: options.max_total_series,
      maxLabelBytes: options.max_label_length,
      expireAfterMs: options.expire_after,
      maxSetMembers: options.max_set_size,
      setIntervalMs: options.set_interval,
      timerBuckets: bucketsOf(options.timer_bounds, options.max_buckets),
      histogramBuckets: bucketsOf(options.histogram_bounds, options.max_buckets),
      hasGaugeDeltas: options.gauge_deltas,
      hasContainer: options.container_id,
      resource,
      clock,
    };
    const metrics = left?.takeMetrics(metricsOptions) ?? new StatsdMetrics(metricsOptions);
    own.gauge('pillion_statsd_series', { source: name }, () => metrics.size);
    return new StatsdSource({
      name,
      udp: options.listen ?? (options.socket === undefined ? DEFAULT_ADDRESS : undefined),
      receiveBufferBytes: options.receive_buffer,
      socket: options.socket,
      metrics,
      packets: new StatsdPackets({ metrics, events, report }),
      events,
      report,
      predecessor: left,
      onInput: context.onInput ?? (() => {}),
      clock,
      logger,
    });
  },
};

function bucketsOf(bounds: readonly number[] | undefined, maxBuckets: number): Buckets {
  return bounds === undefined ? { kind: 'exponential', maxBuckets } : { kind: 'explicit', bounds };
}

function check({ socket, max_series: maxSeries, max_total_series: maxTotalSeries }: Options): ConfigError[] {
  const errors: ConfigError[] = [];
  if (socket !== undefined && (!socket.startsWith('/') || Buffer.byteLength(socket) > MAX_PATH_BYTES)) {
    const message = `Cannot have a socket at ${JSON.stringify(socket)}`;
    const hint = `Give an absolute path of at most ${MAX_PATH_BYTES} bytes`;
    errors.push(new ConfigError({ code: 'ERR_CONFIG_VALUE', path: ['socket'], message, hint }));
  }
  if (maxSeries > maxTotalSeries) {
    const message = 'Cannot have more series of one metric than of all of them';
    const hint = 'Set "max_total_series" to at least "max_series"';
    errors.push(new ConfigError({ code: 'ERR_CONFIG_VALUE', path: ['max_series'], message, hint }));
  }
  return errors;
}
