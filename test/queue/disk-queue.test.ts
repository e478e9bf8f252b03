import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { FakeClock } from '../../src/core/fake-clock.ts';
import { DiskQueue } from '../../src/queue/disk-queue.ts';
import type { QueuePosition } from '../../src/queue/restore-queue.ts';
import { type Fault, FaultyFiles, makeFolderOf } from '../harness/faulty-files.ts';
import { temporaryFolder, until } from '../harness/files.ts';
import { QueueLog } from './queue-log.ts';

const DAMAGED = 'error A part of the queue cannot be read; it is counted as gone.';
const never = new AbortController().signal;

interface Setup {
  readonly folder?: string;
  readonly maxBytes?: number;
  readonly position?: QueuePosition | undefined;
  readonly fault?: (call: string, index: number) => Fault;
}

async function openQueue(
  t: TestContext,
  { folder = temporaryFolder(t), maxBytes = 8192, position, fault }: Setup = {},
) {
  const log = new QueueLog();
  const clock = new FakeClock();
  const files = new FaultyFiles(fault);
  const queue = await DiskQueue.open({ folder, maxBytes, position, clock, reports: log, files });
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (isOpen) await queue.close();
    isOpen = false;
  };
  t.after(close);
  const add = (text: string, signal = never) => queue.append(Buffer.from(text), signal);
  return { queue, folder, log, clock, files, add, close };
}

/** All that can be read now; a break is `|`, and one in the middle of a line `/`. */
async function readAll(queue: DiskQueue): Promise<string> {
  let text = '';
  for (;;) {
    const read = await queue.read();
    if (read.kind === 'nothing') return text;
    if (read.kind === 'bytes') text += read.bytes.toString();
    else text += read.isMidLine ? '/' : '|';
  }
}

/** Has a file system take no more than so many bytes at a time in all its files. */
class SmallDisk {
  peakBytes = 0;
  readonly #sizes = new Map<string, number>();

