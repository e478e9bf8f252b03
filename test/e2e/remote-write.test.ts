import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startAgent } from '../harness/agent-process.ts';
import { temporaryFolder } from '../harness/files.ts';
import type { PrometheusApi } from '../harness/prometheus-api.ts';
import { currentPrometheus, debianPrometheus, PrometheusServer } from '../harness/prometheus-server.ts';
import { startVictoriaMetrics, withoutVictoriaMetrics } from '../harness/victoria-metrics.ts';

const LINES = 5000;
const CODES = ['200', '404', '500'];

const WRITE_RECEIVER = ['--web.enable-remote-write-receiver'];

/** Line `i`: its code, and a duration in seconds that a double holds exactly. */
function line(i: number): string {
  return `${JSON.stringify({ code: CODES[i % 3], took: (i % 8) / 8, trace_id: i.toString(16).padStart(32, '0') })}\n`;
}

function config(folder: string, endpoint: string): object {
  const code = 'attributes["code"]';
  return {
    state: join(folder, 'state'),
    resource: { 'service.name': 'shop', 'service.instance.id': 'pod-1', 'deployment.environment.name': 'test' },
    sources: { app: { type: 'file', include: [join(folder, 'logs/app.log')] } },
    pipelines: {
      red: {
        from: ['app'],
        stages: [
          'json',
          'trace_context',
          { counter: { name: 'requests', unit: '{request}', description: 'Lines', labels: { code } } },
          { histogram: { name: 'request.duration', unit: 's', value: 'attributes["took"]', bounds: [0.25, 0.5] } },
        ],
        to: ['far'],
      },
    },
    sinks: { far: { type: 'remote_write', endpoint, interval: '250ms' } },
  };
}

/** The sums at the receiver are those of the lines that were written, also after a rotation and a SIGKILL. */
async function assertSums(t: TestContext, api: PrometheusApi, path: string): Promise<void> {
  const folder = temporaryFolder(t);
  const log = join(folder, 'logs/app.log');
  mkdirSync(join(folder, 'logs'));
  const write = (from: number, to: number): void =>
    appendFileSync(log, Array.from({ length: to - from }, (_, i) => line(from + i)).join(''));
  write(0, 2000);
  const agent = await startAgent(t, folder, config(folder, `${api.url}${path}`));
  const job = '{job="shop",instance="pod-1"}';
  await api.waitForValue(`sum(requests_total${job})`, 2000);
  renameSync(log, `${log}.1`);
  write(2000, 3000);
  await agent.end('SIGKILL');
  const next = await startAgent(t, folder, config(folder, `${api.url}${path}`));
  write(3000, LINES);
  await api.waitForValue(`sum(requests_total${job})`, LINES);
  assert.equal(await next.end('SIGTERM'), 0);
  const expected = (code: string): number =>
    Array.from({ length: LINES }, (_, i) => i).filter((i) => CODES[i % 3] === code).length;
  for (const code of CODES) await api.waitForValue(`requests_total{job="shop",code="${code}"}`, expected(code));
  await api.waitForValue(`request_duration_seconds_count${job}`, LINES);
  await api.waitForValue(`request_duration_seconds_bucket{job="shop",le="0.25"}`, (LINES * 3) / 8);
  await api.waitForValue(`request_duration_seconds_sum${job}`, (LINES / 8) * (28 / 8));
  await api.waitForValue('target_info{job="shop",deployment_environment_name="test"}', 1);
}

for (const { name, prometheus } of [
  { name: "Debian's Prometheus", prometheus: debianPrometheus },
  { name: 'a current Prometheus', prometheus: currentPrometheus },
]) {
  test(`${name} takes what is counted, exactly, over a rotation and a SIGKILL`, {
    skip: prometheus.skip,
  }, async (t) => {
    const server = await PrometheusServer.start(t, prometheus, { flags: WRITE_RECEIVER });
    await assertSums(t, server, '/api/v1/write');
  });
}

test('VictoriaMetrics takes what is counted, exactly, over a rotation and a SIGKILL', {
  skip: withoutVictoriaMetrics,
}, async (t) => {
  await assertSums(t, await startVictoriaMetrics(t), '/api/v1/write');
});
