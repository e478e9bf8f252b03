import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Attributes } from '../../src/codec/otlp/decode-logs.ts';
import { PillionProcess, runPillion, startAgent } from '../harness/agent-process.ts';
import { temporaryFolder } from '../harness/files.ts';
import { NumberedLog } from '../harness/numbered-log.ts';
import { type Arrival, OtlpBackend } from '../harness/otlp-backend.ts';

const limit = { timeout: 60_000 };

function plain(attributes: Attributes): object {
  return Object.fromEntries(attributes);
}

test('run without a configuration file goes by the standard variables', limit, async (t) => {
  const folder = temporaryFolder(t);
  const backend = await OtlpBackend.open(t);
  const log = new NumberedLog(folder);
  log.write(3);
  const agent = new PillionProcess(t, ['run', '--include', 'logs/*.log', '--state', 'state'], {
    cwd: folder,
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: backend.endpoint,
      OTEL_SERVICE_NAME: 'checkout',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test,service.name=other,team=a%20b',
    },
  });
  await agent.logged('Agent started.');
  assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
  assert.deepEqual([...backend.lines.keys()], [1, 2, 3]);
  assert.deepEqual(plain(backend.arrivals[0]!.resource), {
    'service.name': 'checkout',
    'deployment.environment.name': 'test',
    team: 'a b',
  });
  assert.equal(backend.arrivals[0]!.record.attributes.get('log.file.name'), 'app.log');
});

test('run gives two pipelines of one source all records, each changed by its own stages only', limit, async (t) => {
  const folder = temporaryFolder(t);
  const backend = await OtlpBackend.open(t);
  const log = new NumberedLog(folder);
  const agent = await startAgent(t, folder, {
    state: join(folder, 'state'),
    sources: { app: { type: 'file', include: [join(folder, 'logs/app.log')] } },
    pipelines: {
      parsed: { from: ['app'], stages: ['json', { body: { field: 'msg' } }], to: ['backend'] },
      plain: { from: ['app'], stages: [{ set: { path: 'plain' } }], to: ['screen'] },
    },
    sinks: {
      backend: { type: 'otlp', endpoint: backend.endpoint },
      screen: { type: 'console', format: 'json' },
    },
  });
  log.write(2000);
  assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
  assert.deepEqual(backend.missing(2000), []);
  assert.equal(backend.repeats, 0);
  assert.ok(backend.arrivals.every(({ record: { attributes } }) => !attributes.has('path') && attributes.has('level')));

  const printed = agent.stdout.split('\n').slice(0, -1);
  const records = printed.map((line) => JSON.parse(line) as { body: string; attributes: Record<string, unknown> });
  const lines = records.map(({ body }) => (JSON.parse(body) as { line: number }).line);
  assert.deepEqual(
    lines,
    Array.from({ length: 2000 }, (_, i) => i + 1),
  );
  assert.ok(records.every(({ attributes }) => attributes['path'] === 'plain' && !('level' in attributes)));
  const { readRecords, deliveredRecords } = agent.summary;
  assert.deepEqual({ readRecords, deliveredRecords }, { readRecords: 2000, deliveredRecords: 4000 });
});

test('run lets one agent at a time have a state folder, and says who has it', limit, async (t) => {
  const folder = temporaryFolder(t);
  const backend = await OtlpBackend.open(t);
  new NumberedLog(folder).write(1);
  const state = join(folder, 'state');
  const agent = await startAgent(t, folder, {
    state,
    sources: { app: { type: 'file', include: [join(folder, 'logs/app.log')] } },
    pipelines: { logs: { from: ['app'], to: ['backend'] } },
    sinks: { backend: { type: 'otlp', endpoint: backend.endpoint } },
  });
  const second = await runPillion(t, ['run', '--config', 'pillion.yaml'], { cwd: folder });
  assert.deepEqual({ exit: second.exit, stdout: second.stdout }, { exit: 2, stdout: '' });
  const [first, hint, ...rest] = second.stderr.split('\n');
  const [, quoted, pid] = /^pillion: Cannot use state folder ("[^"]+"): another agent has it \(pid (\d+) on \S+\)/.exec(
    first!,
  ) ?? [first];
  assert.deepEqual({ quoted, pid }, { quoted: JSON.stringify(state), pid: String(agent.pid) });
  assert.equal(hint, '  hint: Stop that agent, or give this one a state folder of its own');
  assert.deepEqual(rest, ['']);

  assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
  const third = new PillionProcess(t, ['run', '--config', 'pillion.yaml'], { cwd: folder });
  await third.logged('Agent started.');
  assert.equal(await third.end('SIGTERM'), 0, third.stderr);
});

