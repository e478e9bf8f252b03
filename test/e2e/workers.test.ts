import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { bundleProgram } from '../../tools/bundle.ts';
import { ADMIN, addUp, adminOf, askLedger, askMetrics, assertLedger } from '../harness/admin.ts';
import { PillionProcess, startAgent } from '../harness/agent-process.ts';
import { until } from '../harness/files.ts';
import type { Arrival, OtlpBackend } from '../harness/otlp-backend.ts';
import { putConfig, reload } from '../harness/reload.ts';
import { prepare } from '../harness/setting.ts';

const limit = { timeout: 180_000 };

/** The bundle starts its threads in a tenth of the time that the sources take. */
const dist = mkdtempSync(join(tmpdir(), 'pillion-workers-'));
const program = join(dist, 'main.js');

before(async () => {
  await bundleProgram(dist);
});
after(() => rmSync(dist, { recursive: true, force: true }));

/** Applications that write into files side by side: `<file> <n>` and filling, counted from 1 in each. */
class Applications {
  readonly written = new Map<string, number>();
  readonly #logs: string;

  constructor(logs: string, files: number) {
    this.#logs = logs;
    for (let file = 1; file <= files; file++) this.written.set(`app${file}`, 0);
  }

  get total(): number {
    return [...this.written.values()].reduce((sum, lines) => sum + lines, 0);
  }

