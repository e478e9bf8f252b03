import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ParsedExposition } from '../../../../src/codec/prometheus/parse/parse-exposition.ts';
import { parseOpenMetrics, parseText } from '../../../../src/codec/prometheus/parse/parse-text.ts';
import { SeriesCache } from '../../../../src/codec/prometheus/parse/series-cache.ts';
import { PrometheusTranslation } from '../../../../src/codec/prometheus/translation.ts';
import { ExpositionWriter } from '../../../../src/codec/prometheus/write/exposition-writer.ts';
import { WriteBody } from '../../../../src/codec/remote-write/write-body.ts';
import { writeSeriesOf } from '../../../../src/codec/remote-write/write-series.ts';
import type { MetricSet } from '../../../../src/core/metric.ts';
import { Resource } from '../../../../src/core/resource.ts';
import { OtlpMetricEncoder } from '../../../../src/sinks/otlp/otlp-metric-encoder.ts';
import { createTargetRelabel } from '../../../../src/sources/prometheus-scrape/target-labels.ts';

const SUFFIXES = ['', '_total', '_created', '_bucket', '_count', '_sum', '_gcount', '_gsum', '_info'];
const TYPES = ['counter', 'gauge', 'histogram', 'gaugehistogram', 'summary', 'info', 'stateset', 'unknown'];
const NUMBERS = ['0', '1', '2', '-1', '0.5', '1e300', '-1e300', '1e-320', 'NaN', '+Inf', '-Inf', '9223372036854775807'];
const number = fc.constantFrom(...NUMBERS);
const time = fc.constantFrom('', '', '', ' 0', ' -5', ' 1700000000000', ' 1.5', ' 1e300', ' 9223372036854775807');
const label = fc.tuple(
  fc.constantFrom('le', 'quantile', 'm', '__name__', 'job', 'instance', 'exported_job', 'team', '"l l"', '"le"'),
  fc.oneof(number, fc.constantFrom('', 'x', 'j', '\\n\\"', 'ü')),
);
const labels = fc
  .uniqueArray(label, { maxLength: 3, selector: ([name]) => name.replaceAll('"', '') })
  .map((pairs) => (pairs.length === 0 ? '' : `{${pairs.map(([name, value]) => `${name}="${value}"`).join(',')}}`));
const name = fc
  .tuple(fc.constantFrom('m', 'm', 'n', 'm_m', 'target', 'up'), fc.constantFrom(...SUFFIXES))
  .map((parts) => parts.join(''));
const sample = fc
  .tuple(
    name,
    labels,
    number,
    time,
    fc.constantFrom('', '', '', ' # {trace_id="ab",x="y"} NaN 1e300', ' # {x=""} 1 -5'),
  )
  .map(([name, labels, value, time, exemplar]) => ({ sample: `${name}${labels} ${value}${time}`, exemplar }));
const about = fc.tuple(fc.constantFrom('m', 'n', 'm_total', 'm_created', 'target', 'up'), fc.constantFrom(...TYPES));

test('whatever an application says goes out by every sink, or is left out', () => {
  fc.assert(
    fc.property(
      fc.array(about, { maxLength: 3 }),
      fc.array(sample, { maxLength: 12 }),
      fc.boolean(),
      (types, samples, isOpenMetrics) => {
        const head = types.map(([name, type]) => `# TYPE ${name} ${type}\n`).join('');
        const lines = samples.map(({ sample, exemplar }) => `${sample}${isOpenMetrics ? exemplar : ''}\n`).join('');
        const parsed = parsedOf(`${head}${lines}${isOpenMetrics ? '# EOF\n' : ''}`, isOpenMetrics);
        if (parsed !== undefined) sendEverywhere(parsed);
      },
    ),
    { numRuns: Number(process.env['RUNS'] ?? 1000) },
  );
});

/** Undefined: it is refused. */
function parsedOf(text: string, isOpenMetrics: boolean): ParsedExposition | undefined {
  const identity = { url: new URL('http://a:1/'), instance: 'i', job: 'j', labels: new Map([['team', 't']]) };
  const cache = new SeriesCache(createTargetRelabel(identity, false, undefined));
  try {
    return (isOpenMetrics ? parseOpenMetrics : parseText)(Buffer.from(text), { cache, honorTimestamps: true });
  } catch {
    return undefined;
  }
}

function sendEverywhere({ families }: ParsedExposition): void {
  const resource = new Resource([
    ['service.name', 'j'],
    ['service.instance.id', 'i'],
  ]);
  const set: MetricSet = { resource, scope: { name: '', version: '' }, naming: 'prometheus', unixMs: 1.7e12, families };
  for (const encoding of ['protobuf', 'json'] as const) {
    const encoder = new OtlpMetricEncoder({ encoding, temporality: 'cumulative', maxRequestPoints: 1000 });
    for (const body of encoder.encode({}, [set], set.unixMs)) {
      const bytes = body.body(0, body.recordCount);
      if (encoding === 'json') assertWhole(JSON.parse(Buffer.from(bytes).toString()));
    }
  }
  const translation = new PrometheusTranslation({
    strategy: 'underscore_escaping_with_suffixes',
    targetLabels: true,
    targetInfo: true,
    scopeLabels: true,
  });
  const shown = translation.families([set]);
  const series = shown.flatMap((family) => writeSeriesOf(family));
  const ids = series.map(({ labels }) => JSON.stringify(labels));
  assert.equal(new Set(ids).size, ids.length, `series twice: ${ids.join(' ')}`);
  for (const { labels } of series) {
    const names = labels.map(([name]) => name);
    assert.equal(new Set(names).size, names.length, `label twice: ${names.join(' ')}`);
  }
  for (const version of ['v1', 'v2'] as const) new WriteBody(series, () => version).body(0, series.length);
  const writer = new ExpositionWriter({ timestamps: true, createdLines: true });
  for (const escaping of ['underscores', 'allow-utf-8'] as const)
    for (const kind of ['text', 'openmetrics', 'protobuf'] as const) {
      const out = writer.write(shown, { kind, version: '', escaping });
      if (kind === 'protobuf') continue;
      const parse = kind === 'text' ? parseText : parseOpenMetrics;
      parse(out, { cache: new SeriesCache(), honorTimestamps: true });
    }
}

/** Integers of 64 bits are digits alone. */
function assertWhole(value: unknown): void {
  if (Array.isArray(value)) value.forEach(assertWhole);
  else if (typeof value === 'object' && value !== null)
    for (const [key, inner] of Object.entries(value)) {
      if (/Nano$|^count$|^zeroCount$/.test(key)) assert.match(String(inner), /^\d{1,20}$/);
      else if (key === 'bucketCounts') for (const count of inner as string[]) assert.match(count, /^\d{1,20}$/);
      else assertWhole(inner);
    }
}
