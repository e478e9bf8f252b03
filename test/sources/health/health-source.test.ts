import assert from 'node:assert/strict';
import { rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { checkOptions } from '../../../src/component/check-options.ts';
import { SystemClock } from '../../../src/core/clock.ts';
import type { Legacy } from '../../../src/core/contracts.ts';
import { KeyTable } from '../../../src/core/key-table.ts';
import { Resource } from '../../../src/core/resource.ts';
import { SourceLedger } from '../../../src/ledger/source-ledger.ts';
import { healthSource } from '../../../src/sources/health/index.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';
import { Metrics } from '../../../src/telemetry/metrics.ts';
import { describe } from '../../codec/prometheus/parse/parsed.ts';
import { MemorySection, temporaryFolder, until } from '../../harness/files.ts';
import { MemoryOutput } from '../../harness/output.ts';
import { RecordingStream } from '../../harness/recording-stream.ts';

const limit = { timeout: 60_000 };

/** A source that has looked once, on a clock whose intervals are short and whose time-outs are as long as they are. */
async function start(
  t: TestContext,
  options: Readonly<Record<string, unknown>>,
  predecessor?: Legacy,
  books?: SourceLedger,
) {
  const checked = checkOptions(healthSource.options, { interval: '1h', ...options }, []);
  assert.ok(checked.ok);
  assert.deepEqual(healthSource.check!(checked.options), []);
  const system = new SystemClock();
  const clock = {
    nowMs: () => system.nowMs(),
    unixMs: () => system.unixMs(),
    sleep: (ms: number, signal?: AbortSignal) => system.sleep(ms > 600_000 ? 10 : ms, signal),
    after: (ms: number, then: () => void) => system.after(ms, then),
  };
  const stream = new RecordingStream();
  const metrics = new Metrics();
  const keys = new KeyTable();
  const output = new MemoryOutput({ keys });
  const ledger = books ?? new SourceLedger({ source: 'app', routes: ['logs/backend'], metrics, clock });
  const source = healthSource.build(checked.options, {
    name: 'app',
    clock,
    logger: createLogger({ level: 'info', pretty: false, stream }),
    metrics,
    keys,
    userAgent: 'pillion/0',
    resource: new Resource([['service.name', 'shop']]),
    writtenAttributes: new Map(),
    readers: 1,
    ledger,
    checkpoint: new MemorySection(),
    predecessor,
  });
  const first = source.readiness;
  let looks = 0;
  source.metrics!.onUpdate!(() => looks++);
  const [drain, stop] = [new AbortController(), new AbortController()];
  const ended = source.run(output, { drain: drain.signal, stop: stop.signal });
  const end = async (): Promise<void> => {
    drain.abort();
    await ended;
  };
  t.after(end);
  await until('it has looked', () => looks > 0);
  return {
    source,
    /** What it said before it had looked. */
    first,
    output,
    ledger,
    end,
    /** Ends for another one. */
    leave: (): Promise<void> => {
      stop.abort();
      return end();
    },
    log: () => stream.lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    /** Waits until it has looked so many times more, the look included that is under way. */
    looked: (times = 2) => {
      const before = looks;
      return until('it has looked again', () => looks >= before + times);
    },
    value: (name: string): number | undefined => {
      const families = source.metrics!.collect().flatMap((set) => set.families);
      const point = families.find((family) => family.name === name)?.points[0];
      return point?.kind === 'number' ? point.value : undefined;
    },
    failures: (): Record<string, number> => {
      const families = source.metrics!.collect().flatMap((set) => set.families);
      const points = families.find(({ name }) => name === 'health.check.failures')?.points ?? [];
      return Object.fromEntries(
        points.map((point) => [point.labels.get('error.type') ?? '', point.kind === 'number' ? point.value : 0]),
      );
    },
  };
}

async function listen(t: TestContext, server: Server, port = 0): Promise<number> {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  t.after(() => void server.close());
  return (server.address() as AddressInfo).port;
}

async function serve(t: TestContext, answer: RequestListener): Promise<string> {
  const server = createHttpServer(answer);
  t.after(() => server.closeAllConnections());
  return `http://127.0.0.1:${await listen(t, server)}/healthz`;
}

test('the source shows whether a page answers, and tells each change once', limit, async (t) => {
  let status = 200;
  const http = await serve(t, (_, response) => response.writeHead(status).end('ok'));
  const { looked, value, failures, output, log, end, source } = await start(t, { http, failure_threshold: 2 });
  assert.deepEqual([value('health.check.up'), value('health.check.success')], [1, 1]);
  assert.ok(value('health.check.duration')! > 0);
  assert.deepEqual(failures(), {});
  status = 503;
  await until('it is down', () => value('health.check.up') === 0);
  await looked();
  assert.equal(value('health.check.success'), 0);
  assert.ok(failures()['http_503']! >= 2);
  status = 200;
  await until('it is up', () => value('health.check.up') === 1);
  await looked();
  await end();
  const records = output.records.map(({ body, severityNumber, severityText, attributes }) => ({
    ...{ body: body.replace(/\d+ s/, 'N s'), severityNumber, severityText, attributes },
  }));
  const common = { 'health.check.name': 'app', 'health.check.type': 'http' };
  assert.deepEqual(records, [
    {
      body: 'app is down: Answer has status 503',
      severityNumber: 17,
      severityText: 'ERROR',
      attributes: { ...common, 'health.check.state': 'down', 'error.type': 'http_503' },
    },
    {
      body: 'app is up again after N s',
      severityNumber: 9,
      severityText: 'INFO',
      attributes: { ...common, 'health.check.state': 'up' },
    },
  ]);
  assert.ok(output.records[0]!.timeUnixNano > 0n);
  assert.deepEqual(
    log().map(({ msg }) => msg),
    ['The application is up.', 'The application is down.', 'The application is up again.'],
  );
  const [set] = source.metrics!.collect();
  assert.equal(set?.resource.attributes.get('service.name'), 'shop');
  assert.deepEqual(describe(set!.families).slice(0, 2), [
    'gauge health.check.up "Whether the application is up: as many checks as it takes have said so."',
    '  {health.check.name="app",health.check.type="http"} 1',
  ]);
});

test('a few failures are no change', limit, async (t) => {
  let asked = 0;
  const http = await serve(t, (_, response) => response.writeHead(asked++ % 3 === 0 ? 200 : 500).end());
  const { looked, value, output, failures, end } = await start(t, { http });
  await looked(9);
  assert.equal(value('health.check.up'), 1);
  assert.ok(failures()['http_500']! >= 4);
  await end();
  assert.deepEqual(output.records, []);
});

test('an application that was never up is neither up nor down until enough checks have said so', limit, async (t) => {
  const { value, source, output, end } = await start(t, {
    file: join(temporaryFolder(t), 'ready'),
    failure_threshold: 1000,
    readiness: true,
  });
  assert.equal(value('health.check.up'), undefined);
  assert.equal(value('health.check.success'), 0);
  assert.deepEqual(source.readiness, {
    isReady: false,
    detail: 'not known to be up yet (missing)',
    cause: 'There is nothing at that path',
  });
  await end();
  assert.deepEqual(output.records, []);
});

const ANSWERS: readonly {
  name: string;
  answer: RequestListener;
  options?: object;
  reason: string | undefined;
}[] = [
  { name: 'a redirect', answer: (_, r) => r.writeHead(302, { location: '/login' }).end(), reason: undefined },
  {
    name: 'a redirect where only 200 passes',
    answer: (_, r) => r.writeHead(302, { location: '/login' }).end(),
    options: { status: '200' },
    reason: 'http_302',
  },
  {
    name: 'a status of another range',
    answer: (_, r) => r.writeHead(418).end(),
    options: { status: ['200', '410-420'] },
    reason: undefined,
  },
  {
    name: 'the text that it should hold',
    answer: (_, r) => r.end('{"status":"UP"}'),
    options: { body: '"UP"' },
    reason: undefined,
  },
  { name: 'another text', answer: (_, r) => r.end('{"status":"DOWN"}'), options: { body: '"UP"' }, reason: 'body' },
  { name: 'a long text that nobody looks at', answer: (_, r) => r.end('x'.repeat(2_000_000)), reason: undefined },
  {
    name: 'a long text',
    answer: (_, r) => r.end('x'.repeat(2_000_000)),
    options: { body: 'y' },
    reason: 'too_large',
  },
  {
    name: 'a text that is cut off',
    answer: (_, r) => {
      r.writeHead(200, { 'content-length': '100' });
      r.write('half', () => r.destroy());
    },
    options: { body: 'half' },
    reason: 'cut',
  },
  { name: 'nothing', answer: (request) => request.socket.destroy(), reason: 'reset' },
  { name: 'nothing in time', answer: () => {}, options: { timeout: '100ms' }, reason: 'timeout' },
  {
    name: 'an answer without end',
    answer: (_, r) => {
      r.writeHead(200);
      const drip = (): void => void (r.destroyed || r.write('.', () => setImmediate(drip)));
      drip();
    },
    options: { timeout: '100ms', body: 'x' },
    reason: 'timeout',
  },
];

for (const { name, answer, options, reason } of ANSWERS) {
  test(`${name} is ${reason === undefined ? 'a check that passes' : `a failure: ${reason}`}`, limit, async (t) => {
    const http = await serve(t, answer);
    const { value, failures, end } = await start(t, { http, failure_threshold: 1, ...options });
    assert.equal(value('health.check.success'), reason === undefined ? 1 : 0);
    assert.deepEqual(Object.keys(failures()), reason === undefined ? [] : [reason]);
    await end();
  });
}

test('the source looks whether a port takes connections', limit, async (t) => {
  const server = createServer((connection) => connection.destroy());
  const port = await listen(t, server);
  const { value, failures } = await start(t, { tcp: `127.0.0.1:${port}`, failure_threshold: 1 });
  assert.equal(value('health.check.up'), 1);
  server.close();
  await until('it is down', () => value('health.check.up') === 0);
  assert.deepEqual(Object.keys(failures()), ['refused']);
  await listen(t, createServer(), port);
  await until('it is up again', () => value('health.check.up') === 1);
});

test('the source looks at a file, and how old it is', limit, async (t) => {
  const file = join(temporaryFolder(t), 'ready');
  writeFileSync(file, '');
  const { value, failures } = await start(t, { file, max_age: '1m', failure_threshold: 1 });
  assert.equal(value('health.check.up'), 1);
  const old = Date.now() / 1000 - 120;
  utimesSync(file, old, old);
  await until('it is too old', () => value('health.check.up') === 0);
  writeFileSync(file, 'alive');
  await until('it is up', () => value('health.check.up') === 1);
  rmSync(file);
  await until('it is gone', () => value('health.check.up') === 0);
  assert.deepEqual(Object.keys(failures()), ['too_old', 'missing']);
});

test('readiness goes by the state, and only where it shall', limit, async (t) => {
  const file = join(temporaryFolder(t), 'ready');
  writeFileSync(file, '');
  const { source, value } = await start(t, { file, failure_threshold: 1, readiness: true });
  assert.deepEqual(source.readiness, { isReady: true, detail: 'up' });
  rmSync(file);
  await until('it is down', () => value('health.check.up') === 0);
  assert.deepEqual(source.readiness, {
    isReady: false,
    detail: 'down (missing)',
    cause: 'There is nothing at that path',
  });
  const silent = await start(t, { file, failure_threshold: 1 });
  assert.equal(silent.source.readiness, undefined);
});

test('a source that takes the place of another one knows what that one knew of the same target', limit, async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'ready');
  writeFileSync(file, '');
  const options = { file, failure_threshold: 1, readiness: true };
  const before = await start(t, options);
  rmSync(file);
  await until('it is down', () => before.value('health.check.up') === 0);
  writeFileSync(file, '');
  await until('it is up', () => before.value('health.check.up') === 1);
  const { missing = 0 } = before.failures();
  const legacy = await before.source.bequeath!()('read');
  await before.end();
  const after = await start(t, { ...options, success_threshold: 1000 }, legacy);
  assert.equal(after.first?.isReady, true);
  assert.equal(after.failures()['missing'], missing);
  assert.deepEqual(after.log(), [], 'nothing has changed');
  const other = await start(t, { ...options, file: join(folder, 'other') }, legacy);
  assert.equal(other.first?.isReady, false);
});

