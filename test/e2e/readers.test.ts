import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { decodeCheckpoint } from '../../src/checkpoint/checkpoint-format.ts';
import { addUp, adminOf, askLedger, askMetrics, assertLedger } from '../harness/admin.ts';
import { type PillionProcess, runPillion, startAgent } from '../harness/agent-process.ts';
import { assertAllArrived, sinkTo } from '../harness/agent-setting.ts';
import { until } from '../harness/files.ts';
import { NumberedLog } from '../harness/numbered-log.ts';
import { OtlpBackend } from '../harness/otlp-backend.ts';
import { prepare } from '../harness/setting.ts';

const limit = { timeout: 120_000 };

/** An agent whose one source leads to the sinks that `configOf()` names, out of `near`, `far` and `other`. */
async function setTwoSinks(t: TestContext, source: object = {}) {
  const { folder, logs, backend: near, config } = await prepare(t, { source });
  const [far, other] = [await OtlpBackend.open(t), await OtlpBackend.open(t)];
  const backends = { near, far, other };
  // As many lines as one request holds must not fill the pool: whoever is down stops its reader by the batches.
  const sinks = Object.entries(backends).map(([name, backend]) => [
    name,
    sinkTo(backend, { max_request_records: 500 }),
  ]);
  const configOf = (...to: (keyof typeof backends)[]): object => ({
    ...config,
    pipelines: { logs: { from: ['app'], stages: ['json'], to, record_uid: true } },
    sinks: Object.fromEntries(sinks.filter(([name]) => to.includes(name as keyof typeof backends))),
  });
  return { folder, logs, near, far, other, configOf, log: new NumberedLog(folder) };
}

/** Writes 20,000 lines into three files, of which two are rotated away once both readers have the first one. */
async function writeThreeFiles(agent: PillionProcess, log: NumberedLog, readers = 2): Promise<void> {
  const opened = (): number => agent.log.filter(({ msg }) => msg === 'Reading a file.').length;
  await agent.until('the file is found', () => opened() >= readers);
  for (let file = 0; file < 3; file++) {
    if (file > 0) log.rotate();
    for (let part = 0; part < 10; part++) log.write(file === 0 ? 800 : 600);
  }
  assert.equal(log.written, 20_000);
}

/** The names of the sections of readers in the checkpoint. */
function sectionsIn(folder: string): string[] {
  const decoded = decodeCheckpoint(readFileSync(join(folder, 'state/checkpoint')));
  assert.ok(decoded.kind === 'valid');
  return [...decoded.sections.keys()].filter((name) => name.startsWith('source/')).sort();
}

/** Reads all that is there, delivers it, and ends. */
async function liveShortly(t: TestContext, folder: string, config: object): Promise<PillionProcess> {
  const agent = await startAgent(t, folder, config);
  assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
  return agent;
}

test('BPR-05 one of two sinks is down: the other gets all, and it catches up from the files', limit, async (t) => {
  const { folder, near, far, log, configOf } = await setTwoSinks(t);
  far.behaviour = 503;
  const agent = await startAgent(t, folder, configOf('near', 'far'));
  await writeThreeFiles(agent, log);
  await until('the one that is up has all', () => near.distinct === log.written, 60_000);
  assert.equal(far.distinct, 0);
  assert.ok(far.requests > 0);
  const during = await askLedger(agent);
  assertLedger(during);
  const unreadOf = (reader: string): number =>
    during.streams.filter(({ source }) => source === reader).reduce((sum, { bytes }) => sum + bytes.unread, 0);
  assert.equal(unreadOf('app/near'), 0);
  assert.ok(unreadOf('app/far') > 0, 'the reader of the sink that is down waits');

  far.behaviour = 'take';
  await until('the other one has all', () => far.distinct === log.written, 60_000);
  await until('all is answered', async () => addUp(await askLedger(agent)).inFlight === 0);
  const after = await askLedger(agent);
  assertLedger(after);
  assert.equal(addUp(after).delivered, 2 * log.written);
  const metrics = await askMetrics(agent);
  for (const reader of ['app/near', 'app/far']) {
    assert.equal(metrics.get(`pillion_source_records_total{source="${reader}"}`), log.written);
    assert.equal(metrics.get(`pillion_ledger_unaccounted_bytes{source="${reader}"}`), 0);
  }
  const { stdout } = await runPillion(t, ['status', '--address', await adminOf(agent)], { cwd: folder });
  assert.match(stdout, /\/logs\/app\.log .* app\/near\n/);
  assert.match(stdout, /\/logs\/app\.log .* app\/far\n/);

  assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
  for (const backend of [near, far]) {
    assertAllArrived(backend, log);
    assert.equal(backend.repeats, 0);
  }
  const { readRecords, readBytes, deliveredRecords, unreadBytes } = agent.summary;
  assert.deepEqual(
    { readRecords, readBytes, deliveredRecords, unreadBytes },
    { readRecords: log.written, readBytes: 120 * log.written, deliveredRecords: 2 * log.written, unreadBytes: 0 },
  );
});

