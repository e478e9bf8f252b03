import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { bodyOf, listen } from '../delivery/servers.ts';
import { startAgent } from '../harness/agent-process.ts';
import { assertAllArrived, setAgent } from '../harness/agent-setting.ts';

/** What of OTLP's JSON these tests look at. */
interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
  readonly status: { readonly code?: number };
}
interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: number | string };
}
interface TracesRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly Span[] }[];
  }[];
}

const CLIENT = 3;
const ERROR = 2;

function valuesOf(attributes: readonly Attribute[]): Record<string, unknown> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [key, value.stringValue ?? (value.intValue && Number(value.intValue))]),
  );
}

/** A receiver of traces. */
async function receiveTraces(t: TestContext) {
  const paths: string[] = [];
  const requests: TracesRequest[] = [];
  const server = createServer(async (request, response) => {
    paths.push(`${request.url} ${request.headers['content-type']}`);
    requests.push(JSON.parse((await bodyOf(request)).toString()) as TracesRequest);
    response.setHeader('content-type', 'application/json').end('{}');
  });
  const { port } = await listen(t, server);
  const all = () => requests.flatMap(({ resourceSpans }) => resourceSpans);
  return {
    port,
    paths,
    resources: () => all().map(({ resource }) => valuesOf(resource.attributes)),
    spans: () => all().flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
  };
}

test('the agent sends spans of its own requests, failed ones marked, all of them before it ends', async (t) => {
  const receiver = await receiveTraces(t);
  const { folder, backend, log, config } = await setAgent(t, {
    resource: { 'service.name': 'shop', 'k8s.pod.name': 'shop-1' },
  });
  backend.behaviour = 503;
  log.write(3);
  const env = {
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${receiver.port}`,
    OTEL_SERVICE_NAME: 'shop',
  };
  const agent = await startAgent(t, folder, config, { env });
  await agent.until('a request was refused', () => backend.requests > 0);
  backend.behaviour = 'take';
  await agent.until('the lines arrived', () => backend.distinct === 3);
  assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
  assertAllArrived(backend, log);

  const spans = receiver.spans();
  const failed = spans.filter(({ status }) => status.code === ERROR);
  const statuses = (of: readonly Span[]) => of.map((span) => valuesOf(span.attributes)['http.response.status_code']);
  assert.deepEqual([...new Set(statuses(failed))], [503]);
  assert.deepEqual(statuses(spans.filter((span) => !failed.includes(span))), [200]);
  assert.equal(spans.length, backend.requests, 'a span each request, and none for sending spans');
  for (const span of spans) {
    assert.deepEqual([span.name, span.kind], ['POST', CLIENT]);
    assert.match(`${span.traceId} ${span.spanId}`, /^[0-9a-f]{32} [0-9a-f]{16}$/);
    assert.ok(BigInt(span.endTimeUnixNano) > BigInt(span.startTimeUnixNano));
    assert.equal(valuesOf(span.attributes)['url.full'], `${backend.endpoint}/v1/logs`);
  }
  assert.deepEqual([...new Set(receiver.paths)], ['/v1/traces application/json']);
  const [resource] = receiver.resources();
  assert.deepEqual([resource?.['service.name'], resource?.['k8s.pod.name']], ['pillion', 'shop-1']);
});

test('the agent sends a span of each reload, with what became of it', async (t) => {
  const receiver = await receiveTraces(t);
  const { folder, log, config } = await setAgent(t);
  log.write(1);
  const env = {
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `http://127.0.0.1:${receiver.port}/v1/traces`,
  };
  const agent = await startAgent(t, folder, { ...config, reload: 'manual' }, { env });
  await agent.logged('Reading a file.');
  const file = join(folder, 'pillion.yaml');
  writeFileSync(file, JSON.stringify({ ...config, reload: 'manual', resource: { 'service.name': 'other' } }));
  agent.kill('SIGHUP');
  await agent.logged('The configuration was reloaded.');
  writeFileSync(file, 'sources: [');
  agent.kill('SIGHUP');
  await agent.logged('The changed configuration cannot be used: the old one goes on.');
  assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
  const reloads = receiver.spans().filter(({ name }) => name === 'reload');
  assert.deepEqual(
    reloads.map(({ attributes, status }) => [valuesOf(attributes)['pillion.reload.result'], status.code === ERROR]),
    [
      ['reloaded', false],
      ['failed', true],
    ],
  );
});

for (const { name, env } of [
  { name: 'nobody asked for them', env: {} },
  { name: 'they are switched off', env: { OTEL_TRACES_EXPORTER: 'none' } },
  { name: 'OpenTelemetry is switched off', env: { OTEL_TRACES_EXPORTER: 'otlp', OTEL_SDK_DISABLED: 'true' } },
]) {
  test(`the agent sends no spans when ${name}`, async (t) => {
    const receiver = await receiveTraces(t);
    const { folder, backend, log, config } = await setAgent(t);
    log.write(3);
    const agent = await startAgent(t, folder, config, {
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${receiver.port}`, ...env },
    });
    await agent.until('the lines arrived', () => backend.distinct === 3);
    assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
    assert.deepEqual(receiver.paths, []);
  });
}

test('a receiver of spans that is away costs nothing but a warning', async (t) => {
  const { folder, backend, log, config } = await setAgent(t);
  log.write(3);
  const agent = await startAgent(t, folder, config, {
    env: { OTEL_TRACES_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:9/v1/traces' },
  });
  await agent.until('the lines arrived', () => backend.distinct === 3);
  assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
  assertAllArrived(backend, log);
  assert.equal(agent.log.filter(({ msg }) => msg === 'Spans of the agent cannot be sent.').length, 1);
});

test('an exporter of spans that the agent does not have is named, and the agent runs', async (t) => {
  const { folder, backend, log, config } = await setAgent(t);
  log.write(3);
  const agent = await startAgent(t, folder, config, { env: { OTEL_TRACES_EXPORTER: 'zipkin' } });
  await agent.until('the lines arrived', () => backend.distinct === 3);
  assert.ok(agent.log.some(({ level, exporter }) => level === 'warn' && exporter === 'zipkin'));
});