  constructor(files: FaultyFiles, maxBytes: number) {
    const { open, unlink } = files;
    files.open = async (path, flags, mode) => {
      const file = await open.call(files, path, flags, mode);
      const write: typeof file.write = (bytes, at, length, position) => {
        const size = this.#sizes.get(path) ?? 0;
        const room = maxBytes - this.#bytes + size - position;
        const part = Math.min(length, room);
        if (part <= 0) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
        this.#sizes.set(path, Math.max(size, position + part));
        this.peakBytes = Math.max(this.peakBytes, this.#bytes);
        return file.write(bytes, at, part, position);
      };
      return { ...file, write };
    };
    files.unlink = async (path) => {
      await unlink.call(files, path);
      this.#sizes.delete(path);
    };
  }

  get #bytes(): number {
    return [...this.#sizes.values()].reduce((sum, size) => sum + size, 0);
  }
}

function segmentsIn(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.segment'));
}

/** Entries that fill a segment of 1,024 bytes each, `a` to `d`. */
const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((letter) => `${letter.repeat(1023)}\n`) as [
  string,
  string,
  string,
  string,
];

test('append() and read() give what came, across lives, with a break between them', async (t) => {
  const first = await openQueue(t);
  assert.equal((await first.queue.read()).kind, 'nothing');
  await first.add('one\ntw');
  await first.add('o\n');
  assert.equal(await readAll(first.queue), 'one\ntwo\n');
  await first.add('unfinished');
  await first.close();
  const second = await openQueue(t, { folder: first.folder });
  await second.add('three\n');
  assert.equal(await readAll(second.queue), 'one\ntwo\nunfinished|three\n');
  await second.close();
  const third = await openQueue(t, { folder: first.folder });
  assert.equal(await readAll(third.queue), 'one\ntwo\nunfinished|three\n|', 'the break is known before anything comes');
});

test('read() goes on at the position of the checkpoint, in the middle of an entry too', async (t) => {
  const first = await openQueue(t);
  await first.add('one\ntwo\n');
  const { run } = first.queue.start;
  await first.close();
  const second = await openQueue(t, { folder: first.folder, position: { run, offset: 4 } });
  assert.deepEqual({ ...second.queue.start, isMidLine: undefined }, { run, offset: 4, isMidLine: undefined });
  assert.equal(await readAll(second.queue), 'two\n|');
  await second.close();
  const third = await openQueue(t, { folder: first.folder, position: { run: 'f'.repeat(16), offset: 4 } });
  assert.equal(await readAll(third.queue), 'one\ntwo\n|', 'a position in another queue counts for nothing');
});

test('release() removes segments that are settled, and a life that knows nothing of it starts behind them', async (t) => {
  const { queue, folder, add, close } = await openQueue(t);
  for (const text of [a, b.slice(0, -1), 'bb\nc\n']) await add(text);
  const position = { run: queue.start.run, offset: 0 };
  assert.equal(segmentsIn(folder).length, 3);
  await readAll(queue);
  queue.release(a.length);
  queue.release(a.length + b.length + 2);
  await until('two are gone', () => segmentsIn(folder).length === 1);
  await close();
  const next = await openQueue(t, { folder, position });
  assert.equal(next.queue.start.isMidLine, true, 'the start of the line "bb" was settled with its end');
  assert.equal(await readAll(next.queue), 'bb\nc\n|');
  next.queue.release(next.queue.end);
  await next.close();
  assert.deepEqual(segmentsIn(folder), []);
});

test('append() waits while the queue is full, says so once, and goes on when something is settled', async (t) => {
  const { queue, log, add } = await openQueue(t);
  let added = 0;
  const stop = new AbortController();
  const adding = (async () => {
    while ((await add(a, stop.signal)) === a.length) added++;
  })();
  await until('it is full', () => log.lines.length === 1);
  assert.equal(added, 7);
  assert.ok(queue.diskBytes <= 8192);
  await readAll(queue);
  queue.release(2 * a.length);
  await until('there is room for two', () => added === 9);
  assert.deepEqual(log.lines, ['warn The queue is full: its input waits.']);
  stop.abort();
  await adding;
  assert.equal(await readAll(queue), a + a, 'what was not taken is not there');
});

test('append() waits while the disk is full or broken, and nothing is there twice or in pieces', async (t) => {
  let isFull = false;
  const fault = (call: string): Fault => (isFull && call.startsWith('write') ? { fail: 'ENOSPC' } : undefined);
  const { queue, log, clock, add } = await openQueue(t, { fault });
  await add('one\n');
  isFull = true;
  const adding = add('two\n');
  await until('it failed', () => log.counts.failures === 1);
  await clock.untilSleeping(2);
  await clock.advance(500);
  await until('it failed again', () => log.counts.failures === 2);
  assert.equal(await readAll(queue), 'one\n');
  isFull = false;
  await clock.untilSleeping(2);
  await clock.advance(500);
  assert.equal(await adding, 4);
  assert.equal(await readAll(queue), 'two\n');
  assert.deepEqual(log.lines, [
    'warn The queue cannot be written: its input waits until it can.',
    'info The queue is written again.',
  ]);
});

test('a write that stopped half-way is overwritten by the next attempt', async (t) => {
  // The disk takes a part, and then nothing.
  let writes = 0;
  const { queue, folder, files, add, clock } = await openQueue(t, {
    fault: (call) => (call.startsWith('write') && ++writes === 3 ? { fail: 'ENOSPC' } : undefined),
  });
  const open = files.open.bind(files);
  files.open = async (...args) => {
    const file = await open(...args);
    const { write } = file;
    return { ...file, write: (bytes, at, length, position) => write(bytes, at, Math.min(length, 40), position) };
  };
  const adding = add(`${'x'.repeat(60)}\n`);
  await clock.untilSleeping(1);
  await clock.advance(500);
  assert.equal(await adding, 61);
  assert.equal(await readAll(queue), `${'x'.repeat(60)}\n`);
  assert.equal(readFileSync(join(folder, segmentsIn(folder)[0]!)).length, 32 + 8 + 61);
});

test('a disk with room for one segment alone is used again, once all that is on it is settled', async (t) => {
  const { queue, files, clock, add, log } = await openQueue(t, { maxBytes: 80_000 });
  const room = new SmallDisk(files, 2000);
  // What does not fit whole goes there line by line, so that no line is left open.
  const text = Array.from({ length: 100 }, (_, i) => `line ${i} ${'x'.repeat(50)}\n`).join('');
  await add('line ');
  const adding = add(text);
  let isAdded = false;
  void adding.then(() => (isAdded = true));
  let read = '';
  for (let turn = 0; !isAdded; turn++) {
    assert.ok(turn < 10_000, 'it goes on');
    const now = await readAll(queue);
    read += now;
    // All whole lines are delivered.
    queue.release(read.lastIndexOf('\n') + 1);
    await clock.advance(500);
    await new Promise(setImmediate);
  }
  assert.equal(await adding, text.length);
  assert.equal(read + (await readAll(queue)), `line ${text}`);
  assert.ok(room.peakBytes <= 2000);
  assert.deepEqual([...new Set(log.lines)].sort(), [
    'info The queue is written again.',
    'warn The queue cannot be written: its input waits until it can.',
  ]);
});

test('what was added is synced a second later, and then survives a power cut', async (t) => {
  const { folder, files, clock, add, queue } = await openQueue(t);
  await add('one\n');
  await add('two\n');
  assert.equal(files.syncedFiles, 0);
  await clock.untilSleeping();
  await clock.advance(1000);
  await until('it is synced', () => files.syncedFiles === 1);
  await add('three\n');
  const { run } = queue.start;
  let cuts = 0;
  for (const content of files.afterPowerLoss(new Map())) {
    const other = await openQueue(t, {
      folder: makeFolderOf(folder, `cut-${cuts++}`, content),
      position: { run, offset: 0 },
    });
    assert.match(await readAll(other.queue), /^one\ntwo\n(?:three\n)?\|$/);
  }
  assert.ok(cuts > 1);
});

test('after a failed fsync nothing more is added to that segment', async (t) => {
  let isBroken = true;
  const fault = (call: string): Fault => (isBroken && /^sync .*segment/.test(call) ? { fail: 'EIO' } : undefined);
  const { queue, folder, log, clock, add } = await openQueue(t, { fault });
  await add('one\n');
  await clock.untilSleeping();
  await clock.advance(1000);
  await until('it failed', () => log.counts.failures === 1);
  isBroken = false;
  await add('two\n');
  assert.equal(segmentsIn(folder).length, 2);
  assert.equal(await readAll(queue), 'one\ntwo\n');
});

for (const { name, damage, expected, corruptBytes } of [
  {
    name: 'a flipped bit costs the rest of its segment, to the byte',
    damage: (path: string) => overwrite(path, 40 + 500, 'X'),
    expected: `${a}|${c}${d}|`,
    corruptBytes: b.length,
  },
  {
    name: 'a segment that is cut off',
    damage: (path: string) => writeFileSync(path, readFileSync(path).subarray(0, 500)),
    expected: `${a}|${c}${d}|`,
    corruptBytes: b.length,
  },
  {
    name: 'a segment without a header',
    damage: (path: string) => overwrite(path, 0, 'XXXX'),
    expected: `${a}|${c}${d}|`,
    corruptBytes: b.length,
  },
  {
    name: 'a segment that is missing',
    damage: (path: string) => rmSync(path),
    expected: `${a}|${c}${d}|`,
    corruptBytes: b.length,
  },
]) {
  test(`DiskQueue ${name}: it is counted, said, kept aside, and the rest goes on`, async (t) => {
    const first = await openQueue(t);
    for (const text of [a, b, c, d]) await first.add(text);
    await first.close();
    const path = join(first.folder, segmentsIn(first.folder)[1]!);
    damage(path);
    const second = await openQueue(t, { folder: first.folder });
    assert.equal(await readAll(second.queue), expected);
    assert.equal(second.log.counts.corrupt, corruptBytes);
    assert.ok(second.log.lines.every((line) => line === DAMAGED) && second.log.lines.length > 0);
    second.queue.release(second.queue.end);
    await second.close();
    const left = readdirSync(first.folder).filter((file) => !file.endsWith('.lock'));
    assert.deepEqual(left, name.endsWith('missing') ? [] : [`${path.slice(first.folder.length + 1)}.damaged`]);
  });
}

function overwrite(path: string, at: number, text: string): void {
  const bytes = readFileSync(path);
  bytes.write(text, at, 'latin1');
  writeFileSync(path, bytes);
}

test('damage in the segment that is added to ends it: what comes later goes to a new one', async (t) => {
  const { queue, folder, log, add } = await openQueue(t);
  await add('one\n');
  await add('two\n');
  overwrite(join(folder, segmentsIn(folder)[0]!), 32 + 8 + 4 + 8, 'X');
  assert.equal(await readAll(queue), 'one\n');
  assert.equal(log.counts.corrupt, 4);
  await add('three\n');
  assert.equal(await readAll(queue), '|three\n');
});

test('at most three damaged segments are kept', async (t) => {
  const folder = temporaryFolder(t);
  for (let n = 0; n < 5; n++) {
    writeFileSync(join(folder, `000000000000000${n}.segment`), 'x'.repeat(100));
    await (await openQueue(t, { folder })).close();
  }
  const kept = readdirSync(folder).sort();
  assert.deepEqual(
    kept,
    [2, 3, 4].map((n) => `000000000000000${n}.segment.damaged`),
  );
});

test('whatever happens to a segment, nothing is invented and nothing throws', async (t) => {
  const source = await openQueue(t);
  const lines = Array.from({ length: 60 }, (_, i) => `line ${i} ${'.'.repeat(i)}\n`);
  for (const line of lines) await source.add(line);
  await source.close();
  const names = segmentsIn(source.folder);
  const contents = names.map((name) => readFileSync(join(source.folder, name)));
  const whole = Buffer.concat(contents);
  const damage = fc.record({
    at: fc.nat(whole.length - 1),
    what: fc.oneof(fc.integer({ min: 1, max: 255 }), fc.constantFrom('cut' as const, 'nul' as const)),
  });
  const parent = temporaryFolder(t);
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 3 }), async (damages) => {
      const copies = contents.map((content) => Buffer.from(content));
      let isCutAtTheEnd = false;
      for (const { at, what } of damages) {
        let index = 0;
        let offset = at;
        while (offset >= contents[index]!.length) offset -= contents[index++]!.length;
        const copy = copies[index]!;
        // Nobody can tell entries that are cut off at the very end from those that were never added.
        isCutAtTheEnd ||= what === 'cut' && index === copies.length - 1;
        if (what === 'cut') copies[index] = copy.subarray(0, offset);
        else if (what === 'nul') copy.fill(0, offset);
        else if (offset < copy.length) copy[offset]! ^= what;
      }
      const folder = makeFolderOf(parent, String(run++), new Map(names.map((name, i) => [name, copies[i]!])));
      const { queue, log, close } = await openQueue(t, { folder });
      const text = await readAll(queue);
      const given = text.split(/(?<=[\n|/])/).map((part) => part.replace(/[|/]$/, ''));
      assert.ok(
        given.every((part) => part === '' || lines.includes(part)),
        JSON.stringify(text),
      );
      const missing = lines.filter((line) => !given.includes(line));
      if (!isCutAtTheEnd) assert.equal(missing.length > 0, log.counts.corrupt > 0, 'what is missing is counted');
      await close();
    }),
    { numRuns: 60 },
  );
});