test('BPR-05 CRA-03 SIGKILL while one of two sinks is down loses nothing, and a line has one id', limit, async (t) => {
  const { folder, near, far, log, configOf } = await setTwoSinks(t);
  far.behaviour = 503;
  const first = await startAgent(t, folder, configOf('near', 'far'));
  await writeThreeFiles(first, log);
  await until('the one that is up has all', () => near.distinct === log.written, 60_000);
  assert.equal(await first.end('SIGKILL'), 'SIGKILL');

  far.behaviour = 'take';
  const second = await startAgent(t, folder, configOf('near', 'far'));
  log.rotate();
  log.write(100);
  await until('the other one has all', () => far.distinct === log.written, 60_000);
  assert.equal(await second.end('SIGTERM'), 0, second.stderr);
  for (const backend of [near, far]) assertAllArrived(backend, log);
  assert.equal(far.repeats, 0, 'it had not taken anything');
  const ids = new Map<unknown, Set<unknown>>();
  for (const { record, line } of [...near.arrivals, ...far.arrivals]) {
    const id = record.attributes.get('log.record.uid');
    ids.set(id, (ids.get(id) ?? new Set()).add(line));
  }
  assert.equal(ids.size, log.written);
  assert.ok([...ids.values()].every((lines) => lines.size === 1));
});

test(
  'BPR-05 readers: shared stops all sinks once the batches are out, and goes on when it is over',
  limit,
  async (t) => {
    const { folder, near, far, log, configOf } = await setTwoSinks(t, { readers: 'shared' });
    far.behaviour = 503;
    const agent = await startAgent(t, folder, configOf('near', 'far'));
    await writeThreeFiles(agent, log, 1);
    await agent.until('the one that is up has some', () => near.distinct > 0);
    let before = -1;
    await until('nothing more comes', async () => {
      const isSame = before === near.distinct;
      before = near.distinct;
      await new Promise((resolve) => setTimeout(resolve, 500));
      return isSame;
    });
    assert.ok(near.distinct < log.written, `${near.distinct} of ${log.written}`);

    far.behaviour = 'take';
    await until('both have all', () => near.distinct + far.distinct === 2 * log.written, 60_000);
    assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
    for (const backend of [near, far]) {
      assertAllArrived(backend, log);
      assert.equal(backend.repeats, 0);
    }
    assert.equal(agent.summary.readRecords, log.written);
  },
);

test(
  'DSK-03 a space policy that removes files has the sinks share a reader, and waits for all of them',
  limit,
  async (t) => {
    const space = { limit: '1KiB', policy: 'remove_delivered' };
    const { folder, logs, near, far, log, configOf } = await setTwoSinks(t, { space, rotate_wait: '100ms' });
    far.behaviour = 503;
    const agent = await startAgent(t, folder, configOf('near', 'far'));
    const notice =
      'One reader serves all sinks, since the space policy removes files: a sink that is down stops them all.';
    await agent.logged(notice);
    log.write(100);
    await agent.until('the one that is up has all', () => near.distinct === log.written);
    log.rotate();
    await agent.logged('The files take more space than they may.');
    // Longer than a file must have been delivered until it is removed.
    await new Promise((resolve) => setTimeout(resolve, 3000));
    assert.deepEqual(readdirSync(logs).sort(), ['app.log', 'app.log.1']);
    far.behaviour = 'take';
    await agent.logged('A delivered file was removed to make space.');
    assert.deepEqual(readdirSync(logs), ['app.log']);
    assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
    for (const backend of [near, far]) assertAllArrived(backend, log);
  },
);

test(
  'DRN-04 a drain with one of two sinks down delivers all to the other, and says what is left for which',
  limit,
  async (t) => {
    const { folder, near, far, log, configOf } = await setTwoSinks(t);
    far.behaviour = 503;
    const config = { ...configOf('near', 'far'), drain_timeout: '2s' };
    const first = await startAgent(t, folder, config);
    await writeThreeFiles(first, log);
    assert.equal(await first.end('SIGTERM'), 1, first.stderr);
    assertAllArrived(near, log);
    const { left, msg, readRecords } = first.summary;
    assert.equal(readRecords, log.written);
    assert.deepEqual([left?.[0]?.sink, near.repeats], ['far', 0]);
    assert.match(msg, /Left: "[^"]+app\.log(?:\.\d)?" \(for far: [\d,]+ bytes/);

    far.behaviour = 'take';
    const second = await startAgent(t, folder, config);
    await second.until('the other one has all', () => far.distinct === log.written);
    assert.equal(await second.end('SIGTERM'), 0, second.stderr);
    for (const backend of [near, far]) {
      assertAllArrived(backend, log);
      assert.equal(backend.repeats, 0);
    }
  },
);

