import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { FakeClock } from '../../src/core/fake-clock.ts';
import { DeadLetterFile, type DeadRecord } from '../../src/delivery/dead-letter.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import { temporaryFolder, until } from '../harness/files.ts';
import { recordingLogger } from './fixtures.ts';

const BAD = new Error('answered 400');

/** A dead-letter file in a folder of its own, whose requests are numbers. */
function setUp(t: TestContext, options: { maxBytes?: number; path?: string } = {}) {
  const path = options.path ?? join(temporaryFolder(t), 'rejected.jsonl');
  const metrics = new Metrics();
  const { logger, lines: log } = recordingLogger();
  const deadLetter = new DeadLetterFile({
    origin: { sink: 'backend' },
    path,
    maxBytes: options.maxBytes ?? 1_000_000,
    loadJson: async () => (body) => Buffer.from(body).toString(),
    clock: new FakeClock(),
    logger,
    metrics,
  });
  return { deadLetter, path, metrics, log };
}

function numbers(from: number, to: number): DeadRecord[] {
  return Array.from({ length: to - from }, (_, i) => ({ stream: 'app.log', body: Buffer.from(String(from + i)) }));
}

/** The records in the file. Throws for a line that is no JSON. */
function recordsIn(path: string): Record<string, unknown>[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  assert.equal(lines.pop(), '');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Records that were set aside, and that were not, by reason. */
function counts(metrics: Metrics) {
  const lost = (reason: string): number => metrics.sum('pillion_dead_letter_lost_records_total', { reason });
  return {
    written: metrics.sum('pillion_dead_letter_records_total'),
    full: lost('full'),
    failed: lost('failed'),
  };
}

test('DeadLetterFile writes a line for each record, for its owner only', async (t) => {
  const { deadLetter, path, metrics, log } = setUp(t);
  await deadLetter.setAside(numbers(1, 3), 'bad_data', BAD);
  const common = { time: '2026-01-01T00:00:00.000Z', sink: 'backend', reason: 'bad_data', error: 'answered 400' };
  assert.deepEqual(recordsIn(path), [
    { ...common, stream: 'app.log', request: 1 },
    { ...common, stream: 'app.log', request: 2 },
  ]);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual([counts(metrics), log], [{ written: 2, full: 0, failed: 0 }, []]);
});

test('DeadLetterFile appends, also to what another life left, and ends a line that was cut', async (t) => {
  const { deadLetter, path } = setUp(t);
  await deadLetter.setAside(numbers(1, 2), 'bad_data', BAD);
  appendFileSync(path, '{"cut');
  await deadLetter.setAside(numbers(2, 3), 'bad_data', BAD);
  const lines = readFileSync(path, 'utf8').split('\n');
  assert.deepEqual([lines.length, lines[1], JSON.parse(lines[2]!).request], [4, '{"cut', 2]);
});

test('DeadLetterFile keeps the lines of groups that come at once apart, and writes long ones whole', async (t) => {
  const { deadLetter, path, metrics } = setUp(t, { maxBytes: 2 ** 30 });
  await Promise.all([0, 1, 2].map((i) => deadLetter.setAside(numbers(5000 * i, 5000 * (i + 1)), 'bad_data', BAD)));
  assert.deepEqual(
    recordsIn(path).map(({ request }) => request),
    Array.from({ length: 15_000 }, (_, i) => i),
  );
  assert.equal(counts(metrics).written, 15_000);
});

test('DeadLetterFile keeps what it has when it is full, says so, and begins anew when it was moved away', async (t) => {
  const { deadLetter, path, metrics, log } = setUp(t, { maxBytes: 1000 });
  await deadLetter.setAside(numbers(0, 50), 'bad_data', BAD);
  const kept = recordsIn(path).length;
  assert.ok(kept > 3 && statSync(path).size <= 1000);
  await deadLetter.setAside(numbers(50, 60), 'bad_data', BAD);
  assert.deepEqual(counts(metrics), { written: kept, full: 60 - kept, failed: 0 });
  assert.deepEqual(
    log.map(({ level, records, error }) => [level, records, error]),
    [['error', 50 - kept, 'its file is full']],
  );
  execFileSync('mv', [path, `${path}.old`]);
  await deadLetter.setAside(numbers(60, 61), 'bad_data', BAD);
  assert.deepEqual([recordsIn(path)[0]?.['request'], counts(metrics).written], [60, kept + 1]);
});

for (const { name, place = '', prepare = (): void => {} } of [
  { name: 'a link', prepare: (path: string) => symlinkSync(`${path}.target`, path) },
  { name: 'a FIFO that nobody reads', prepare: (path: string) => execFileSync('mkfifo', [path]) },
  { name: 'a folder', prepare: (path: string) => mkdirSync(path) },
  { name: 'a device', place: '/dev/full' },
  { name: 'a place that does not exist', place: '/no/such/folder/rejected.jsonl' },
] as { name: string; place?: string; prepare?: (path: string) => void }[]) {
  test(`DeadLetterFile writes nothing to ${name}, counts it and goes on`, async (t) => {
    const path = place || join(temporaryFolder(t), 'rejected.jsonl');
    prepare(path);
    const { deadLetter, metrics, log } = setUp(t, { path });
    await deadLetter.setAside(numbers(0, 3), 'bad_data', BAD);
    await deadLetter.setAside(numbers(3, 5), 'bad_data', BAD);
    assert.deepEqual(counts(metrics), { written: 0, full: 0, failed: 5 });
    const failures = log.filter(({ level }) => level === 'error');
    assert.deepEqual(
      failures.map(({ path: said, records }) => [said, records]),
      [[path, 3]],
    );
    assert.equal(existsSync(`${path}.target`), false);
  });
}

test('DeadLetterFile says at once that its folder is not there, and does not where it is', async (t) => {
  const { log: fine } = setUp(t);
  const path = join(temporaryFolder(t), 'none/rejected.jsonl');
  const { log } = setUp(t, { path });
  await until('it is said', () => log.length > 0);
  assert.equal(log[0]?.['level'], 'warn');
  assert.match(String(log[0]?.['msg']), /^The folder of a dead-letter file is not there/);
  assert.deepEqual(fine, []);
});
