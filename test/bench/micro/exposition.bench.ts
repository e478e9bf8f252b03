import type { ExpositionFormat } from '../../../src/codec/prometheus/exposition-format.ts';
import { parseProtobuf } from '../../../src/codec/prometheus/parse/parse-protobuf.ts';
import { parseOpenMetrics, parseText } from '../../../src/codec/prometheus/parse/parse-text.ts';
import { SeriesCache } from '../../../src/codec/prometheus/parse/series-cache.ts';
import { PrometheusTranslation } from '../../../src/codec/prometheus/translation.ts';
import { ExpositionWriter } from '../../../src/codec/prometheus/write/exposition-writer.ts';
import { LabelSet } from '../../../src/core/label-set.ts';
import type { MetricSet } from '../../../src/core/metric.ts';
import { Resource } from '../../../src/core/resource.ts';

const SERIES = 100_000;
const ROUNDS = 9;

/** A scrape of 100,000 series, from the producer's sets to bytes, and back: CPU milliseconds of the first and the median. */
const routes = Array.from({ length: 500 }, (_, i) => `/api/v1/resources/${i}`);
const points = Array.from({ length: SERIES }, (_, i) => ({
  kind: 'number' as const,
  labels: LabelSet.of([
    ['http.request.method', ['GET', 'POST', 'PUT', 'DELETE'][i % 4]!],
    ['http.route', routes[(i >> 2) % 500]!],
    ['server.address', `server-${Math.floor(i / 2000)}.example.org`],
  ]),
  value: i * 1.5,
}));
const set: MetricSet = {
  resource: new Resource([
    ['service.name', 'shop'],
    ['service.instance.id', 'shop-6f9c7d-x2x'],
  ]),
  scope: { name: 'pillion', version: '1' },
  naming: 'otlp',
  unixMs: 0,
  families: Array.from({ length: 10 }, (_, i) => ({
    name: `http.server.requests.${i}`,
    type: 'counter',
    unit: '',
    description: 'Requests that were answered.',
    points: points.slice((i * SERIES) / 10, ((i + 1) * SERIES) / 10),
  })),
};
const PARSERS = { text: parseText, openmetrics: parseOpenMetrics, protobuf: parseProtobuf };
const translation = new PrometheusTranslation({
  strategy: 'underscore_escaping_with_suffixes',
  targetLabels: true,
  targetInfo: true,
  scopeLabels: false,
});
const writer = new ExpositionWriter({ timestamps: false, createdLines: false });

for (const kind of ['text', 'openmetrics', 'protobuf'] as const) {
  const format: ExpositionFormat = { kind, version: '', escaping: 'underscores' };
  const write = (): Buffer => writer.write(translation.families([set]), format);
  report(`write ${kind}`, write);
  const bytes = write();
  const cache = new SeriesCache();
  report(`parse ${kind}, ${(bytes.length / 2 ** 20).toFixed(1)} MiB`, () => {
    PARSERS[kind](bytes, { cache, honorTimestamps: true });
    cache.endExposition();
  });
}

function report(name: string, run: () => void): void {
  const rounds = Array.from({ length: ROUNDS }, () => {
    const start = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  });
  const [first] = rounds;
  rounds.sort((a, b) => a - b);
  const median = rounds[Math.floor(ROUNDS / 2)]!;
  process.stdout.write(
    `${name.padEnd(28)} first ${first!.toFixed(0).padStart(5)} ms, median ${median.toFixed(0).padStart(5)} ms\n`,
  );
}
