import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import type { Output, Room } from '../../../src/core/contracts.ts';
import { FakeClock } from '../../../src/core/fake-clock.ts';
import type { RecordBatch } from '../../../src/core/record-batch.ts';
import { Resource } from '../../../src/core/resource.ts';
import type { Stream } from '../../../src/core/stream.ts';
import { freshGeneration, SLICE_BYTES } from '../../../src/sources/file/generation.ts';
import { OpenFile } from '../../../src/sources/file/open-file.ts';
import { SourceReport } from '../../../src/sources/file/source-report.ts';
import { TailedFile } from '../../../src/sources/file/tailed-file.ts';
import { TurnQueue } from '../../../src/sources/file/turn-queue.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';
import { Metrics } from '../../../src/telemetry/metrics.ts';
import { startFileSource, temporaryFolder, until } from '../../harness/files.ts';
import { sourceLedger } from '../../harness/ledger.ts';
import { MemoryOutput } from '../../harness/output.ts';

const NO_ORIGIN = { resource: new Resource() };

const line = (name: string, i: number): string => `${name} ${i} ${'x'.repeat(1000)}\n`;

test('FAI-04 run() gives every ready file a turn before any gets its second', async (t) => {
  const folder = temporaryFolder(t);
  const names = ['a', 'b', 'c', 'd'];
  const count = Math.ceil((3 * SLICE_BYTES) / 1000);
  for (const name of names) {
    writeFileSync(join(folder, `${name}.log`), Array.from({ length: count }, (_, i) => line(name, i)).join(''));
  }
  const source = startFileSource(t, { options: { include: [join(folder, '*.log')] } });
  await source.sent(names.length * count);
  const turns = source.output.batches.map((records) => records[0]!.body[0]!);
  for (let round = 0; round < 3; round++) {
    assert.deepEqual(turns.slice(round * names.length, (round + 1) * names.length).sort(), names);
  }
});

test('run() says with each batch what lies behind it', async (t) => {
  const path = join(temporaryFolder(t), 'app.log');
  const lines = Array.from({ length: Math.ceil((3 * SLICE_BYTES) / 1000) }, (_, i) => line('a', i));
  writeFileSync(path, lines.join(''));
  const source = startFileSource(t, { options: { include: [path] } });
  await source.sent(lines.length);
  let unread = lines.join('').length;
  for (const [batch, records] of source.output.batches.entries()) {
    unread -= records.reduce((sum, { body }) => sum + body.length + 1, 0);
    assert.equal(source.output.bytesBehind[batch], unread);
  }
  assert.equal(unread, 0);
});

test('run() delivers every line of any mix of files, in the order of each, with any pool', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 1, max: 3 }),
      async (counts, poolSize) => {
        const folder = temporaryFolder(t);
        counts.forEach((count, file) => {
          const lines = Array.from({ length: count }, (_, i) => `${file} ${i}\n`);
          writeFileSync(join(folder, `${file}.log`), lines.join(''));
        });
        const source = startFileSource(t, { options: { include: [join(folder, '*.log')] }, output: { poolSize } });
        await source.drain();
        for (const [file, count] of counts.entries()) {
          const own = source.bodies.filter((body) => body.startsWith(`${file} `));
          assert.deepEqual(
            own,
            Array.from({ length: count }, (_, i) => `${file} ${i}`),
          );
        }
        assert.equal(source.output.free, poolSize, 'every batch came back');
      },
    ),
    { numRuns: 20 },
  );
});

test('run() waits while all batches are out, and goes on where it stopped', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'app.log');
  writeFileSync(path, 'one\n');
  const source = startFileSource(t, { options: { include: [path] }, output: { poolSize: 1 } });
  source.output.isFull = true;
  await source.sent(1);
  appendFileSync(path, 'two\nthree\n');
  await until('the unread bytes are seen', () => source.sum('pillion_source_unread_bytes') === 10);
  assert.deepEqual(source.bodies, ['one']);
  source.output.empty();
  await source.sent(3);
  assert.deepEqual(source.bodies, ['one', 'two', 'three']);
});

test('run() holds no batch while there is nothing to read', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'app.log'), 'one\nunfinished');
  const source = startFileSource(t, { options: { include: [join(folder, '*.log')] }, output: { poolSize: 1 } });
  await source.sent(1);
  await until('the batch is back', () => source.output.free === 1);
});

test('run() ends at once when it is stopped while it waits for a batch', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'app.log'), 'one\n');
  const source = startFileSource(t, { options: { include: [join(folder, '*.log')] }, output: { poolSize: 0 } });
  await until('the line is seen', () => source.sum('pillion_source_unread_bytes') === 4);
  await source.stop();
  assert.deepEqual(source.bodies, []);
});

/** A queue of files that want one turn each. Those of `hanging` never end, as reads from a dead disk. */
function queueOf(
  t: TestContext,
  names: readonly string[],
  { hanging = [], output = new MemoryOutput({ poolSize: names.length }) }: { hanging?: string[]; output?: Output },
) {
  const clock = new FakeClock();
  const turns: string[] = [];
  const turn = async (file: TailedFile, batch: RecordBatch, output: Output): Promise<boolean> => {
    turns.push(file.path);
    file.isBusy = hanging.includes(file.path);
    if (file.isBusy) return new Promise<never>(() => undefined);
    output.giveBack(batch);
    file.generation.exhaust(1);
    return true;
  };
  const queue = new TurnQueue({ turn }, clock);
  const stop = new AbortController();
  const ended = queue.run(output, stop.signal);
  t.after(() => stop.abort());
  for (const path of names) queue.offer(readyFile(path));
  return { clock, turns, stop, ended, queue };
}

