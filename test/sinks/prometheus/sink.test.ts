import assert from 'node:assert/strict';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { parseProtobuf } from '../../../src/codec/prometheus/parse/parse-protobuf.ts';
import { SeriesCache } from '../../../src/codec/prometheus/parse/series-cache.ts';
import { checkOptions } from '../../../src/component/check-options.ts';
import { FakeClock } from '../../../src/core/fake-clock.ts';
import { KeyTable } from '../../../src/core/key-table.ts';
import { LabelSet } from '../../../src/core/label-set.ts';
import { CountedLease, type Outcome } from '../../../src/core/lease.ts';
import type { MetricProducer, MetricSet, MetricType } from '../../../src/core/metric.ts';
import { Resource } from '../../../src/core/resource.ts';
import { prometheusSink } from '../../../src/sinks/prometheus/index.ts';
import { PrometheusSink } from '../../../src/sinks/prometheus/prometheus-sink.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';
import { Metrics } from '../../../src/telemetry/metrics.ts';
import { batchOf } from '../../harness/batch.ts';
import { until } from '../../harness/files.ts';
import { RecordingStream } from '../../harness/recording-stream.ts';

test('the sink shows what producers have now, until they are taken away', async (t) => {
  const { sink, ask } = await open(t);
  const remove = sink.addMetrics(producerOf([['jobs', 'gauge', 3]]));
  sink.addMetrics(producerOf([['requests', 'counter', 5]]));
  assert.equal((await ask()).text, '# TYPE jobs gauge\njobs 3\n# TYPE requests_total counter\nrequests_total 5\n');
  remove();
  assert.equal((await ask()).text, '# TYPE requests_total counter\nrequests_total 5\n');
});

const FORMATS = [
  { accept: undefined, type: 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores', name: 'a_b' },
  {
    accept: 'text/plain;version=1.0.0;escaping=allow-utf-8',
    type: 'text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8',
    name: '{"a.b"}',
  },
  {
    accept: 'application/openmetrics-text;version=1.0.0;escaping=dots',
    type: 'application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=dots',
    name: 'a_dot_b',
  },
];

for (const { accept, type, name } of FORMATS) {
  test(`the sink shows ${name} to who asks for ${accept ?? 'nothing'}`, async (t) => {
    const { sink, ask } = await open(t, { translation_strategy: 'no_translation' });
    sink.addMetrics(producerOf([['a.b', 'gauge', 1]]));
    const { headers, text } = await ask(accept === undefined ? {} : { accept });
    assert.equal(headers['content-type'], type);
    assert.ok(text.includes(`\n${name} 1\n`), text);
  });
}

test('the sink shows protobuf', async (t) => {
  const { sink, ask } = await open(t);
  sink.addMetrics(producerOf([['jobs', 'gauge', 3]]));
  const accept = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';
  const { body } = await ask({ accept });
  const { families } = parseProtobuf(body, { cache: new SeriesCache(), honorTimestamps: true });
  assert.deepEqual(
    families.map(({ name }) => name),
    ['jobs'],
  );
});

for (const { header, isCompressed } of [
  { header: 'gzip', isCompressed: true },
  { header: 'deflate, *;q=0.5', isCompressed: true },
  { header: 'gzip;q=0, *', isCompressed: false },
  { header: 'identity', isCompressed: false },
]) {
  test(`the sink ${isCompressed ? 'compresses' : 'does not compress'} for who takes ${header}`, async (t) => {
    const { sink, ask } = await open(t);
    sink.addMetrics(producerOf(Array.from({ length: 100 }, (_, i) => [`metric_${i}`, 'gauge' as const, i] as const)));
    const { headers, body } = await ask({ 'accept-encoding': header });
    assert.equal(headers['content-encoding'], isCompressed ? 'gzip' : undefined);
    const text = String(isCompressed ? gunzipSync(body) : body);
    assert.ok(text.endsWith('\nmetric_99 99\n'));
  });
}

test('the sink answers HEAD, and says what is wrong with other requests', async (t) => {
  const { ask } = await open(t);
  const { status, headers, text } = await ask({}, { method: 'HEAD' });
  assert.deepEqual([status, text, headers['content-length']], [200, '', '0']);
  assert.equal((await ask({}, { path: '/' })).status, 404);
  const post = await ask({}, { method: 'POST' });
  assert.deepEqual([post.status, post.headers['allow']], [405, 'GET, HEAD']);
});

test('the sink says once that it leaves a metric out, and how many series that are', async (t) => {
  const { sink, ask, log, metrics } = await open(t);
  sink.addMetrics(producerOf([['a', 'gauge', 1]]));
  sink.addMetrics(producerOf([['a', 'unknown', 2]]));
  sink.addMetrics(producerOf([['a', 'gauge', 3]]));
  for (let round = 0; round < 2; round++) assert.equal((await ask()).text, '# TYPE a gauge\na 1\n');
  assert.equal(log().filter(({ msg }) => String(msg).startsWith('A metric is not shown as a whole')).length, 2);
  const leftOut = metrics.sumBy('pillion_exposition_left_out_series', 'reason');
  assert.deepEqual(leftOut, { type: 1, name: 0, series: 1 });
  assert.equal(metrics.sum('pillion_exposition_scrapes_total', { format: 'text' }), 2);
});

test('the sink tells series of several resources apart', async (t) => {
  const { sink, ask } = await open(t, { resource_labels: ['k8s.pod.name'] });
  for (const name of ['a', 'b']) {
    const resource = new Resource([
      ['service.name', name],
      ['k8s.pod.name', `${name}-0`],
      ['host.name', 'h'],
    ]);
    sink.addMetrics(producerOf([['jobs', 'gauge', 1]], resource));
  }
  assert.equal(
    (await ask()).text,
    [
      '# HELP target_info Attributes of the resource',
      '# TYPE target_info gauge',
      'target_info{host_name="h",job="a",k8s_pod_name="a-0"} 1',
      'target_info{host_name="h",job="b",k8s_pod_name="b-0"} 1',
      '# TYPE jobs gauge',
      'jobs{job="a",k8s_pod_name="a-0"} 1',
      'jobs{job="b",k8s_pod_name="b-0"} 1',
      '',
    ].join('\n'),
  );
});

test('the sink ends records at once', async (t) => {
  const { sink, metrics } = await open(t);
  const outcomes: Outcome[] = [];
  const lease = (): CountedLease => new CountedLease((outcome) => outcomes.push(outcome));
  assert.equal(sink.write(batchOf(['one', 'two']), lease()), true);
  const empty = batchOf(['one']);
  empty.drop(0);
  assert.equal(sink.write(empty, lease()), true);
  assert.deepEqual(outcomes, ['delivered', 'dropped']);
  assert.equal(metrics.sum('pillion_sink_delivered_records_total'), 2);
});

test('the sink waits for an address that is taken, and says so', async (t) => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  const clock = new FakeClock();
  const { sink, log, ask } = build(t, { listen: `127.0.0.1:${port}` }, clock);
  await until('it says so', () => sink.state.kind === 'retrying');
  const [first] = log();
  assert.match(String(first?.['msg']), /^Cannot listen on "127\.0\.0\.1:\d+": .*EADDRINUSE.*; it is tried again\.$/);
  assert.equal(first?.['code'], 'ERR_METRICS_LISTEN');
  await new Promise<void>((resolve) => other.close(() => resolve()));
  await clock.advance(2000);
  await until('it listens', () => sink.address !== undefined);
  assert.equal(sink.state.kind, 'ready');
  assert.equal((await ask()).status, 200);
});

