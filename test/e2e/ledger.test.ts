import assert from 'node:assert/strict';
import {
  appendFileSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentReport } from '../../src/agent/agent-report.ts';
import { decodeCheckpoint } from '../../src/checkpoint/checkpoint-format.ts';
import { addUp, askLedger, askMetrics, assertBalanced, assertLedger } from '../harness/admin.ts';
import { type PillionProcess, startAgent } from '../harness/agent-process.ts';
import { until } from '../harness/files.ts';
import { NumberedLog } from '../harness/numbered-log.ts';
import { prepare } from '../harness/setting.ts';

const limit = { timeout: 60_000 };

/** A stage that drops every tenth line. */
const DROP_TENTH = `
import { defineStage } from 'pillion/sdk';
export default defineStage({
  type: 'drop_tenth',
  summary: 'Drops every tenth line.',
  build: () => (record) => {
    if (/"line":\\d*0,/.test(record.body)) record.drop('round_number');
  },
});
`;

/** Waits until nothing is unread or in flight. */
async function atRest(agent: PillionProcess): Promise<AgentReport> {
  let report = await askLedger(agent);
  await until('the ledger is at rest', async () => {
    report = await askLedger(agent);
    const { unread, inFlight } = addUp(report);
    return unread === 0 && inFlight === 0;
  });
  return report;
}

test(
  'LED-01 LED-03 ANS-22 the ledger names every byte and record of two routes through rotation, truncation, cuts, drops and refusals',
  limit,
  async (t) => {
    const { folder, logs, backend, config } = await prepare(t, {
      source: { max_record_size: '1KiB', rotate_wait: '200ms', readers: 'shared' },
      top: {
        pipelines: {
          all: { from: ['app'], to: ['backend'] },
          most: { from: ['app'], stages: [{ use: './drop-tenth.ts' }], to: ['screen'] },
        },
      },
    });
    writeFileSync(join(folder, 'drop-tenth.ts'), DROP_TENTH);
    const sinks = { ...(config as { sinks: object }).sinks, screen: { type: 'console', format: 'json' } };
    const agent = await startAgent(t, folder, { ...config, sinks });
    const log = new NumberedLog(folder);
    log.write(2000);
    appendFileSync(join(logs, 'app.log'), `\n\n${'x'.repeat(5000)}\n`);
    await agent.until('lines arrive', () => backend.distinct === 2000);
    await atRest(agent);
    backend.behaviour = 400;
    log.write(10);
    await until('a request is refused', async () => addUp(await askLedger(agent)).rejected > 0);
    await atRest(agent);
    backend.behaviour = 'take';
    log.rotate();
    log.write(1000);
    await agent.until('more lines arrive', () => backend.distinct === 3000);
    await atRest(agent);
    truncateSync(join(logs, 'app.log'));
    log.write(500);
    await agent.until('all lines arrive', () => backend.distinct === 3500);
    const report = await atRest(agent);

    assertLedger(report);
    const written = log.written;
    const total = addUp(report);
    assert.equal(total.inFlight + total.abandoned + total.unread, 0);
    // Lines, the one that was cut, and two that are empty; each goes both ways.
    assert.equal(total.framed, 2 * (written + 3));
    assert.equal(total.seen, 120 * written + 2 + 5001);
    assert.equal(total.skipped, 5001 - 1024);
    const routes = report.streams.flatMap((stream) => stream.routes);
    const sumOf = (pipeline: string, amount: (route: (typeof routes)[number]) => number | undefined): number =>
      routes.filter((route) => route.pipeline === pipeline).reduce((sum, route) => sum + (amount(route) ?? 0), 0);
    assert.equal(
      sumOf('all', ({ delivered }) => delivered),
      backend.arrivals.length,
    );
    assert.equal(
      sumOf('all', ({ rejected }) => rejected['bad_data']),
      10,
    );
    assert.equal(backend.missing(written).length, 10, 'what is missing is what is named as rejected');
    assert.equal(
      sumOf('most', ({ dropped }) => dropped['filter']),
      written / 10,
    );
    assert.equal(
      sumOf('most', ({ delivered }) => delivered),
      written - written / 10 + 1,
    );
    assert.equal(
      sumOf('most', ({ dropped }) => dropped['empty_line']),
      2,
    );
    assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
  },
);

test(
  'ANS-22 a batch whose records are all filtered makes no request, and its offset is committed',
  limit,
  async (t) => {
    const { folder, logs, backend, config } = await prepare(t, { pipeline: { stages: [{ use: './drop-tenth.ts' }] } });
    writeFileSync(join(folder, 'drop-tenth.ts'), DROP_TENTH);
    writeFileSync(join(logs, 'app.log'), '{"line":10,}\n{"line":20,}\n');
    const agent = await startAgent(t, folder, config);
    await until('the offset is committed', async () => (await askLedger(agent)).streams[0]?.committed_offset === 26);
    const [stream] = (await askLedger(agent)).streams;
    assert.deepEqual(stream?.routes[0]?.dropped, { filter: 2 });
    assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
    assert.equal(backend.requests, 0);
  },
);

