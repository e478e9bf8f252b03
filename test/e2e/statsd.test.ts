import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { bodyOf, httpServer } from '../delivery/servers.ts';
import { ADMIN, askMetrics } from '../harness/admin.ts';
import { type PillionProcess, runPillion, startAgent } from '../harness/agent-process.ts';
import { sinkTo } from '../harness/agent-setting.ts';
import { temporaryFolder, until } from '../harness/files.ts';
import { OtlpBackend } from '../harness/otlp-backend.ts';
import { debianPrometheus, PrometheusServer } from '../harness/prometheus-server.ts';
import { putConfig, reload } from '../harness/reload.ts';

const limit = { timeout: 120_000 };
const BY_SOCKET = 20_000;
const BY_UDP = 20_000;

/** What was sent: the truth that the agent has to show. */
class Truth {
  readonly counts = new Map<string, number>();
  /** In milliseconds. */
  readonly times: number[] = [];

  /** The nth line; every tenth is a timer. */
  line(n: number): string {
    if (n % 10 === 0) {
      this.times.push(n % 700);
      return `took:${n % 700}|ms`;
    }
    const labels = `code="${n % 5}",method="${n % 2 === 0 ? 'GET' : 'POST'}"`;
    this.counts.set(labels, (this.counts.get(labels) ?? 0) + (n % 7));
    // The same tags in any order are the same series.
    const tags = [`code:${n % 5}`, `method:${n % 2 === 0 ? 'GET' : 'POST'}`];
    return `requests:${n % 7}|c|#${(n % 3 === 0 ? tags : tags.reverse()).join()}`;
  }
}

async function start(t: TestContext, options: { backend?: OtlpBackend; source?: object } = {}) {
  const folder = temporaryFolder(t);
  const path = join(folder, 'statsd.socket');
  const { backend, source } = options;
  const config = {
    state: join(folder, 'state'),
    admin: ADMIN,
    sources: { app: { type: 'statsd', listen: '127.0.0.1:0', socket: path, timer_bounds: [0.1, 0.5], ...source } },
    pipelines: { app: { from: ['app'], to: ['scrape', ...(backend === undefined ? [] : ['backend'])] } },
    sinks: {
      scrape: { type: 'prometheus', listen: '127.0.0.1:0', target_labels: false },
      ...(backend === undefined ? {} : { backend: sinkTo(backend) }),
    },
  };
  const agent = await startAgent(t, folder, config);
  for (const message of ['Metrics can be scraped.', 'StatsD can be sent by UDP.', 'StatsD can be sent to the socket.'])
    await agent.logged(message);
  const port = Number(
    /\d+$/.exec(String(agent.log.find(({ msg }) => msg === 'StatsD can be sent by UDP.')?.['address']))?.[0],
  );
  return { agent, path, port, folder, config };
}

/** What Prometheus would get, by name and labels. */
async function scrape(agent: PillionProcess): Promise<Map<string, number>> {
  const url = String(agent.log.find(({ msg }) => msg === 'Metrics can be scraped.')?.['url']);
  const text = await (await fetch(url)).text();
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line): [string, number] => [line.replace(/ \S+$/, ''), Number(/\S+$/.exec(line)?.[0])]));
}

/** What a system keeps at least of what comes by UDP, and what it keeps beside the bytes of a packet, about. */
const KEPT_BYTES = 100_000;
const PACKET_BYTES = 1000;

/** Sends by UDP, never more than the kernel can keep until the agent has received it. */
class Sender {
  readonly #agent: PillionProcess;
  readonly #socket: Socket;
  #packets = 0;
  #bytes = 0;

  private constructor(agent: PillionProcess, socket: Socket) {
    this.#agent = agent;
    this.#socket = socket;
  }