test('a path that is none is refused', () => {
  const [error] = prometheusSink.check!(optionsOf({ path: 'metrics' }));
  assert.match(error!.message, /it is not a path/);
  assert.deepEqual(prometheusSink.check!(optionsOf({ path: '/probe/metrics' })), []);
});

type Sample = readonly [name: string, type: MetricType, value: number];

function producerOf(samples: readonly Sample[], resource = new Resource()): MetricProducer {
  const labels = LabelSet.empty;
  const set: MetricSet = {
    resource,
    scope: { name: 'pillion', version: '1' },
    naming: 'otlp',
    unixMs: 0,
    families: samples.map(([name, type, value]) => ({
      name,
      type,
      unit: '',
      description: '',
      points: [{ kind: 'number', labels, value }],
    })),
  };
  return { collect: () => [set] };
}

function optionsOf(input: Readonly<Record<string, unknown>>): Parameters<typeof prometheusSink.build>[0] {
  const checked = checkOptions(prometheusSink.options, input, []);
  assert.ok(checked.ok);
  return checked.options;
}

function build(t: TestContext, input: Readonly<Record<string, unknown>>, clock = new FakeClock()) {
  const stream = new RecordingStream();
  const metrics = new Metrics();
  const logger = createLogger({ level: 'warn', pretty: false, stream });
  const context = { name: 'scrape', clock, logger, metrics, keys: new KeyTable(), userAgent: 'pillion/0' };
  const sink = prometheusSink.build(optionsOf({ listen: '127.0.0.1:0', ...input }), context);
  assert.ok(sink instanceof PrometheusSink);
  t.after(() => sink.close());
  const log = () => stream.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  const ask = (headers: Record<string, string> = {}, { method = 'GET', path = '/metrics' } = {}) =>
    askHttp(`http://${sink.address}${path}`, method, headers);
  return { sink, metrics, log, ask };
}

async function open(t: TestContext, input: Readonly<Record<string, unknown>> = {}) {
  const built = build(t, input);
  await until('it listens', () => built.sink.address !== undefined);
  return built;
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: Buffer;
  readonly text: string;
}

function askHttp(url: string, method: string, headers: Record<string, string>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const body = Buffer.concat(chunks);
        resolve({ status: response.statusCode, headers: response.headers, body, text: body.toString() });
      });
    });
    sent.on('error', reject);
    sent.end();
  });
}
