import * as v from 'valibot';
import type { SourceDefinition } from '../../component/definition.ts';
import { checkLabelName, checkMetricName } from '../../component/metric-options.ts';
import {
  choice,
  defaultTexts,
  described,
  type Infer,
  object,
  optionalText,
  someTexts,
  text,
} from '../../component/options.ts';
import type { Clock } from '../../core/clock.ts';
import { ConfigError, type ConfigPath } from '../../core/errors.ts';
import { httpOptions } from '../../delivery/http-options.ts';
import { metricDocs } from '../../mapping/metric-docs.ts';
import type { MetricMapping } from '../../mapping/metric-mapping.ts';
import { buildHttpPages, checkHttpPages, type GetPage, type PageKind } from '../http-pages.ts';
import { httpTarget } from '../http-targets.ts';
import { MAPPED_OPTIONS } from '../mapped-options.ts';
import { parseJson } from '../parse-json.ts';
import { ScrapeFailure } from '../scrape-failure.ts';
import { KNOWN_METERS, meterMapping, START_METER, tagPath } from './meters.ts';
import { type Meter, readMeters } from './read-meters.ts';

const meter = object({
  name: text({ doc: 'The name of the meter, which is that of the metric.', example: 'orders.placed' }),
  type: choice(['counter', 'gauge', 'timer', 'summary'], { doc: 'What kind of meter it is.', default: 'gauge' }),
  unit: optionalText({ doc: 'The unit, in UCUM; of a timer seconds.', example: '"{order}"' }),
  description: optionalText({ doc: 'What the metric says, in a sentence.', example: 'Orders placed.' }),
  tags: defaultTexts({
    doc: 'Tags that become labels. Each value of a tag is a request of its own, and so is each combination.',
    default: [],
    example: '[channel]',
  }),
});

const options = object({
  targets: someTexts({
    doc: 'Where applications have the endpoint `metrics` of the actuator: URLs, or `host:port` for `http://host:port/actuator/metrics`.',
    default: ['http://localhost:8080/actuator/metrics'],
  }),
  meters: v.optional(
    described(v.array(meter, 'expected a list of meters'), 'list of meters', {
      doc: 'Meters of the application itself, beside those that are known.',
      example: '[{ name: orders.placed, type: counter, tags: [channel] }]',
    }),
    [],
  ),
  ...MAPPED_OPTIONS,
  ...httpOptions,
});

type Options = Infer<typeof options>;

/** Applications of Spring Boot that have an actuator, and no registry for Prometheus. */
export const springActuatorSource: SourceDefinition<Options> = {
  type: 'spring_actuator',
  summary:
    'Asks the actuator of Spring Boot for its meters, one by one, and makes metrics of them, with `up`. An application with the registry of Micrometer for Prometheus is better asked by `prometheus_scrape`: that takes one request, and its histograms have buckets.',
  gives: 'metrics',
  metrics: metricDocs(KNOWN_METERS.map(({ mapping }) => mapping)),
  options,
  check: (options) => [...checkMeters(options), ...checkHttpPages(options, kindOf(options))],
  build(options, context) {
    const meters = [
      ...KNOWN_METERS.map(({ meter }) => meter),
      START_METER,
      ...options.meters.map(({ name, tags }): Meter => ({ name, tags })),
    ];
    const read = (get: GetPage, url: URL, signal: AbortSignal) =>
      within(context.clock, options.timeout, signal, (either) => readMeters(get, url, meters, either));
    return buildHttpPages(options, context, kindOf(options), read);
  },
};

function kindOf(options: Options): PageKind {
  return {
    urlOf: (target) => httpTarget(target, '/actuator/metrics'),
    example: 'http://localhost:8080/actuator/metrics',
    accept: 'application/vnd.spring-boot.actuator.v3+json, application/json',
    parse: parseJson,
    mappings: [...KNOWN_METERS.map(({ mapping }) => mapping), ...ownMappings(options)],
    start: { time: `["${START_METER.name}"][0].VALUE` },
  };
}

function ownMappings({ meters }: Options): MetricMapping[] {
  return meters.map(({ name, type, unit, description, tags }) => {
    const labels = Object.fromEntries(tags.map((tag) => [tag, tagPath(tag)]));
    return meterMapping({ name, unit: unit ?? (type === 'timer' ? 's' : ''), description }, name, type, labels);
  });
}

/** Names that can stand in a path, and in a URL, as they are. */
const NAME = /^[\w.-]+$/;

function checkMeters({ meters }: Options): ConfigError[] {
  const known = new Set(KNOWN_METERS.flatMap(({ meter, mapping }) => [meter.name, mapping.name]));
  return meters.flatMap(({ name, tags }, i) => {
    const at = ['meters', i];
    const isRepeated = meters.slice(0, i).some((other) => other.name === name);
    const errors = tags.flatMap((tag, j) => checkTag(tag, [...at, 'tags', j]));
    if (!NAME.test(name)) errors.push(wrongName(name, 'meter', [...at, 'name']));
    else errors.push(...checkMetricName(name, [...at, 'name']));
    if (known.has(name) || isRepeated) {
      const message = `Cannot read the meter ${JSON.stringify(name)} twice`;
      const hint = isRepeated ? 'Remove one of them' : 'It is read without being named: remove it';
      errors.push(new ConfigError({ code: 'ERR_CONFIG_VALUE', path: [...at, 'name'], message, hint }));
    }
    return errors;
  });
}

function checkTag(tag: string, path: ConfigPath): ConfigError[] {
  return NAME.test(tag) ? checkLabelName(tag, path) : [wrongName(tag, 'tag', path)];
}

function wrongName(name: string, what: string, path: ConfigPath): ConfigError {
  const message = `Cannot use ${JSON.stringify(name)} as a ${what}`;
  return new ConfigError({ code: 'ERR_CONFIG_VALUE', path, message, hint: 'Use letters, digits, "_", "." and "-"' });
}

/** Does something that takes many requests in the time of one. */
async function within<Result>(
  clock: Clock,
  timeoutMs: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const late = new AbortController();
  const done = new AbortController();
  void clock.sleep(timeoutMs, done.signal).then(() => late.abort());
  try {
    return await work(AbortSignal.any([signal, late.signal]));
  } catch (error) {
    if (!late.signal.aborted || signal.aborted) throw error;
    throw new ScrapeFailure('timeout', `Not all meters have answered within ${timeoutMs} ms`);
  } finally {
    done.abort();
  }
}
