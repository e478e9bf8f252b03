import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { LabelSet } from '../../../src/core/label-set.ts';
import type { MetricFamily } from '../../../src/core/metric.ts';
import { leaseOf, settled } from '../../delivery/fixtures.ts';
import { socketServer, until } from '../../delivery/servers.ts';
import { batchOf } from '../../harness/batch.ts';
import { producerOf, status, take, writeReceiver, writeSinkOf } from './write-receiver.ts';

function gauge(value: number, labels = LabelSet.empty, name = 'test_metric'): MetricFamily {
  return { name, type: 'gauge', unit: '', description: 'A test', points: [{ kind: 'number', labels, value }] };
}

const NAME = (name: string) => ({ __name__: name, job: 'shop', instance: 'pod:80' });

/** A sink with one gauge, whose requests get these answers. */
async function setting(t: TestContext, answers: Parameters<typeof writeReceiver>[1], options: object = {}) {
  const receiver = await writeReceiver(t, answers);
  const it = await writeSinkOf(t, { endpoint: receiver.url, ...options });
  const { producer, set } = producerOf([gauge(42)]);
  it.sink.addMetrics?.(producer);
  return { ...it, ...receiver, set, push: () => it.clock.advance(15_000) };
}

test('the sink sends version 2.0 with all its headers, which users cannot override', async (t) => {
  const headers = { 'X-Prometheus-Remote-Write-Version': '9', 'x-scope-orgid': 'shop' };
  const { push, received, untilReceived } = await setting(t, [], { headers });
  await push();
  await untilReceived(1);
  const { headers: sent, version, series } = received[0]!;
  assert.equal(version, 'v2');
  assert.equal(sent['content-type'], 'application/x-protobuf;proto=io.prometheus.write.v2.Request');
  assert.equal(sent['content-encoding'], 'snappy');
  assert.equal(sent['x-prometheus-remote-write-version'], '2.0.0');
  assert.equal(sent['user-agent'], 'pillion/1.2.3');
  assert.equal(sent['x-scope-orgid'], 'shop');
  assert.deepEqual(
    series.map(({ labels, value }) => ({ labels: { ...labels }, value })),
    [{ labels: NAME('test_metric'), value: 42 }],
  );
});

for (const { name, answer } of [
  { name: 'answers 415', answer: status(415) },
  { name: 'takes a message of 2.0 and says nothing of what it has written', answer: status(204) },
]) {
  test(`the sink falls back to version 1.0 for a receiver that ${name}, at once and for good`, async (t) => {
    const { push, received, untilReceived, points, log } = await setting(t, [answer, status(204), status(200)]);
    await push();
    await untilReceived(2);
    await push();
    await untilReceived(3);
    await until(() => points('delivered') === 2);
    assert.deepEqual(
      received.map(({ version }) => version),
      ['v2', 'v1', 'v1'],
    );
    const [, { headers, series, metadata }] = received as [unknown, (typeof received)[number]];
    assert.equal(headers['content-type'], 'application/x-protobuf');
    assert.equal(headers['x-prometheus-remote-write-version'], '0.1.0');
    assert.deepEqual({ ...series[0]?.labels }, NAME('test_metric'));
    assert.deepEqual(
      metadata.map(({ metricFamilyName, help, type }) => [metricFamilyName, help, type]),
      [['test_metric', 'A test', 2]],
    );
    assert.deepEqual(
      log.filter(({ level }) => level === 'info').map(({ msg }) => msg),
      ['The peer wants requests in another form, and gets it.'],
    );
  });
}

test('the sink never falls back from a receiver that has taken 2.0, or where a version is chosen', async (t) => {
  const { push, received, untilReceived, points } = await setting(t, [take, status(415), take]);
  for (const count of [1, 2, 3]) {
    await push();
    await untilReceived(count);
  }
  await until(() => points('delivered') === 2);
  assert.deepEqual(
    received.map(({ version }) => version),
    ['v2', 'v2', 'v2'],
  );
  assert.equal(points('rejected'), 1);

  const chosen = await setting(t, [], { protocol: 'v1' });
  await chosen.push();
  await chosen.untilReceived(1);
  assert.equal(chosen.received[0]?.version, 'v1');
});

for (const code of [429, 500, 502, 503, 504]) {
  test(`the sink sends again what is answered ${code}, and waits as the receiver says`, async (t) => {
    const { clock, metrics, push, received, untilReceived, points } = await setting(t, [
      status(code, { 'retry-after': '7' }),
      take,
    ]);
    await push();
    await until(() => metrics.sum('pillion_sink_requests_total', { status: 'retryable' }) === 1);
    await settled();
    await clock.advance(6999);
    await settled();
    assert.equal(received.length, 1);
    await clock.advance(1001);
    await untilReceived(2);
    await until(() => points('delivered') === 1);
    assert.deepEqual(received[0]?.series, received[1]?.series);
  });
}