test('sinks that come and go between two lives repeat nothing, and miss nothing of their time', limit, async (t) => {
  const { folder, near, far, log, configOf } = await setTwoSinks(t);
  const written: number[] = [];
  for (const to of [['near'], ['near', 'far'], ['near'], ['near', 'far'], ['far']] as const) {
    written.push(log.written);
    log.write(500);
    // At the very first start nobody could know the rotated file.
    if (log.written > 500) log.rotate();
    log.write(500);
    await liveShortly(t, folder, configOf(...to));
    const sections = to.length === 1 ? ['source/app'] : ['source/app/far', 'source/app/near'];
    assert.deepEqual(sectionsIn(folder), sections);
  }
  assert.deepEqual(written, [0, 1000, 2000, 3000, 4000]);
  const thousandsOf = ({ lines }: OtlpBackend): number[] =>
    [0, 1, 2, 3, 4].map((n) => [...lines.keys()].filter((line) => Math.ceil(line / 1000) === n + 1).length);
  assert.deepEqual(thousandsOf(near), [1000, 1000, 1000, 1000, 0]);
  assert.deepEqual(thousandsOf(far), [0, 1000, 0, 1000, 1000]);
  assert.deepEqual([near.repeats, far.repeats], [0, 0]);
});

test(
  'a sink that was down when it was alone with its file goes on where it was, by whatever readers',
  limit,
  async (t) => {
    const { folder, near, far, other, log, configOf } = await setTwoSinks(t, { readers: 'per_sink' });
    far.behaviour = 503;
    const first = await startAgent(t, folder, configOf('near', 'far'));
    log.write(1000);
    await first.until('the one that is up has all', () => near.distinct === log.written);
    assert.equal(await first.end('SIGKILL'), 'SIGKILL');

    // One takes the place of the one that was down, with all that this did not get.
    const second = await startAgent(t, folder, configOf('near', 'other'));
    log.write(1000);
    await second.until('the new one has all', () => other.distinct === log.written);
    assert.equal(await second.end('SIGTERM'), 0, second.stderr);
    for (const backend of [near, other]) assertAllArrived(backend, log);
  },
);

test('readers that become one lose nothing for the slower sink, and their books add up', limit, async (t) => {
  const { folder, logs, near, far, log, configOf } = await setTwoSinks(t);
  far.behaviour = 503;
  const first = await startAgent(t, folder, configOf('near', 'far'));
  await writeThreeFiles(first, log);
  await until('the one that is up has all', () => near.distinct === log.written, 60_000);
  assert.equal(await first.end('SIGKILL'), 'SIGKILL');

  far.behaviour = 'take';
  const app = { type: 'file', include: [join(logs, '*.log')], poll_interval: '20ms', readers: 'shared' };
  const second = await startAgent(t, folder, { ...configOf('near', 'far'), sources: { app } });
  await until('the other one has all', () => far.distinct === log.written, 60_000);
  await until('all is answered', async () => addUp(await askLedger(second)).inFlight === 0);
  assertLedger(await askLedger(second));
  assert.equal(await second.end('SIGTERM'), 0, second.stderr);
  for (const backend of [near, far]) assertAllArrived(backend, log);
  assert.equal(far.repeats, 0);
  assert.deepEqual(sectionsIn(folder), ['source/app']);
});

test(
  'a sink that is added goes on with the books of its own, and the other one with those it had',
  limit,
  async (t) => {
    const { folder, log, configOf } = await setTwoSinks(t);
    log.write(100);
    await liveShortly(t, folder, configOf('near'));
    const agent = await startAgent(t, folder, configOf('near', 'far'));
    log.write(50);
    await until('all is answered', async () => {
      const { streams } = await askLedger(agent);
      return (
        streams.length === 2 && streams.every(({ bytes, routes }) => bytes.unread + (routes[0]?.in_flight ?? 1) === 0)
      );
    });
    const report = await askLedger(agent);
    assertLedger(report);
    const books = report.streams.map(({ source, bytes, records, routes }) => ({
      source,
      skipped: bytes.skipped,
      records,
      routes: routes.map(({ sink, delivered }) => `${sink} ${delivered}`),
    }));
    assert.deepEqual(books, [
      { source: 'app/near', skipped: {}, records: 150, routes: ['near 150'] },
      { source: 'app/far', skipped: { already_delivered: 100 * 120 }, records: 50, routes: ['far 50'] },
    ]);
  },
);