test('changes that wait for a sink go on with the source that takes the place', limit, async (t) => {
  const file = join(temporaryFolder(t), 'ready');
  const options = { file, failure_threshold: 1 };
  writeFileSync(file, '');
  const before = await start(t, options);
  before.output.isFull = true;
  for (const isThere of [false, true, false, true]) {
    if (isThere) writeFileSync(file, '');
    else rmSync(file);
    await until('it has changed', () => before.value('health.check.up') === Number(isThere));
  }
  const legacy = await before.source.bequeath!()('read');
  await before.leave();
  const after = await start(t, options, legacy, before.ledger);
  await after.end();
  const account = before.ledger.account('health');
  assert.equal(before.output.records.length + after.output.records.length, 4);
  assert.ok(after.output.records.length > 0);
  assert.deepEqual([account.gone, account.unaccountedBytes, account.isSettled], [{}, 0, true]);
});

test('a check that is broken off at the end says nothing', limit, async (t) => {
  let isSilent = false;
  let unanswered = 0;
  const http = await serve(t, (_, response) => {
    if (isSilent) unanswered++;
    else response.end();
  });
  const { output, end, value, log } = await start(t, { http, failure_threshold: 1, timeout: '1m' });
  isSilent = true;
  await until('it waits', () => unanswered > 0);
  await end();
  assert.equal(value('health.check.up'), 1);
  assert.deepEqual(output.records, []);
  assert.equal(log().length, 1);
});