test(
  'LED-02 both equations hold at any instant under load, and only what is unread or in flight ever shrinks',
  limit,
  async (t) => {
    const { folder, logs, backend, config } = await prepare(t, { source: { rotate_wait: '50ms' } });
    const agent = await startAgent(t, folder, config);
    const log = new NumberedLog(folder);
    let last = addUp(await askLedger(agent));
    let wasBusy = 0;
    for (let step = 0; step < 60; step++) {
      log.write(300);
      if (step % 15 === 7) log.rotate();
      if (step === 30) truncateSync(join(logs, 'app.log'));
      backend.behaviour = step % 10 === 5 ? 503 : 'take';
      const report = await askLedger(agent);
      assertLedger(report);
      const { unread, inFlight, ...growing } = addUp(report);
      if (unread + inFlight > 0) wasBusy++;
      for (const [column, value] of Object.entries(growing)) {
        assert.ok(value >= last[column as keyof typeof growing], `${column} shrank`);
      }
      last = { ...growing, unread, inFlight };
    }
    assert.ok(wasBusy > 5, `under load at ${wasBusy} of 60 looks`);
    assertLedger(await atRest(agent));
    assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
  },
);

/** What is in the checkpoint; empty: there is none yet. */
function storedText(folder: string): string {
  const path = join(folder, 'state/checkpoint');
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/** The books of `app.log` in the checkpoint. */
function storedBooks(folder: string) {
  if (storedText(folder) === '') return { framed: 0, delivered: 0 };
  const decoded = decodeCheckpoint(readFileSync(join(folder, 'state/checkpoint')));
  assert.ok(decoded.kind === 'valid');
  const { sources } = decoded.sections.get('ledger') as {
    sources: {
      app: { streams: Record<string, { settled: { framed: number; routes: Record<string, { delivered: number }> } }> };
    };
  };
  const { framed = 0, routes } = Object.values(sources.app.streams)[0]?.settled ?? {};
  return { framed, delivered: routes?.['logs/backend']?.delivered ?? 0 };
}

test(
  'LED-04 after SIGKILL the committed columns go on from the checkpoint, with nothing doubled or forgotten',
  limit,
  async (t) => {
    const { folder, backend, config } = await prepare(t);
    const log = new NumberedLog(folder);
    for (let life = 0; life < 2; life++) {
      const agent = await startAgent(t, folder, config);
      const before = backend.distinct;
      const { delivered } = storedBooks(folder);
      await agent.until('lines arrive', () => {
        log.write(50);
        return backend.distinct > before + 1000 && storedBooks(folder).delivered > delivered;
      });
      backend.behaviour = 'take_silently';
      const answered = backend.distinct;
      await agent.until('requests wait for their answers', () => {
        log.write(50);
        return backend.distinct > answered + 200;
      });
      assert.equal(await agent.end('SIGKILL'), 'SIGKILL');
      await until('what was under way has arrived', async () => (await backend.connections()) === 0);
      backend.behaviour = 'hang';
      const stored = storedBooks(folder);
      const next = await startAgent(t, folder, config);
      const followed = async () => (await askLedger(next)).streams.find(({ offset }) => offset !== null);
      await until('the file is followed', async () => (await followed()) !== undefined);
      const stream = await followed();
      assert.ok(stream !== undefined);
      assertBalanced(stream);
      assert.equal(stream.committed_offset, stored.framed * 120, 'columns and offset are one write');
      assert.equal(stream.routes[0]?.delivered, stored.delivered);
      assert.equal(await next.end('SIGKILL'), 'SIGKILL');
      backend.behaviour = 'take';
    }
    const last = await startAgent(t, folder, config);
    await last.until('all arrive', () => backend.distinct === log.written);
    const report = await atRest(last);
    assertLedger(report);
    assert.ok(backend.repeats > 0, 'some were sent again');
    const { framed, delivered, seen } = addUp(report);
    assert.deepEqual(
      { framed, delivered, seen },
      { framed: log.written, delivered: log.written, seen: 120 * log.written },
    );
    assert.equal(await last.end('SIGTERM'), 0, last.stderr);
  },
);

test('LED-04 what an earlier generation had read and not settled at a SIGKILL is named as gone', limit, async (t) => {
  const { folder, logs, backend, config } = await prepare(t);
  const log = new NumberedLog(folder);
  const agent = await startAgent(t, folder, config);
  log.write(1000);
  await agent.until('lines arrive', () => backend.distinct === 1000);
  await atRest(agent);
  backend.behaviour = 'hang';
  log.write(100);
  await until('they are in flight', async () => addUp(await askLedger(agent)).inFlight === 100);
  truncateSync(join(logs, 'app.log'));
  await agent.logged('A file was truncated: it is read from its beginning.');
  await until('the truncation is stored', () => storedText(folder).includes('"generation":1'));
  assert.equal(await agent.end('SIGKILL'), 'SIGKILL');
  backend.behaviour = 'take';
  const next = await startAgent(t, folder, config);
  log.write(10);
  await next.until('the new lines arrive', () => backend.distinct === 1010);
  const report = await atRest(next);
  assertLedger(report);
  assert.deepEqual(report.streams[0]?.bytes.gone, { truncated: 12_000 });
  assert.equal(await next.end('SIGTERM'), 0, next.stderr);
});

test(
  'LED-05 metrics, ledger, summary and termination message have the same numbers, and series do not grow with files',
  limit,
  async (t) => {
    const { folder, logs, backend, config } = await prepare(t, {
      top: { termination_message: 'message' },
      source: { rotate_wait: '100ms' },
    });
    const agent = await startAgent(t, folder, config);
    writeFileSync(join(logs, '0.log'), '{"line":1}\n\n');
    await agent.until('a line arrives', () => backend.distinct === 1);
    const few = await askMetrics(agent);
    for (let file = 1; file < 50; file++) writeFileSync(join(logs, `${file}.log`), `{"line":${file + 1}}\n\n`);
    await agent.until('all arrive', () => backend.distinct === 50);
    for (let file = 0; file < 10; file++) rmSync(join(logs, `${file}.log`));
    await until('some are finished', async () => (await askLedger(agent)).finished[0]?.streams === 10);
    const report = await atRest(agent);
    const metrics = await askMetrics(agent);
    assert.deepEqual([...metrics.keys()].toSorted(), [...few.keys()].toSorted());

    const total = addUp(report);
    assertLedger(report);
    assert.deepEqual(
      [
        metrics.get('pillion_source_seen_bytes_total{source="app"}'),
        metrics.get('pillion_source_read_bytes_total{source="app"}'),
        metrics.get('pillion_source_records_total{source="app"}'),
        metrics.get('pillion_dropped_records_total{source="app",reason="empty_line"}'),
        metrics.get('pillion_sink_delivered_records_total{sink="backend"}'),
        metrics.get('pillion_in_flight_records{source="app",pipeline="logs",sink="backend"}'),
        metrics.get('pillion_source_unread_bytes{source="app"}'),
        metrics.get('pillion_ledger_unaccounted_bytes{source="app"}'),
        metrics.get('pillion_ledger_unaccounted_records{source="app"}'),
      ],
      [total.seen, total.read, total.framed, total.dropped, total.delivered, 0, 0, 0, 0],
    );
    assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
    const { summary } = agent;
    for (const [key, value] of Object.entries(report.since_start)) {
      assert.equal(summary[key as keyof typeof report.since_start], value, key);
    }
    assert.deepEqual(
      [summary.readRecords, summary.readBytes, summary.droppedRecords, summary.deliveredRecords],
      [total.framed, total.read, total.dropped, total.delivered],
    );
    assert.equal(readFileSync(join(folder, 'message'), 'utf8'), `${summary.msg}\n`);
  },
);

test('LED-06 a loss that nobody can measure is counted as such, and no number is invented', limit, async (t) => {
  const { folder, logs, backend, config } = await prepare(t, { source: { poll_interval: '2s' } });
  const path = join(logs, 'app.log');
  writeFileSync(path, '{"line":1}\n{"line":2}\n');
  const agent = await startAgent(t, folder, config);
  await agent.until('the lines arrive', () => backend.distinct === 2);
  await atRest(agent);
  // In one turn of the event loop of nobody else: the agent is stopped meanwhile.
  agent.kill('SIGSTOP');
  await sleep(50);
  truncateSync(path);
  appendFileSync(path, '{"line":3}\n{"line":4}\n{"line":5}\n');
  agent.kill('SIGCONT');
  await agent.until('the new lines arrive', () => backend.distinct === 5);
  const report = await atRest(agent);
  assertLedger(report);
  const [stream] = report.streams;
  assert.equal(stream?.gone_unknown, 1);
  assert.deepEqual(stream?.bytes.gone, {});
  assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
});

test('LED-03 a file that is deleted unread is named as gone, with what was seen of it', limit, async (t) => {
  const { folder, logs, backend, config } = await prepare(t);
  const path = join(logs, 'app.log');
  writeFileSync(path, '{"line":1}\n');
  const first = await startAgent(t, folder, config);
  await first.until('the line arrives', () => backend.distinct === 1);
  backend.behaviour = 'hang';
  appendFileSync(path, '{"line":2}\n{"line":3}\n');
  await until('they are in flight', async () => addUp(await askLedger(first)).inFlight === 2);
  renameSync(path, join(logs, 'renamed.log'));
  await until('the rename is stored', () => storedText(folder).includes('renamed'));
  const { size } = statSync(join(logs, 'renamed.log'));
  assert.equal(await first.end('SIGKILL'), 'SIGKILL');
  rmSync(join(logs, 'renamed.log'));
  backend.behaviour = 'take';
  for (let life = 0; life < 2; life++) {
    const next = await startAgent(t, folder, config);
    await until('the loss is named', async () => addUp(await askLedger(next)).gone === size - 11);
    const report = await askLedger(next);
    assertLedger(report);
    assert.equal(addUp(report).delivered, 1);
    assert.equal(await next.end('SIGTERM'), 0, next.stderr);
  }
});
