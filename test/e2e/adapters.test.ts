import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { startAgent } from '../harness/agent-process.ts';
import { temporaryFolder, until } from '../harness/files.ts';
import { freePort } from '../harness/free-port.ts';
import { nginxProgram, startNginx } from '../harness/nginx-server.ts';
import { debianPrometheus, PrometheusServer } from '../harness/prometheus-server.ts';
import { commandRedis, redisProgram, startRedis } from '../harness/redis-server.ts';
import { startServer } from '../harness/server-process.ts';

const limit = { skip: nginxProgram.skip || redisProgram.skip || debianPrometheus.skip, timeout: 120_000 };

test(
  'a Prometheus has by the agent what nginx, Redis and an application of Node say of themselves',
  limit,
  async (t) => {
    const nginx = await startNginx(t, 'location = /nginx_status { stub_status; } location / { return 200 "ok"; }');
    const redis = await startRedis(t);
    const nodePort = await freePort();
    const example = join(import.meta.dirname, '../../examples/node-status.mjs');
    const env = { ...process.env, NODE_STATUS_PORT: String(nodePort) };
    const application = ['--import', example, '--eval', 'setInterval(() => {}, 1000)'];
    await startServer(t, { command: process.execPath, skip: false }, application, [nodePort], env);
    for (let i = 0; i < 7; i++) await (await fetch(`http://${nginx}/`)).text();
    for (let i = 0; i < 5; i++) await commandRedis(redis, ['GET', 'nothing']);

    const folder = temporaryFolder(t);
    const agent = await startAgent(t, folder, {
      state: join(folder, 'state'),
      sources: {
        web: { type: 'nginx_status', targets: [nginx], interval: '1s', timeout: '1s' },
        cache: { type: 'redis_info', targets: [redis], interval: '1s', timeout: '1s' },
        app: { type: 'node_status', targets: [`localhost:${nodePort}`], interval: '1s', timeout: '1s' },
      },
      pipelines: { metrics: { from: ['web', 'cache', 'app'], to: ['scrape'] } },
      sinks: { scrape: { type: 'prometheus', listen: '127.0.0.1:0' } },
    });
    await agent.logged('Metrics can be scraped.');
    const { url } = agent.log.find(({ msg }) => msg === 'Metrics can be scraped.') as { url: string };
    let text = '';
    const value = (name: string, labels: string): number => {
      const line = text.split('\n').find((line) => line.startsWith(`${name}{${labels}`));
      return Number(line?.slice(line.lastIndexOf(' ')) ?? Number.NaN);
    };
    await until('all three are up', async () => {
      text = await (await fetch(url)).text();
      return (text.match(/^up\{.*\} 1$/gm) ?? []).length === 3;
    });
    const web = `instance="${nginx}",job="web"`;
    const cache = `instance="${redis}",job="cache"`;
    const app = `instance="localhost:${nodePort}",job="app"`;
    const page = await (await fetch(`http://${nginx}/nginx_status`)).text();
    const requests = value('nginx_requests_total', web);
    assert.ok(requests >= 7 + 1 && requests <= Number(/(\d+) \nReading/.exec(page)?.[1]), text);
    assert.equal(value('redis_keyspace_misses_total', cache), 5);
    assert.ok(value('process_memory_usage_bytes', app) > 20 * 2 ** 20, text);
    assert.ok(value('nodejs_eventloop_time_seconds_total', app) >= 0, text);

    const server = await PrometheusServer.start(t, debianPrometheus, {
      config: `scrape_configs: [{ job_name: agent, honor_labels: true, static_configs: [{ targets: ["${new URL(url).host}"] }] }]`,
    });
    await server.waitForValue('sum(up{job=~"web|cache|app"})', 3);
    await server.waitForValue(`redis_keyspace_misses_total{${cache}}`, 5);
    await server.waitForValue(`sum(redis_role{${cache},role="primary"})`, 1);
  },
);
