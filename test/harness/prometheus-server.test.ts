import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { contentTypeOf, type ExpositionFormat, negotiateFormat } from '../../src/codec/prometheus/exposition-format.ts';
import type { PrometheusFamily } from '../../src/codec/prometheus/prometheus-family.ts';
import { ExpositionWriter } from '../../src/codec/prometheus/write/exposition-writer.ts';
import { LabelSet } from '../../src/core/label-set.ts';
import type { MetricPoint, MetricType } from '../../src/core/metric.ts';
import { currentPrometheus, debianPrometheus, PrometheusServer } from './prometheus-server.ts';

/** Native histograms are asked for by a flag, or since 3.8 by the configuration. */
const CASES = [
  {
    what: 'Debian’s',
    binary: debianPrometheus,
    flags: ['--enable-feature=native-histograms'],
    config: '',
    isUtf8: false,
  },
  { what: 'a current', binary: currentPrometheus, flags: [], config: 'scrape_native_histograms: true', isUtf8: true },
];

for (const { what, binary, flags, config, isUtf8 } of CASES) {
  test(`${what} Prometheus reads what is written`, { skip: binary.skip, timeout: 120_000 }, async (t) => {
    const { address, formats } = await serve(t);
    const scrape = (job: string, more: string): string =>
      `  - { job_name: ${job}, static_configs: [{ targets: ["${address}"] }], ${more} }`;
    const plain = isUtf8
      ? 'scrape_protocols: [OpenMetricsText1.0.0], scrape_native_histograms: false'
      : 'metrics_path: /text';
    const server = await PrometheusServer.start(t, binary, {
      flags,
      config: `scrape_configs:\n${scrape('plain', plain)}\n${scrape('native', [config, 'scrape_interval: 1s'].filter(Boolean).join(', '))}`,
    });
    for (const job of ['plain', 'native']) {
      await server.waitForValue(`up{job="${job}"}`, 1);
      assert.equal(await server.value(`sum(requests_total{job="${job}"})`), 12);
      assert.equal(await server.value(`requests_total{job="${job}",path="/a\\"b\\\\c\\n"}`), 5);
    }
    assert.equal(await server.value('duration_seconds_bucket{job="plain",le="2.5"}'), 3);
    assert.equal(await server.value('duration_seconds_sum{job="plain"}'), 9.5);
    assert.equal(await server.value('histogram_count(size{job="native"})'), 10);
    assert.equal(await server.value('histogram_sum(size{job="native"})'), 123);
    assert.equal(await server.value('histogram_quantile(0.6, size{job="native"})'), 4);
    const dotted = isUtf8 ? '{"dotted.name", job="plain"}' : 'dotted_name{job="plain"}';
    assert.equal(await server.value(dotted), 7);
    assert.ok(formats.has('protobuf') && (formats.has('openmetrics') || formats.has('text')));
  });
}

async function serve(t: TestContext): Promise<{ address: string; formats: Set<ExpositionFormat['kind']> }> {
  const formats = new Set<ExpositionFormat['kind']>();
  const writer = new ExpositionWriter({ timestamps: false, createdLines: false });
  const server = createServer((request, response) => {
    const format = negotiateFormat(request.url === '/text' ? 'text/plain' : request.headers.accept);
    formats.add(format.kind);
    response.setHeader('content-type', contentTypeOf(format));
    response.end(writer.write(families(), format));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => void server.close().closeAllConnections());
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, formats };
}

function families(): PrometheusFamily[] {
  const empty = LabelSet.empty;
  const side = (offset: number, counts: number[]): { offset: number; counts: number[] } => ({ offset, counts });
  return [
    family('requests_total', 'counter', [
      { kind: 'number', labels: LabelSet.of([['path', '/a"b\\c\n']]), value: 5 },
      { kind: 'number', labels: LabelSet.of([['path', '/ü']]), value: 7, startUnixMs: 1_500_000_000_000 },
    ]),
    family('duration_seconds', 'histogram', [
      { kind: 'histogram', labels: empty, bounds: [0.5, 2.5], counts: [1, 2, 1], count: 4, sum: 9.5 },
    ]),
    family('size', 'histogram', [
      {
        kind: 'exponential_histogram',
        labels: empty,
        scale: 0,
        zeroCount: 1,
        zeroThreshold: 0.01,
        // (2, 4], (4, 8] and, behind a gap, (1024, 2048].
        positive: side(1, [4, 2, 0, 0, 0, 0, 0, 0, 0, 2]),
        negative: side(0, [1]),
        count: 10,
        sum: 123,
      },
    ]),
    family('dotted.name', 'gauge', [{ kind: 'number', labels: empty, value: 7 }]),
  ];
}

function family(name: string, type: MetricType, points: MetricPoint[]): PrometheusFamily {
  return {
    name,
    type,
    unit: '',
    help: `The ${name}.`,
    series: points.map((point) => ({ labels: point.labels, point, unixMs: 0 })),
  };
}