  static async open(t: TestContext, agent: PillionProcess, port: number): Promise<Sender> {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.connect(port, '127.0.0.1', resolve));
    t.after(() => socket.close());
    return new Sender(agent, socket);
  }

  async send(packet: string | Buffer): Promise<void> {
    await new Promise<void>((resolve, reject) =>
      this.#socket.send(packet, (error) => (error ? reject(error) : resolve())),
    );
    this.#packets++;
    this.#bytes += PACKET_BYTES + packet.length;
    if (this.#bytes > KEPT_BYTES) await this.received();
  }

  /** Waits until the agent has all of it. */
  async received(): Promise<void> {
    const series = 'pillion_statsd_packets_total{source="app",transport="udp"}';
    await until('all packets have come', async () => (await askMetrics(this.#agent)).get(series) === this.#packets);
    this.#bytes = 0;
  }
}

test('what /metrics shows is the sum of what was sent, by UDP and by the socket', limit, async (t) => {
  const { agent, path, port } = await start(t);
  const truth = new Truth();
  const connection = createConnection({ path });
  for (let n = 0; n < BY_SOCKET; n += 25) {
    const packet = Buffer.from(Array.from({ length: 25 }, (_, i) => truth.line(n + i)).join('\n'));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(packet.length);
    connection.write(Buffer.concat([length, packet]));
  }
  connection.end();
  const sender = await Sender.open(t, agent, port);
  for (let n = 0; n < BY_UDP; n += 20) {
    await sender.send(Array.from({ length: 20 }, (_, i) => truth.line(n + i)).join('\n'));
  }
  const taken = 'pillion_statsd_lines_total{source="app",result="ok"}';
  await until('all lines were counted', async () => (await askMetrics(agent)).get(taken) === BY_SOCKET + BY_UDP);
  const shown = await scrape(agent);
  for (const [labels, count] of truth.counts) assert.equal(shown.get(`requests_total{${labels}}`), count, labels);
  const upTo = (bound: number): number => truth.times.filter((ms) => ms / 1000 <= bound).length;
  assert.equal(shown.get('took_seconds_count'), truth.times.length);
  assert.equal(shown.get('took_seconds_bucket{le="0.1"}'), upTo(0.1));
  assert.equal(shown.get('took_seconds_bucket{le="0.5"}'), upTo(0.5));
  const sum = truth.times.reduce((a, b) => a + b, 0) / 1000;
  assert.ok(Math.abs(shown.get('took_seconds_sum')! - sum) < 1e-6);
  assert.equal((await askMetrics(agent)).get('pillion_statsd_kernel_dropped_packets_total{source="app"}') ?? 0, 0);
  assert.equal(await agent.end('SIGTERM'), 0);
});

test('packets of anything are counted, and the agent goes on', limit, async (t) => {
  const { agent, path, port } = await start(t);
  const sender = await Sender.open(t, agent, port);
  for (const length of [0, 1, 10, 100, 1000, 10_000, 60_000]) {
    for (let round = 0; round < 30; round++) await sender.send(randomBytes(length));
    for (const text of ['a:1|c|#', ':', '_e{9,9}:', 'x:1:1|ms|@1|']) {
      await sender.send(text.repeat(1 + Math.floor(length / text.length)));
    }
  }
  const connection = createConnection({ path });
  connection.on('error', () => {});
  connection.write(randomBytes(100_000));
  await sender.received();
  await sender.send('alive:1|g');
  await until('the last one has come', async () => (await scrape(agent)).get('alive') === 1);
  connection.destroy();
  assert.ok(agent.log.filter(({ level }) => level === 'warn').length < 15, 'each reason is said once');
  assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
});

test('a flood of tags by UDP is one series more, and the agent has all of it', limit, async (t) => {
  const { agent, port } = await start(t, { source: { max_series: 50 } });
  const sender = await Sender.open(t, agent, port);
  const count = 30_000;
  for (let n = 0; n < count; n += 30) {
    await sender.send(Array.from({ length: 30 }, (_, i) => `flood:1|c|#id:${n + i}`).join('\n'));
  }
  await sender.send('alive:1|g');
  await until('the last one has come', async () => (await scrape(agent)).get('alive') === 1);
  const shown = [...(await scrape(agent))].filter(([name]) => name.startsWith('flood_total'));
  assert.equal(shown.length, 51);
  assert.equal(new Map(shown).get('flood_total{otel_metric_overflow="true"}'), count - 50);
  assert.equal((await askMetrics(agent)).get('pillion_statsd_overflow_lines_total{source="app"}'), count - 50);
});

test(
  'a source that is changed by a reload counts on, and loses nothing of what is sent meanwhile',
  limit,
  async (t) => {
    const { agent, port, folder, config } = await start(t);
    const sender = await Sender.open(t, agent, port);
    let sent = 0;
    const sendFor = async (work: Promise<unknown>): Promise<void> => {
      let isOver = false;
      void work.finally(() => (isOver = true));
      while (!isOver) {
        await sender.send('hits:1|c\nhits:1|c');
        sent += 2;
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    };
    for (const receive_buffer of ['1MiB', '512KiB']) {
      putConfig(folder, { ...config, sources: { app: { ...config.sources.app, receive_buffer } } });
      const reloading = reload(agent);
      await sendFor(reloading);
      const { status, answer } = await reloading;
      assert.equal(status, 200, JSON.stringify(answer));
    }
    await sendFor(new Promise((resolve) => setTimeout(resolve, 50)));
    assert.ok(sent > 20);
    await until('all has come', async () => (await scrape(agent)).get('hits_total') === sent);
    assert.equal(await agent.end('SIGTERM'), 0);
  },
);

test('differences that are pushed add up to what was sent, whatever reloads change', limit, async (t) => {
  let pushed = 0;
  const server = await httpServer(t, async (request, response) => {
    const { resourceMetrics } = JSON.parse((await bodyOf(request)).toString());
    const metrics = resourceMetrics.flatMap((one: { scopeMetrics: { metrics: unknown[] }[] }) =>
      one.scopeMetrics.flatMap(({ metrics }) => metrics),
    ) as { name: string; sum?: { dataPoints: { asDouble?: number }[] } }[];
    for (const { name, sum } of metrics)
      if (name === 'hits') for (const { asDouble = 0 } of sum?.dataPoints ?? []) pushed += asDouble;
    response.setHeader('content-type', 'application/json').end('{}');
  });
  const { agent, port, folder, config } = await start(t);
  const far = {
    type: 'otlp',
    metrics_endpoint: server.url,
    protocol: 'http/json',
    compression: 'none',
    metric_temporality: 'delta',
    metric_interval: '1h',
  };
  const configOf = (parts: { far?: object; source?: object; stages?: unknown[] } = {}): object => ({
    ...config,
    sources: { app: { ...config.sources.app, ...parts.source } },
    sinks: { ...config.sinks, far: { ...far, ...parts.far } },
    pipelines: { app: { ...config.pipelines.app, to: ['scrape', 'far'], stages: parts.stages ?? [] } },
  });
  const sender = await Sender.open(t, agent, port);
  let sent = 0;
  const changes = [
    configOf(),
    configOf({ stages: [{ set: { colour: 'red' } }] }),
    configOf({ far: { timeout: '9s' } }),
    configOf({ far: { timeout: '9s' }, source: { receive_buffer: '512KiB' } }),
  ];
  for (const change of changes) {
    putConfig(folder, change);
    const { status, answer } = await reload(agent);
    assert.equal(status, 200, JSON.stringify(answer));
    for (let i = 0; i < 10; i++, sent++) await sender.send('hits:1|c');
    await sender.received();
  }
  assert.equal(await agent.end('SIGTERM'), 0);
  assert.equal(pushed, sent);
});

test('Prometheus has timers as native histograms', { ...limit, skip: debianPrometheus.skip }, async (t) => {
  const { agent, port } = await start(t, { source: { timer_bounds: undefined } });
  const url = new URL(String(agent.log.find(({ msg }) => msg === 'Metrics can be scraped.')?.['url']));
  const sender = await Sender.open(t, agent, port);
  for (let ms = 1; ms <= 1000; ms++) await sender.send(`took:${ms}|ms|@0.5|#route:/a\nhits:1|c`);
  const server = await PrometheusServer.start(t, debianPrometheus, {
    flags: ['--enable-feature=native-histograms'],
    config: `scrape_configs: [{ job_name: agent, static_configs: [{ targets: ["${url.host}"] }] }]`,
  });
  await server.waitForValue('hits_total', 1000);
  await server.waitForValue('histogram_count(took_seconds{route="/a"})', 2000);
  await server.waitForValue('histogram_sum(took_seconds{route="/a"})', 1001);
  // The buckets are as fine as 160 of them allow.
  await server.waitForValue('histogram_quantile(0.5, took_seconds) > bool 0.48', 1);
  await server.waitForValue('histogram_quantile(0.5, took_seconds) < bool 0.52', 1);
});

test('events go to a backend as records, beside the metrics', limit, async (t) => {
  const backend = await OtlpBackend.open(t);
  const { agent, port } = await start(t, { backend });
  const sender = await Sender.open(t, agent, port);
  await sender.send('_e{7,8}:Restart|was\\nold|t:error|#env:dev\nhits:1|c');
  await until('it has arrived', () => backend.arrivals.length > 0);
  const [{ record } = { record: undefined }] = backend.arrivals;
  assert.equal(record?.severityNumber, 17);
  assert.equal((await scrape(agent)).get('hits_total'), 1);
  assert.equal(await agent.end('SIGTERM'), 0);
});

test('the example is right', limit, async (t) => {
  const example = join(import.meta.dirname, '../../examples/statsd.yaml');
  const { exit, stderr } = await runPillion(t, ['check', example], { cwd: temporaryFolder(t) });
  assert.equal(exit, 0, stderr);
});
