import type { SourceDefinition } from '../../component/definition.ts';
import { flag, type Infer, object, optionalInteger, size, texts } from '../../component/options.ts';
import type { ConfigError } from '../../core/errors.ts';
import { checkHttpOptions, createHttpClient } from '../../delivery/create-http-client.ts';
import { httpOptions } from '../../delivery/http-options.ts';
import { checkTargets, checkTimeout, httpTarget } from '../http-targets.ts';
import { SCRAPE_OPTIONS } from '../scrape-options.ts';
import { ScrapeReport } from '../scrape-report.ts';
import { ScrapeSource } from '../scrape-source.ts';
import { instanceOf, jobOf, type TargetIdentity } from '../target-identity.ts';
import { compileRelabel } from './relabel.ts';
import { checkRelabel, relabelOption } from './relabel-options.ts';
import { ScrapeTarget } from './scrape-target.ts';
import { createTargetRelabel } from './target-labels.ts';

const options = object({
  targets: texts({
    doc: 'Where applications show their metrics: URLs, or `host:port` for `http://host:port/metrics`. They are asked at the same time.',
    example: 'localhost:8080',
  }),
  ...SCRAPE_OPTIONS,
  honor_labels: flag({
    doc: 'Whether labels of an application count where they have the names of those that are added (`job`, `instance`, `labels`). Otherwise they are renamed to `exported_…`.',
    default: false,
  }),
  honor_timestamps: flag({
    doc: 'Whether the times count that an application gives to its samples. Otherwise it is the time of the scrape.',
    default: true,
  }),
  relabel: relabelOption,
  native_histograms: flag({
    doc: 'Whether protobuf is asked for first, the only format that has native histograms. Of a histogram of both kinds only the native one is kept.',
    default: false,
  }),
  openmetrics: flag({
    doc: 'Whether OpenMetrics is asked for before text. A target whose OpenMetrics breaks the rules is asked for text from then on.',
    default: true,
  }),
  max_body_size: size({
    doc: 'How large an answer may be, also after decompression. A larger one is a failed scrape.',
    default: '16MiB',
    min: '1KiB',
    max: '512MiB',
  }),
  sample_limit: optionalInteger({
    doc: 'How many samples an answer may have after relabelling. With more it is a failed scrape.',
    min: 1,
    max: 10_000_000,
  }),
  ...httpOptions,
});

type Options = Infer<typeof options>;

/** Asks applications for their metrics, as Prometheus does. */
export const prometheusScrapeSource: SourceDefinition<Options> = {
  type: 'prometheus_scrape',
  summary: 'Asks applications for their metrics, as Prometheus does: text, OpenMetrics and protobuf, with `up`.',
  gives: 'metrics',
  options,
  check,
  build(options, context) {
    const { name: source, clock, metrics, logger, userAgent } = context;
    const report = new ScrapeReport(source, metrics, logger);
    const job = options.job ?? jobOf(context.resource, source);
    const relabel = options.relabel.length === 0 ? undefined : compileRelabel(options.relabel);
    const targets = options.targets.map((target) => {
      const url = urlOf(target)!;
      const identity: TargetIdentity = {
        url,
        instance: instanceOf(url, context.resource),
        job,
        labels: new Map(Object.entries(options.labels)),
      };
      const client = createHttpClient(options, {
        url,
        userAgent,
        timeoutMs: options.timeout,
        maxIdleConnections: 1,
        clock,
      });
      return new ScrapeTarget({
        identity,
        client,
        relabel: createTargetRelabel(identity, options.honor_labels, relabel),
        honorTimestamps: options.honor_timestamps,
        nativeHistograms: options.native_histograms,
        openMetrics: options.openmetrics,
        timeoutMs: options.timeout,
        maxBodyBytes: options.max_body_size,
        sampleLimit: options.sample_limit,
        resource: () => context.resource,
        report,
        clock,
      });
    });
    return new ScrapeSource({ targets, intervalMs: options.interval, clock });
  },
};

function check(options: Options): ConfigError[] {
  const { targets, relabel } = options;
  return [
    ...checkRelabel(relabel),
    ...checkTargets(targets, urlOf, 'http://localhost:8080/metrics'),
    ...checkTimeout(options),
    ...checkHttpOptions(options, urlOf(targets[0] ?? ''), 'targets'),
  ];
}

function urlOf(target: string): URL | null {
  return httpTarget(target, '/metrics');
}