/** A file that wants one turn. */
function readyFile(path: string): TailedFile {
  const report = new SourceReport(
    sourceLedger(),
    new Metrics(),
    createLogger({ level: 'silent', pretty: false, stream: process.stderr }),
    new FakeClock(),
  );
  const state = { kind: 'following', file: new OpenFile(-1) } as const;
  const file = new TailedFile(
    {
      id: path,
      key: path,
      path,
      home: path,
      bornNs: 0n,
      generation: freshGeneration(0),
      state,
    },
    {
      originOf: () => NO_ORIGIN,
      rotateWaitMs: 0,
      groupWaitMs: Number.POSITIVE_INFINITY,
      report,
      onChange: () => undefined,
      onCut: () => undefined,
    },
  );
  file.observe({ size: 1, mtimeMs: 0 });
  return file;
}

test('FAI-05 run() goes on with the other files when reads of one hang, and ends when it is stopped', async (t) => {
  const { clock, turns, stop, ended } = queueOf(t, ['dead', 'a', 'b'], { hanging: ['dead'] });
  await clock.untilSleeping();
  assert.deepEqual(turns, ['dead']);
  await clock.advance(2_000);
  await until('the others have turns', () => turns.includes('a') && turns.includes('b'));
  assert.equal(turns.filter((path) => path === 'dead').length, 1);
  stop.abort();
  await ended;
});

test('FAI-05 run() does not give every thread away to reads that hang', async (t) => {
  const names = ['d1', 'd2', 'd3', 'd4', 'd5'];
  const { clock, turns } = queueOf(t, names, { hanging: names });
  for (let i = 0; i < 20; i++) {
    await clock.untilSleeping();
    await clock.advance(1_000);
  }
  assert.deepEqual(turns, ['d1', 'd2', 'd3']);
});

test('FAI-04 run() gives each file that wants one a turn before any other has two, whatever comes meanwhile', async () => {
  const mix = fc.array(
    fc.record({ slices: fc.integer({ min: 1, max: 5 }), comesAfter: fc.integer({ min: 0, max: 30 }) }),
    {
      minLength: 1,
      maxLength: 12,
    },
  );
  await fc.assert(
    fc.asyncProperty(mix, async (plans) => {
      const files = plans.map((_, i) => readyFile(String(i)));
      const left = plans.map(({ slices }) => slices);
      /** Of each file that waits: how many turns may pass until it has its own. */
      const patience = new Map<TailedFile, number>();
      let turns = 0;
      const offerThoseThatCome = (): void => {
        for (const [i, file] of files.entries()) {
          if (plans[i]!.comesAfter > turns || left[i] === 0 || patience.has(file) || file.isBusy) continue;
          patience.set(file, files.length - 1);
          queue.offer(file);
        }
      };
      const turn = async (file: TailedFile, batch: RecordBatch, output: Output): Promise<boolean> => {
        turns++;
        assert.ok(patience.delete(file), 'a file has a turn that wanted none');
        for (const [other, rest] of patience) {
          assert.ok(rest > 0, 'a file waits for longer than there are others');
          patience.set(other, rest - 1);
        }
        file.isBusy = true;
        await Promise.resolve();
        file.isBusy = false;
        output.giveBack(batch);
        const i = Number(file.path);
        file.generation.exhaust(1);
        if (--left[i]! > 0) {
          file.generation.exhaust(0);
          patience.set(file, files.length - 1);
        }
        offerThoseThatCome();
        return true;
      };
      const queue = new TurnQueue({ turn }, new FakeClock());
      const stop = new AbortController();
      const ended = queue.run(new MemoryOutput(), stop.signal);
      offerThoseThatCome();
      for (; left.some((slices) => slices > 0); turns++) {
        await queue.idle();
        offerThoseThatCome();
      }
      await queue.idle();
      stop.abort();
      await ended;
    }),
    { numRuns: 200 },
  );
});

test('run() gives files a turn first for which there is room, and last those that are to change over', async (t) => {
  const rooms: Record<string, Room> = { moving: 'elsewhere', waiting: 'later', other: 'later', ready: 'now' };
  const output = Object.assign(new MemoryOutput({ poolSize: 4 }), {
    roomFor: ({ name }: Stream): Room => rooms[name]!,
  });
  const { turns, queue } = queueOf(t, Object.keys(rooms), { output });
  await queue.idle();
  assert.deepEqual(turns, ['ready', 'waiting', 'other', 'moving']);
});

test('FAI-05 run() names the file whose read does not end when it is stopped', async (t) => {
  const { clock, stop, ended, queue } = queueOf(t, ['dead', 'a'], { hanging: ['dead'] });
  await clock.untilSleeping();
  assert.deepEqual([...queue.slow], []);
  await clock.advance(2_000);
  assert.deepEqual(
    Array.from(queue.slow, ({ path }) => path),
    ['dead'],
  );
  stop.abort();
  await ended;
});
