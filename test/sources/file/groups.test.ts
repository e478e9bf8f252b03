import assert from 'node:assert/strict';
import { appendFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { FakeClock } from '../../../src/core/fake-clock.ts';
import { RecordFlag } from '../../../src/core/record-batch.ts';
import { createPatternJudge } from '../../../src/framing/multiline/patterns.ts';
import { type RunningFileSource, startFileSource, temporaryFolder, until } from '../../harness/files.ts';
import { frameInput, framingOf } from '../../harness/framed.ts';

const { Continuation, Unterminated } = RecordFlag;

const START = { start: '^\\d' };
const judge = createPatternJudge({ start: /^\d/ });

/** The one stream that a source's checkpoint holds. */
function stored(source: RunningFileSource): { readonly offset: number; readonly size: number } {
  return (source.section.stored as { streams: [never] }).streams[0];
}

function marked(source: RunningFileSource): [string, number][] {
  return source.output.records.map(({ body, flags }) => [body, flags]);
}

/** Lets time go by in steps of a poll, with the reads of real files in between. */
async function pass(clock: FakeClock, ms: number): Promise<void> {
  for (let passedMs = 0; passedMs < ms; passedMs += 50) {
    await clock.advance(50);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Lets time go by until so many records were sent. */
async function passUntilSent(clock: FakeClock, source: RunningFileSource, count: number): Promise<void> {
  await until(`${count} records were sent`, async () => {
    await pass(clock, 50);
    return source.bodies.length >= count;
  });
}

function setup(t: TestContext, multiline: unknown, more: object = {}) {
  const path = join(temporaryFolder(t), 'app.log');
  writeFileSync(path, '');
  const options = { include: [path], poll_interval: '50ms', multiline, ...more };
  return { path, options };
}

test('MUL-01 a group over several reads is one record, and the offset stays at its first byte', async (t) => {
  const { path, options } = setup(t, START);
  const source = startFileSource(t, { options, output: { leases: 'held' } });
  for (const piece of ['0 first\n1 a', '\n b\n', ' c', '\n d\n', '2 next\n']) {
    appendFileSync(path, piece);
    await until('it was seen', () => stored(source)?.size === statSync(path).size);
  }
  await source.sent(2);
  assert.deepEqual(source.bodies, ['0 first', '1 a\n b\n c\n d']);
  source.output.leases[0]!.settle('delivered');
  assert.equal(stored(source).offset, '0 first\n'.length);
  source.output.leases[1]!.settle('delivered');
  assert.equal(stored(source).offset, '0 first\n1 a\n b\n c\n d\n'.length);
});

test('MUL-02 lines before the first start are records of their own, and counted', async (t) => {
  const { path, options } = setup(t, START);
  writeFileSync(path, ' x\n y\n1 a\n b\n2 c\n');
  const source = startFileSource(t, { options });
  await source.sent(3);
  assert.deepEqual(source.bodies, [' x', ' y', '1 a\n b']);
  assert.equal(source.sum('pillion_source_ungrouped_records_total'), 2);
});

test('MUL-03 the last group of a silent file goes out once, and what comes then is a continuation', async (t) => {
  const { path, options } = setup(t, { ...START, flush_after: '500ms' });
  const clock = new FakeClock();
  appendFileSync(path, '1 a\n b\n unfinish');
  const source = startFileSource(t, { options, clock });
  await pass(clock, 400);
  assert.deepEqual(marked(source), []);
  await passUntilSent(clock, source, 1);
  assert.deepEqual(marked(source), [['1 a\n b', 0]]);
  appendFileSync(path, 'ed\n d\n');
  await pass(clock, 400);
  assert.deepEqual(marked(source).length, 1);
  await passUntilSent(clock, source, 2);
  assert.deepEqual(marked(source).slice(1), [[' unfinished\n d', Continuation]]);
  appendFileSync(path, '2 e\n3 f\n');
  await passUntilSent(clock, source, 3);
  assert.deepEqual(marked(source).slice(2), [['2 e', 0]]);
});

test('MUL-03 a group that grows all the time does not go out', async (t) => {
  const { path, options } = setup(t, { ...START, flush_after: '500ms' });
  const clock = new FakeClock();
  const source = startFileSource(t, { options, clock });
  const lines = Array.from({ length: 8 }, (_, i) => ` line ${i}`);
  appendFileSync(path, '1\n');
  for (const line of lines) {
    await pass(clock, 300);
    appendFileSync(path, `${line}\n`);
  }
  await pass(clock, 300);
  assert.deepEqual(source.bodies, []);
  await passUntilSent(clock, source, 1);
  assert.deepEqual(source.bodies, [['1', ...lines].join('\n')]);
});

test('MUL-04 a group is one record when back-pressure stops reading in its middle for longer than it waits', async (t) => {
  const { path, options } = setup(t, { ...START, flush_after: '500ms' }, { max_record_size: '1KiB' });
  const clock = new FakeClock();
  // Many turns long, so that it stops between two of them.
  const head = Array.from({ length: 9000 }, (_, i) => `${i} x\n`).join('');
  const group = `1 a\n${' b\n'.repeat(100)}`;
  writeFileSync(path, head + group);
  const source = startFileSource(t, { options, clock, output: { poolSize: 1 } });
  source.output.isFull = true;
  await source.sent(1);
  await pass(clock, 2000);
  appendFileSync(path, ' c\n2 d\n');
  await pass(clock, 2000);
  assert.equal(source.output.sent, 1);
  source.output.empty();
  await source.sent(9001);
  assert.equal(source.bodies.at(-1), `${group} c`);
});

test('MUL-06 CRI-06 what is open at the end of a life is read again from its first byte', async (t) => {
  const { path, options } = setup(t, START, { format: 'auto' });
  const line = (stdio: string, text: string): string => `2026-01-02T03:04:05Z ${stdio} ${text}\n`;
  const lives = [
    line('stdout', 'F 1 a') + line('stderr', 'F 1 x') + line('stdout', 'P  b'),
    line('stderr', 'F  y') + line('stderr', 'F 2 x'),
    line('stdout', 'F c') + line('stderr', 'F 3 x') + line('stdout', 'F 2 a') + line('stdout', 'F 3 a'),
  ];
  const bodies: string[] = [];
  let restored: unknown;
  for (const [life, text] of lives.entries()) {
    appendFileSync(path, text);
    const source = startFileSource(t, { options, restored });
    await source.sent([0, 1, 3][life]!);
    await source.stop();
    bodies.push(...source.bodies);
    restored = source.section.stored;
  }
  assert.deepEqual(bodies.toSorted(), ['1 a\n bc', '1 x\n y', '2 a', '2 x']);
});

test('MUL-06 CRI-06 restarts neither lose nor repeat anything of mixed streams', async (t) => {
  const folder = temporaryFolder(t);
  const pieces = fc.array(
    fc.array(
      fc.tuple(fc.constantFrom('stdout', 'stderr'), fc.constantFrom('P', 'F', 'F'), fc.constantFrom('1', ' b', '')),
      {
        maxLength: 6,
      },
    ),
    { minLength: 2, maxLength: 4 },
  );
  let file = 0;
  await fc.assert(
    fc.asyncProperty(pieces, fc.boolean(), async (pieces, isGrouped) => {
      const path = join(folder, `${file++}.log`);
      writeFileSync(path, '');
      const options = { include: [path], format: 'cri', ...(isGrouped ? { multiline: START } : {}) };
      const text = (lines: readonly (readonly string[])[]): string =>
        lines.map(([stdio, tag, text]) => `2026-01-02T03:04:05Z ${stdio} ${tag} ${text}\n`).join('');
      const records: unknown[] = [];
      let restored: unknown;
      for (const [life, lines] of pieces.entries()) {
        appendFileSync(path, text(lines));
        const source = startFileSource(t, { options, restored });
        const isLast = life === pieces.length - 1;
        await until('the file is open', () => source.messages.includes('Reading a file.'));
        const written = text(pieces.slice(0, life + 1).flat());
        const whole = frameInput(framingOf('cri', isGrouped ? { judge } : undefined), written, { end: 'more' });
        if (isLast) await source.drain();
        else await source.sent(whole.records.length - records.length);
        await source.stop();
        records.push(
          ...source.output.records.map(({ body, flags, attributes }) => [body, flags, attributes['log.iostream']]),
        );
        restored = source.section.stored;
      }
      writeFileSync(path, text(pieces.flat()));
      const once = startFileSource(t, { options });
      await once.drain();
      const whole = once.output.records.map(({ body, flags, attributes }) => [body, flags, attributes['log.iostream']]);
      assert.deepEqual(records, whole);
    }),
    { numRuns: 25 },
  );
});

test('MUL-08 hundreds of files with an open group each hold no batch, and all of them get through', async (t) => {
  const folder = temporaryFolder(t);
  const paths = Array.from({ length: 300 }, (_, i) => join(folder, `${i}.log`));
  for (const path of paths) writeFileSync(path, '1 a\n b\n');
  const options = { include: [join(folder, '*.log')], multiline: { ...START, flush_after: '1d' } };
  const source = startFileSource(t, { options, output: { poolSize: 2 } });
  await until('all were read', () => {
    const { streams } = source.section.stored as { streams: { size: number }[] };
    return streams.length === 300 && streams.every(({ size }) => size > 0);
  });
  await until('the batches are back', () => source.output.free === 2);
  assert.deepEqual(source.bodies, []);
  for (const path of paths) appendFileSync(path, ' c\n2\n');
  await source.sent(300);
  assert.deepEqual(new Set(source.bodies), new Set(['1 a\n b\n c']));
  await source.drain();
  assert.equal(source.bodies.length, 600);
});

test('CRI-04 parts whose end never came are a record when their file is finished, not joined to another file', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, '0.log');
  writeFileSync(path, '2026-01-02T03:04:05Z stdout P cut sh');
  appendFileSync(path, 'ort\n');
  const options = { include: [join(folder, '*.log')], rotate_wait: '20ms' };
  const source = startFileSource(t, { options });
  writeFileSync(join(folder, '1.log'), '2026-01-02T03:04:06Z stdout F next instance\n');
  await source.sent(1);
  renameSync(path, `${path}.old`);
  await source.sent(2);
  assert.deepEqual(marked(source), [
    ['next instance', 0],
    ['cut short', Unterminated],
  ]);
});

test('the format of a file is found by its first line, kept over restarts, and each file has its own', async (t) => {
  const folder = temporaryFolder(t);
  const cri = '2026-01-02T03:04:05Z stdout F ';
  const files: Record<string, [string, string | undefined]> = {
    'cri.log': [`\n${cri}a\nnot of a container\n`, 'cri'],
    'docker.log': ['{"log":"a\\n","stream":"stdout","time":"2026-01-02T03:04:05Z"}\n', 'docker_json'],
    'json.log': ['{"log":"a","msg":"b"}\n', 'plain'],
    'plain.log': [`a\n${cri}b\n`, 'plain'],
    'unknown.log': [cri, undefined],
  };
  for (const [name, [text]] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const options = { include: [join(folder, '*.log')] };
  const first = startFileSource(t, { options });
  await first.sent(6);
  await first.stop();
  const { streams } = first.section.stored as { streams: { path: string; format?: string }[] };
  for (const { path, format } of streams) assert.equal(format, files[path.slice(folder.length + 1)]![1], path);
  appendFileSync(join(folder, 'plain.log'), `${cri}c\n`);
  appendFileSync(join(folder, 'cri.log'), 'not of a container either\n');
  appendFileSync(join(folder, 'unknown.log'), 'd\n');
  const second = startFileSource(t, { options, restored: first.section.stored });
  await second.sent(3);
  assert.deepEqual(new Set(second.bodies), new Set([`${cri}c`, 'not of a container either', 'd']));
  assert.equal(second.sum('pillion_source_failed_records_total'), 1);
});