  /** Each writes so many lines, or each of `files`. */
  write(lines: number, files = [...this.written.keys()]): void {
    for (const file of files) {
      const before = this.written.get(file) ?? 0;
      const text = Array.from({ length: lines }, (_, i) => `${`${file} ${before + i + 1} `.padEnd(80, '.')}\n`).join(
        '',
      );
      appendFileSync(join(this.#logs, `${file}.log`), text);
      this.written.set(file, before + lines);
    }
  }

  rotate(): void {
    const named = readdirSync(this.#logs).sort((a, b) => numberOf(b) - numberOf(a));
    for (const name of named) {
      const [file] = name.split('.');
      renameSync(join(this.#logs, name), join(this.#logs, `${file}.log.${numberOf(name) + 1}`));
    }
  }
}

function numberOf(name: string): number {
  return Number(/\.log\.(\d+)$/.exec(name)?.[1] ?? 0);
}

/** The numbers of the lines that arrived, in their order, by file. */
function arrivedOf({ arrivals }: OtlpBackend): Map<string, number[]> {
  const lines = new Map<string, number[]>();
  for (const { record } of arrivals) {
    const [file = '', line] = String(record.body).split(' ');
    const known = lines.get(file);
    if (known === undefined) lines.set(file, [Number(line)]);
    else known.push(Number(line));
  }
  return lines;
}

/** How many different lines arrived. */
function distinct(backend: OtlpBackend): number {
  return [...arrivedOf(backend).values()].reduce((sum, lines) => sum + new Set(lines).size, 0);
}

/** All arrived; `once`: each once and in its order. */
function assertArrived(backend: OtlpBackend, apps: Applications, once = true): void {
  const arrived = arrivedOf(backend);
  for (const [file, written] of apps.written) {
    const lines = arrived.get(file) ?? [];
    const expected = Array.from({ length: written }, (_, i) => i + 1);
    // Of a request that was cut the rest may come first: order holds for what arrives for the first time in one life.
    assert.deepEqual(once ? lines : [...new Set(lines)].sort((a, b) => a - b), expected, file);
  }
}

/** Two workers, one request of each at a time, so that what arrives tells the order of what is sent. */
function prepareWorkers(t: Parameters<typeof prepare>[0], changes: Parameters<typeof prepare>[1] = {}) {
  const { top, sink, ...others } = changes;
  return prepare(t, {
    ...others,
    top: { workers: 2, ...top },
    sink: { max_in_flight: 1, ...sink },
  });
}

/** Which workers took part, by what the agent sent. */
async function threadsOf(agent: PillionProcess): Promise<number> {
  return readdirSync(`/proc/${agent.pid}/task`).length;
}

test('two workers deliver files that are rotated, each in its order, and the books add up', limit, async (t) => {
  const { folder, logs, backend, config } = await prepareWorkers(t);
  const apps = new Applications(logs, 12);
  const agent = await startAgent(t, folder, config, { program });
  for (let round = 0; round < 5; round++) {
    apps.write(400);
    await until('the files are found', async () => (await askLedger(agent)).streams.length >= 12);
    if (round < 4) {
      await agent.until('they are read', () => distinct(backend) > apps.total - 12 * 400);
      apps.rotate();
    }
  }
  await agent.until('all arrived', () => backend.arrivals.length >= apps.total);
  assertArrived(backend, apps);
  const report = await askLedger(agent);
  assertLedger(report);
  assert.equal(addUp(report).delivered, apps.total);
  assert.equal(report.sinks[0]?.delivered, apps.total);
  const metrics = await askMetrics(agent);
  assert.equal(metrics.get('pillion_sink_delivered_records_total{sink="backend"}'), apps.total);
  assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
  assert.equal(agent.summary.deliveredRecords, apps.total);
});

test('what lies far behind at the start is read in larger batches, each file in its order', limit, async (t) => {
  const { folder, logs, backend, config } = await prepareWorkers(t);
  const apps = new Applications(logs, 3);
  // One worker is done before the other, and gets one of its two files.
  apps.write(60_000);
  apps.write(90_000, ['app1', 'app3']);
  const agent = await startAgent(t, folder, config, { program });
  await agent.until('all arrived', () => backend.arrivals.length >= apps.total);
  assertArrived(backend, apps);
  const report = await askLedger(agent);
  assertLedger(report);
  assert.equal(addUp(report).delivered, apps.total);
  assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
});

test('after SIGKILL nothing is lost, whatever number of workers comes next', limit, async (t) => {
  const { folder, logs, backend, config } = await prepareWorkers(t);
  const apps = new Applications(logs, 8);
  for (const workers of [2, 1, 3, 2]) {
    const agent = await startAgent(t, folder, { ...config, workers }, { program });
    const before = distinct(backend);
    const writing = setInterval(() => apps.write(20), 5);
    await agent.until('some arrived', () => distinct(backend) > before + 2000);
    clearInterval(writing);
    apps.rotate();
    apps.write(100);
    await agent.until('more arrived', () => distinct(backend) > before + 2500);
    await agent.end('SIGKILL');
  }
  apps.write(50);
  const last = await startAgent(t, folder, config, { program });
  assert.equal(await last.end('SIGTERM'), 0, last.stderr);
  assertArrived(backend, apps, false);
  assert.equal(last.summary.unreadBytes, 0);
});

test('SIGTERM drains what both workers have, to unfinished last lines', limit, async (t) => {
  const { folder, logs, backend, config } = await prepareWorkers(t);
  const apps = new Applications(logs, 6);
  const agent = await startAgent(t, folder, config, { program });
  backend.delayMs = 20;
  apps.write(2000);
  await agent.until('some arrived', () => backend.arrivals.length > 100);
  writeFileSync(join(logs, 'last.log'), 'last 1 without a line end');
  assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
  apps.written.set('last', 1);
  assertArrived(backend, apps);
  assert.deepEqual(
    [agent.summary.readRecords, agent.summary.deliveredRecords, agent.summary.abandonedRecords],
    [apps.total, apps.total, 0],
  );
});

test(
  'a backend that is away holds both workers, which is told as one state; nothing is lost or repeated',
  limit,
  async (t) => {
    const { folder, logs, backend, config } = await prepareWorkers(t);
    const apps = new Applications(logs, 6);
    backend.behaviour = 401;
    const agent = await startAgent(t, folder, config, { program });
    apps.write(500);
    const probe = async (path: string): Promise<string> =>
      (await fetch(`http://${await adminOf(agent)}${path}`)).text();
    await until('the sink holds', async () => (await askLedger(agent)).sinks[0]?.state === 'held');
    assert.match(await probe('/readyz?verbose'), /^ok\n.*\[!\] sink backend: held/s);
    assert.equal(await probe('/livez'), 'ok\n');
    assert.equal((await askMetrics(agent)).get('pillion_sink_held{sink="backend"}'), 1);
    backend.behaviour = 'take';
    await agent.until('all arrived', () => backend.arrivals.length >= apps.total);
    assertArrived(backend, apps);
    await until('it is ready', async () => (await askLedger(agent)).sinks[0]?.state === 'ready');
    assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
  },
);

test('reloads change stages, sinks and ways under load: lost 0, repeated 0', limit, async (t) => {
  const { folder, logs, backend, config } = await prepareWorkers(t);
  const apps = new Applications(logs, 6);
  const agent = await startAgent(t, folder, config, { program });
  const writing = setInterval(() => apps.write(5), 5);
  t.after(() => clearInterval(writing));
  const base = config as { sinks: { backend: object }; pipelines: { logs: object } };
  const variants = [
    { ...base, pipelines: { logs: { ...base.pipelines.logs, stages: [{ set: { field: 'round', value: 'x' } }] } } },
    { ...base, sinks: { backend: { ...base.sinks.backend, flush_interval: '15ms' } } },
    // Stages that must see all records: they are taken through one thread, and back.
    { ...base, pipelines: { logs: { ...base.pipelines.logs, stages: [{ throttle: { rate: '1000000/s' } }] } } },
    base,
    { ...base, sinks: { other: base.sinks.backend }, pipelines: { logs: { ...base.pipelines.logs, to: ['other'] } } },
    base,
  ];
  for (const variant of [...variants, ...variants]) {
    putConfig(folder, variant);
    const { status, answer } = await reload(agent);
    assert.equal(status, 200, JSON.stringify(answer));
    const before = backend.arrivals.length;
    await agent.until('more arrived', () => backend.arrivals.length > before + 100);
  }
  putConfig(folder, { ...base, workers: 3 });
  assert.match(JSON.stringify((await reload(agent)).answer), /ERR_RELOAD_RESTART.*workers/);
  putConfig(folder, base);
  await reload(agent);
  clearInterval(writing);
  await agent.until('all arrived', () => backend.arrivals.length >= apps.total);
  assertLedger(await askLedger(agent));
  assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
  assertArrived(backend, apps, false);
  assert.equal(backend.arrivals.length, apps.total);
});

test('a worker gets its first file after reloads that changed only other things', limit, async (t) => {
  const { folder, logs, backend, config } = await prepareWorkers(t);
  const apps = new Applications(logs, 1);
  const agent = await startAgent(t, folder, config, { program });
  apps.write(10);
  await agent.until('all arrived', () => backend.arrivals.length >= apps.total);
  const base = config as { sources: object; pipelines: object };
  for (let round = 1; round <= 5; round++) {
    const other = { type: 'file', include: [join(folder, `other${round}`, '*.log')] };
    putConfig(folder, {
      ...base,
      sources: { ...base.sources, other },
      pipelines: { ...base.pipelines, other: { from: ['other'], to: ['backend'] } },
    });
    const { status, answer } = await reload(agent);
    assert.equal(status, 200, JSON.stringify(answer));
  }
  apps.write(10, ['app1', 'app2', 'app3', 'app4']);
  await agent.until('all arrived', () => backend.arrivals.length >= apps.total);
  assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
  assertArrived(backend, apps);
});

test(
  'a worker that ends by itself ends the agent, with exit code 1 and a word; the next life misses nothing',
  limit,
  async (t) => {
    const { folder, logs, backend, config } = await prepareWorkers(t);
    writeFileSync(
      join(folder, 'fatal.mjs'),
      `import { defineStage } from 'pillion/sdk';
     export default defineStage({ type: 'fatal', summary: 'Ends its thread.', build: () => (record) => {
       if (record.body.startsWith('fatal')) process.exit(7);
     } });`,
    );
    const apps = new Applications(logs, 4);
    const fatal = {
      ...config,
      pipelines: { logs: { from: ['app'], stages: [{ use: './fatal.mjs' }], to: ['backend'] } },
    };
    const agent = await startAgent(t, folder, fatal, { program });
    apps.write(100);
    await agent.until('some arrived', () => backend.arrivals.length >= apps.total);
    writeFileSync(join(logs, 'fatal.log'), 'fatal 1\n');
    assert.equal(await agent.ended, 1, agent.stderr);
    assert.match(agent.stderr, /Worker \d failed; the agent ends/);
    assert.match(agent.stderr, /\nError: its thread has ended\n$/);
    apps.write(100);
    apps.written.set('fatal', 1);
    const next = await startAgent(t, folder, config, { program });
    assert.equal(await next.end('SIGTERM'), 0, next.stderr);
    assertArrived(backend, apps, false);
  },
);

test('what a stage throws later in a worker is said with its place', limit, async (t) => {
  const { folder, logs, config } = await prepareWorkers(t);
  writeFileSync(
    join(folder, 'later.mjs'),
    `import { defineStage } from 'pillion/sdk';
     const later = () => { throw new Error('too late'); };
     export default defineStage({ type: 'later', summary: 'Throws later.', build: () => () => void setImmediate(later) });`,
  );
  const stages = [{ use: './later.mjs' }];
  const late = { ...config, pipelines: { logs: { from: ['app'], stages, to: ['backend'] } } };
  const agent = await startAgent(t, folder, late, { program });
  writeFileSync(join(logs, 'a.log'), 'one\n');
  assert.equal(await agent.ended, 1, agent.stderr);
  assert.match(agent.stderr, /\nError: too late\n +at .*later\.mjs.*:2:/);
});

test('resources, annotated streams and lines that stages could not read are those of one agent', limit, async (t) => {
  const stages = [{ json: {} }];
  const { folder, logs, backend, config } = await prepareWorkers(t, {
    top: { resource: { 'service.name': 'shop' } },
    pipeline: { stages },
  });
  const apps = new Applications(logs, 4);
  const agent = await startAgent(t, folder, config, { program });
  apps.write(30);
  await agent.until('all arrived', () => backend.arrivals.length >= apps.total);
  const services = new Set(backend.arrivals.map(({ resource }: Arrival) => resource.get('service.name')));
  const names = new Set(backend.arrivals.map(({ record }) => record.attributes.get('log.file.name')));
  assert.deepEqual([[...services], [...names].sort()], [['shop'], ['app1.log', 'app2.log', 'app3.log', 'app4.log']]);
  const unmatched = await (await fetch(`http://${await adminOf(agent)}/unmatched`)).json();
  assert.equal((unmatched as { records: number }[])[0]?.records, apps.total);
  const failed = (await askMetrics(agent)).get('pillion_stage_failed_records_total{stage="logs/1",type="json"}');
  assert.equal(failed, apps.total);
  assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
});

test('with one worker there is no thread more than without the key', limit, async (t) => {
  const { folder, config } = await prepareWorkers(t, { top: { admin: ADMIN } });
  const threads: number[] = [];
  for (const workers of [undefined, 1, 2]) {
    const agent = await startAgent(t, folder, { ...config, workers }, { program });
    await adminOf(agent);
    threads.push(await threadsOf(agent));
    assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
  }
  assert.equal(threads[0], threads[1]);
  assert.ok(threads[2]! >= threads[0]! + 2, String(threads));
});

test('a number of workers that makes no sense is an error of the configuration', limit, async (t) => {
  const { folder, config } = await prepareWorkers(t);
  for (const workers of [0, 65, 1.5, 'two']) {
    writeFileSync(join(folder, 'pillion.yaml'), JSON.stringify({ ...config, workers }));
    const agent = new PillionProcess(t, ['run', '--config', 'pillion.yaml'], { cwd: folder, program });
    assert.equal(await agent.ended, 2, agent.stderr);
    assert.match(agent.stderr, /workers/);
  }
});
