import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { contentTypeOf, negotiateFormat } from '../../src/codec/prometheus/exposition-format.ts';
import { ExpositionWriter } from '../../src/codec/prometheus/write/exposition-writer.ts';
import { LabelSet } from '../../src/core/label-set.ts';
import type { MetricPoint, MetricType } from '../../src/core/metric.ts';
import { startAgent } from '../harness/agent-process.ts';
import { temporaryFolder } from '../harness/files.ts';
import { currentPrometheus, debianPrometheus, PrometheusServer } from '../harness/prometheus-server.ts';

for (const { what, binary, flags, config, isUtf8 } of [
  {
    what: 'Debian’s',
    binary: debianPrometheus,
    flags: ['--enable-feature=native-histograms'],
    config: '',
    isUtf8: false,
  },
  { what: 'a current', binary: currentPrometheus, flags: [], config: 'scrape_native_histograms: true,', isUtf8: true },
]) {
  const limit = { skip: binary.skip, timeout: 120_000 };
  test(`${what} Prometheus has by the agent what an application shows`, limit, async (t) => {
    const application = await startApplication(t);
    const folder = temporaryFolder(t);
    const agent = await startAgent(t, folder, {
      state: join(folder, 'state'),
      sources: {
        app: {
          type: 'prometheus_scrape',
          targets: [application],
          interval: '1s',
          timeout: '1s',
          native_histograms: true,
        },
      },
      pipelines: { metrics: { from: ['app'], to: ['scrape'] } },
      sinks: { scrape: { type: 'prometheus', listen: '127.0.0.1:0' } },
    });
    await agent.logged('Metrics can be scraped.');
    const { url } = agent.log.find(({ msg }) => msg === 'Metrics can be scraped.') as { url: string };
    const targets = `static_configs: [{ targets: ["${new URL(url).host}"] }]`;
    const server = await PrometheusServer.start(t, binary, {
      flags,
      config: `scrape_configs:\n  - { job_name: agent, honor_labels: true, ${config} ${targets} }\n  - { job_name: utf8, ${targets} }`,
    });
    const of = `job="app",instance="${application}"`;
    await server.waitForValue(`up{${of}}`, 1);
    await server.waitForValue(`sum(requests_total{${of}})`, 12);
    await server.waitForValue(`seconds_bucket{${of},le="2.5"}`, 3);
    await server.waitForValue(`histogram_count(size{${of}})`, 10);
    await server.waitForValue(`histogram_quantile(0.6, size{${of}})`, 4);
    // Prometheus asks for names as they are in OpenMetrics alone.
    await server.waitForValue(`dotted_name{${of}}`, 7);
    const asItIs = 'job="utf8",exported_job="app"';
    await server.waitForValue(isUtf8 ? `{"dotted.name",${asItIs}}` : `dotted_name{${asItIs}}`, 7);
  });
}

/** An application that shows a counter, both kinds of histogram, and a name with a point, in what it is asked for. */
async function startApplication(t: TestContext): Promise<string> {
  const empty = LabelSet.empty;
  const family = (name: string, type: MetricType, points: MetricPoint[]) => {
    const series = points.map((point) => ({ labels: point.labels, point, unixMs: 0 }));
    return { name, type, unit: '', help: `The ${name}.`, series };
  };
  const families = [
    family('requests_total', 'counter', [
      { kind: 'number', labels: LabelSet.of([['path', '/a"b\\c\n']]), value: 5 },
      { kind: 'number', labels: LabelSet.of([['path', '/ü']]), value: 7 },
    ]),
    family('seconds', 'histogram', [
      { kind: 'histogram', labels: empty, bounds: [0.5, 2.5], counts: [1, 2, 1], count: 4, sum: 9.5 },
    ]),
    family('size', 'histogram', [
      {
        kind: 'exponential_histogram',
        labels: empty,
        scale: 0,
        zeroCount: 1,
        zeroThreshold: 0.01,
        positive: { offset: 1, counts: [4, 2, 0, 0, 0, 0, 0, 0, 0, 2] },
        negative: { offset: 0, counts: [1] },
        count: 10,
        sum: 123,
      },
    ]),
    family('dotted.name', 'gauge', [{ kind: 'number', labels: empty, value: 7 }]),
  ];
  const writer = new ExpositionWriter({ timestamps: false, createdLines: false });
  const server = createServer((request, response) => {
    const format = negotiateFormat(request.headers.accept);
    // Who asks for protobuf here takes any name.
    const shown = { ...format, escaping: 'allow-utf-8' as const };
    response.setHeader('content-type', contentTypeOf(shown));
    response.end(writer.write(families, shown));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