test(
  'ANS-11 DRN-03 run holds all records while the token is refused, and delivers them once when it is not',
  limit,
  async (t) => {
    const folder = temporaryFolder(t);
    const backend = await OtlpBackend.open(t);
    backend.behaviour = 401;
    const log = new NumberedLog(folder);
    const config = {
      state: join(folder, 'state'),
      sources: { app: { type: 'file', include: [join(folder, 'logs/app.log')] } },
      pipelines: { logs: { from: ['app'], to: ['backend'] } },
      sinks: { backend: { type: 'otlp', endpoint: backend.endpoint, flush_interval: '10ms' } },
    };
    const agent = await startAgent(t, folder, config);
    log.write(1000);
    await agent.logged('The destination lets nothing in; records wait until that is mended.');
    log.write(1000);
    backend.behaviour = 'take';
    assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
    assert.deepEqual([backend.missing(2000), backend.repeats, agent.summary.rejectedRecords], [[], 0, 0]);

    const again = await startAgent(t, folder, config);
    assert.equal(await again.end('SIGTERM'), 0, again.stderr);
    assert.equal(backend.repeats, 0);
  },
);

/** A record without the time of reading it. */
function comparable({ record, resource }: Arrival): object {
  const { observedTimeUnixNano: _, attributes, ...rest } = record;
  return { ...rest, attributes: plain(attributes), resource: plain(resource) };
}

describe('run delivers the same records', () => {
  for (const sink of [
    { compression: 'none' },
    { compression: 'gzip' },
    { compression: 'zstd' },
    { compression: 'none', protocol: 'http/json' },
    { compression: 'gzip', protocol: 'http/json' },
  ]) {
    const { compression, protocol = 'http/protobuf' } = sink;
    test(`by ${protocol}, compression ${compression}`, limit, async (t) => {
      const folder = temporaryFolder(t);
      const backend = await OtlpBackend.open(t);
      new NumberedLog(folder).write(500);
      const stages = ['json', { timestamp: { field: 'time' } }, { severity: { field: 'level' } }, { remove: 'msg' }];
      const agent = await startAgent(t, folder, {
        state: join(folder, 'state'),
        resource: { 'service.name': 'checkout' },
        sources: { app: { type: 'file', include: [join(folder, 'logs/app.log')] } },
        pipelines: {
          logs: { from: ['app'], stages: [...stages, { body: { field: 'line', keep: true } }], to: ['backend'] },
        },
        sinks: { backend: { type: 'otlp', endpoint: backend.endpoint, ...sink } },
      });
      assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
      const expected = Array.from({ length: 500 }, (_, i) => ({
        timeUnixNano: 1_700_000_000_000_000_000n + 1_000_000n * BigInt(i + 1),
        severityNumber: 9,
        severityText: '30',
        body: BigInt(i + 1),
        droppedAttributesCount: 0,
        flags: 0,
        traceId: '',
        spanId: '',
        eventName: '',
        attributes: { line: BigInt(i + 1), 'log.file.name': 'app.log' },
        resource: { 'service.name': 'checkout' },
      }));
      assert.deepEqual(backend.arrivals.map(comparable), expected);
    });
  }
});