for (const code of [301, 400, 401, 403, 404, 413, 422]) {
  test(`the sink never sends again what is answered ${code}; it counts that, and says it in the receiver's words`, async (t) => {
    const { push, set, received, untilReceived, points, log } = await setting(t, [
      status(code, {}, 'out of order sample'),
      take,
    ]);
    await push();
    await until(() => points('rejected') === 1);
    set([gauge(43)]);
    await push();
    await untilReceived(2);
    assert.deepEqual(
      received.map(({ series }) => series[0]?.value),
      [42, 43],
    );
    const [error] = log.filter(({ level }) => level === 'error');
    assert.equal(error?.['reason'], `http_${code}`);
    assert.match(String(error['error']), /out of order sample/);
  });
}

test('the sink goes on when the answer never comes, is no HTTP, or nobody listens', async (t) => {
  let connections = 0;
  const server = await socketServer(t, (socket) => {
    connections++;
    if (connections === 1) socket.end('this is no HTTP\r\n\r\n');
    else if (connections === 2) socket.destroy();
  });
  const { sink, clock, metrics } = await writeSinkOf(t, {
    endpoint: `http://127.0.0.1:${server.port}/`,
    timeout: '1s',
  });
  sink.addMetrics?.(producerOf([gauge(1)]).producer);
  await clock.advance(15_000);
  const retries = () => metrics.sum('pillion_sink_requests_total', { status: 'retryable' });
  for (const count of [1, 2, 3]) {
    await until(() => connections >= count || retries() >= count);
    while (retries() < count) {
      await clock.untilSleeping();
      await clock.advance(1000);
    }
    await clock.advance(30_000);
  }
  assert.equal(sink.state?.kind, 'retrying');
  await server.close();
});

test('the sink marks series as stale that are no more, once', async (t) => {
  const { push, set, received, untilReceived } = await setting(t, []);
  const [a, b] = [LabelSet.of([['route', 'a']]), LabelSet.of([['route', 'b']])];
  const both: MetricFamily = { ...gauge(0), points: [a, b].map((labels) => ({ kind: 'number', labels, value: 1 })) };
  set([both]);
  await push();
  await untilReceived(1);
  set([gauge(2, a)]);
  await push();
  await untilReceived(2);
  await push();
  await untilReceived(3);
  const shown = received.map(({ series }) => series.map(({ labels, value }) => [labels['route'], value]));
  assert.deepEqual(shown, [
    [
      ['a', 1],
      ['b', 1],
    ],
    [
      ['a', 2],
      ['b', 'stale'],
    ],
    [['a', 2]],
  ]);
});

test('the sink sends nothing where there is nothing, and splits what is more than a request holds', async (t) => {
  const { push, set, received, untilReceived } = await setting(t, [], { max_request_samples: 2 });
  set([]);
  await push();
  assert.equal(received.length, 0);
  const points = Array.from({ length: 5 }, (_, i) => ({
    kind: 'number' as const,
    labels: LabelSet.of([['i', String(i)]]),
    value: i,
  }));
  set([{ ...gauge(0), points }]);
  await push();
  await untilReceived(3);
  assert.deepEqual(
    received.map(({ series }) => series.map(({ value }) => value)),
    [[0, 1], [2, 3], [4]],
  );
});

test('the sink ends records that stages have counted as delivered', async (t) => {
  const { sink, metrics } = await writeSinkOf(t, { endpoint: 'http://127.0.0.1:1/' });
  const watched = leaseOf();
  assert.equal(sink.write(batchOf(['a', 'b']), watched.lease), true);
  assert.equal(watched.outcome, 'delivered');
  assert.equal(metrics.sum('pillion_sink_delivered_records_total'), 2);
});

test('the sink adds external labels to what has none of that name', async (t) => {
  const { push, received, untilReceived } = await setting(t, [], { external_labels: { cluster: 'eu', job: 'other' } });
  await push();
  await untilReceived(1);
  assert.deepEqual({ ...received[0]?.series[0]?.labels }, { ...NAME('test_metric'), cluster: 'eu' });
});

for (const { name, options, message } of [
  { name: 'a URL without a scheme', options: { endpoint: 'prometheus:9090' }, message: /expected a URL/ },
  { name: 'a password in the URL', options: { endpoint: 'http://me:secret@host/' }, message: /user name or password/ },
  {
    name: 'a label that Prometheus keeps for itself',
    options: { endpoint: 'http://host/', external_labels: { __x: 'y' } },
    message: /name of a label/,
  },
]) {
  test(`the sink refuses ${name}`, async (t) => {
    await assert.rejects(writeSinkOf(t, options), (error: AggregateError) => {
      assert.match(error.errors[0].message, message);
      assert.doesNotMatch(error.errors[0].message, /secret/);
      return true;
    });
  });
}
