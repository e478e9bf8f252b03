import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startAgent } from '../harness/agent-process.ts';
import { temporaryFolder } from '../harness/files.ts';
import { currentPrometheus, debianPrometheus, PrometheusServer } from '../harness/prometheus-server.ts';

const LINES = 3000;
const STATUSES = [200, 200, 404, 500];

for (const { what, binary } of [
  { what: 'Debian’s', binary: debianPrometheus },
  { what: 'a current', binary: currentPrometheus },
]) {
  test(`${what} Prometheus has the sums of the lines that were written`, {
    skip: binary.skip,
    timeout: 120_000,
  }, async (t) => {
    const folder = temporaryFolder(t);
    const logs = join(folder, 'logs');
    mkdirSync(logs);
    const lines = Array.from({ length: LINES }, (_, i) => ({ status: STATUSES[i % 4]!, seconds: (i % 100) / 64 }));
    writeFileSync(join(logs, 'app.log'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const agent = await startAgent(t, folder, {
      state: join(folder, 'state'),
      resource: { 'service.name': 'shop', 'service.instance.id': 'shop-0', 'k8s.pod.name': 'shop-0' },
      sources: { app: { type: 'file', include: [join(logs, '*.log')], start_at: 'beginning' } },
      pipelines: {
        red: {
          from: ['app'],
          stages: [
            'json',
            { counter: { name: 'http.requests', unit: '{request}', labels: { 'http.status': 'status' } } },
            { histogram: { name: 'http.duration', unit: 's', value: 'seconds', bounds: [0.25, 0.5, 1] } },
          ],
          to: ['scrape'],
        },
      },
      sinks: { scrape: { type: 'prometheus', listen: '127.0.0.1:0' } },
    });
    await agent.logged('Metrics can be scraped.');
    const { url } = agent.log.find(({ msg }) => msg === 'Metrics can be scraped.') as { url: string };
    const server = await PrometheusServer.start(t, binary, {
      config: `scrape_configs: [{ job_name: agent, honor_labels: true, static_configs: [{ targets: ["${new URL(url).host}"] }] }]`,
    });
    const of = 'job="shop",instance="shop-0"';
    await server.waitForValue(`sum(http_requests_total{${of}})`, LINES);
    await server.waitForValue(`http_requests_total{${of},http_status="200"}`, LINES / 2);
    await server.waitForValue(`http_duration_seconds_count{${of}}`, LINES);
    const sum = lines.reduce((total, { seconds }) => total + seconds, 0);
    await server.waitForValue(`http_duration_seconds_sum{${of}}`, sum);
    const upTo = lines.filter(({ seconds }) => seconds <= 0.25).length;
    await server.waitForValue(`http_duration_seconds_bucket{${of},le="0.25"}`, upTo);
    await server.waitForValue(`target_info{${of},k8s_pod_name="shop-0"}`, 1);
  });
}