test('changes are no records where nobody wants them', limit, async (t) => {
  const { value, output, end } = await start(t, { file: '/nonexistent/ready', failure_threshold: 1, events: false });
  assert.equal(value('health.check.up'), 0);
  await end();
  assert.deepEqual(output.records, []);
});

const REFUSED: readonly (readonly [options: object, paths: readonly string[]])[] = [
  [{}, ['']],
  [{ http: 'localhost:1', tcp: 'localhost:1' }, ['']],
  [{ http: 'ftp://x/' }, ['http']],
  [{ http: 'http://user:pw@x/' }, ['http']],
  [{ tcp: 'localhost' }, ['tcp']],
  [{ tcp: 'http://localhost:1' }, ['tcp']],
  [{ tcp: 'localhost:70000' }, ['tcp']],
  [{ file: 'ready' }, ['file']],
  [{ http: 'localhost:1', status: ['2xx', '300-200', '200'] }, ['status.0', 'status.1']],
  [{ file: '/ready', body: 'x', headers: { a: 'b' } }, ['body', 'headers']],
  [{ tcp: 'localhost:1', max_age: '1m' }, ['max_age']],
  [{ file: '/ready', timeout: '20s' }, ['timeout']],
];

for (const [options, paths] of REFUSED) {
  test(`${JSON.stringify(options)} is refused`, () => {
    const checked = checkOptions(healthSource.options, options, []);
    assert.ok(checked.ok);
    assert.deepEqual(
      healthSource.check!(checked.options).map(({ path }) => path.join('.')),
      paths,
    );
  });
}

test('addresses of all forms are taken', () => {
  for (const tcp of ['[::1]:80', 'db-0.db.default.svc:5432', '10.0.0.1:1']) {
    const checked = checkOptions(healthSource.options, { tcp }, []);
    assert.ok(checked.ok);
    assert.deepEqual(healthSource.check!(checked.options), []);
  }
});