test('a reader beside a writer gets every byte once, in order', async (t) => {
  const { queue, add } = await openQueue(t, { maxBytes: 16_384 });
  const ended = new AbortController();
  let written = '';
  const writing = (async () => {
    for (let i = 0; i < 300; i++) {
      const text = `${i} ${'x'.repeat(i % 97)}\n`;
      assert.equal(await add(text), text.length);
      written += text;
    }
    ended.abort();
  })();
  let text = '';
  for (;;) {
    const isEnded = ended.signal.aborted;
    const read = await queue.read();
    if (read.kind === 'bytes') {
      text += read.bytes.toString();
      queue.release(read.end.offset);
    } else if (isEnded) break;
    else await queue.untilNews(ended.signal);
  }
  await writing;
  assert.equal(text, written);
});

test('open() refuses the folder of another source, and follows no planted link', async (t) => {
  const { folder, add, close } = await openQueue(t);
  await assert.rejects(openQueue(t, { folder }), { code: 'ERR_STATE_LOCKED' });
  const target = join(temporaryFolder(t), 'precious');
  writeFileSync(target, 'precious');
  symlinkSync(target, join(folder, '0000000000000000.segment'));
  await add('one\n');
  assert.equal(readFileSync(target, 'utf8'), 'precious');
  await close();
  symlinkSync(target, join(folder, '0000000000009999.segment'));
  mkdirSync(join(folder, '0000000000009998.segment'));
  const next = await openQueue(t, { folder });
  assert.equal(await readAll(next.queue), 'one\n|');
  assert.equal(readFileSync(target, 'utf8'), 'precious');
});

test('open() says what is wrong with a folder that cannot be used', async (t) => {
  const folder = join(temporaryFolder(t), 'file');
  writeFileSync(folder, '');
  await assert.rejects(openQueue(t, { folder }), {
    code: 'ERR_STATE_WRITE',
    message: /^Cannot use queue folder ".*file": EEXIST/,
  });
});
