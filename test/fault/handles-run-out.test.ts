import assert from 'node:assert/strict';
import {
  appendFileSync,
  closeSync,
  openSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startFileSource, temporaryFolder, until } from '../harness/files.ts';

/** How many handles this process has on files below the folder. */
function handlesIn(folder: string): number {
  return readdirSync('/proc/self/fd').filter((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`).startsWith(`${folder}/`);
    } catch {
      return false;
    }
  }).length;
}

function logs(t: TestContext) {
  const folder = temporaryFolder(t);
  return { folder, at: (name: string): string => join(folder, name), include: [join(folder, '*.log')] };
}

const lines = (file: number, from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `${file}.${from + i}`);
const textOf = (all: readonly string[]): string => all.map((line) => `${line}\n`).join('');

test('FAI-02 BPR-03 more files with a backlog than handles: all is delivered once, with bounded handles', async (t) => {
  const { folder, at, include } = logs(t);
  const fileCount = 200;
  const expected: string[] = [];
  for (let file = 0; file < fileCount; file++) {
    const own = lines(file, 0, 20);
    expected.push(...own);
    writeFileSync(at(`${file}.log`), textOf(own));
  }
  const options = { include, max_open_files: 10 };
  const source = startFileSource(t, { options });
  let most = 0;
  await until('all is read', () => {
    most = Math.max(most, handlesIn(folder));
    return source.bodies.length >= expected.length;
  });
  assert.ok(most > 0 && most <= 10 + 6, `${most} handles`); // what is being opened is open twice for a moment
  // Idle ones without a handle are read when something comes, and nothing of them again.
  for (let file = 0; file < fileCount; file += 20) {
    const own = lines(file, 20, 25);
    expected.push(...own);
    appendFileSync(at(`${file}.log`), textOf(own));
  }
  await source.sent(expected.length);
  assert.deepEqual(source.bodies.toSorted(), expected.toSorted());
  await source.drain();
  assert.equal(source.sum('pillion_source_gone_bytes_total'), 0);
  const restarted = startFileSource(t, { options, restored: source.section.stored });
  await restarted.drain();
  assert.deepEqual(restarted.bodies, []);
  await until('all handles are back', () => handlesIn(folder) === 0);
});

for (const maxOpenFiles of [4, 8]) {
  test(`FAI-02 readers of one source share its ${maxOpenFiles} handles, and each of the four reads all`, async (t) => {
    const { folder, at, include } = logs(t);
    const expected: string[] = [];
    for (let file = 0; file < 20; file++) {
      const own = lines(file, 0, 20);
      expected.push(...own);
      writeFileSync(at(`${file}.log`), textOf(own));
    }
    const options = { include, max_open_files: maxOpenFiles };
    const sources = [1, 2, 3, 4].map(() => startFileSource(t, { options, readers: 4 }));
    let most = 0;
    await until('all is read', () => {
      most = Math.max(most, handlesIn(folder));
      return sources.every(({ bodies }) => bodies.length >= expected.length);
    });
    assert.ok(most <= maxOpenFiles + 4 * 6, `${most} handles`);
    for (const source of sources) {
      await source.drain();
      assert.deepEqual(source.bodies.toSorted(), expected.toSorted());
      assert.equal(source.sum('pillion_source_gone_bytes_total'), 0);
    }
  });
}

test('FAI-02 a file without a handle is followed through a rename', async (t) => {
  const { at, include } = logs(t);
  const options = { include, max_open_files: 4, rotate_wait: '50ms' };
  for (let file = 0; file < 20; file++) writeFileSync(at(`${file}.log`), textOf(lines(file, 0, 1)));
  const source = startFileSource(t, { options, output: { poolSize: 1 } });
  await source.sent(20);
  source.output.isFull = true;
  writeFileSync(at('full.log'), 'full\n');
  await source.sent(21);
  // Nothing is read now: what is written waits in the files, most of them without a handle.
  for (let file = 0; file < 20; file++) appendFileSync(at(`${file}.log`), textOf(lines(file, 1, 2)));
  await until(
    'it is seen',
    () => source.sum('pillion_source_unread_bytes') === textOf(lines(0, 1, 2)).length * 10 + 50,
  );
  renameSync(at('7.log'), at('7.log.1'));
  await until('the rename is seen', () => source.messages.some((text) => String(text).includes('renamed')));
  source.output.empty();
  await source.sent(41);
  await source.drain();
  const expected = ['full', ...Array.from({ length: 20 }, (_, file) => lines(file, 0, 2)).flat()];
  assert.deepEqual(source.bodies.toSorted(), expected.toSorted());
  assert.equal(source.sum('pillion_source_gone_bytes_total'), 0);
});

test('DEL-04 a file that is deleted while it has no handle: what was unread in it is counted', async (t) => {
  const { at, include } = logs(t);
  const source = startFileSource(t, { options: { include, max_open_files: 4 }, output: { poolSize: 1 } });
  for (let file = 0; file < 20; file++) writeFileSync(at(`${file}.log`), 'one\n');
  await source.sent(20);
  source.output.isFull = true;
  writeFileSync(at('full.log'), 'full\n');
  await source.sent(21);
  for (let file = 0; file < 20; file++) appendFileSync(at(`${file}.log`), 'two\n');
  await until('it is seen', () => source.sum('pillion_source_unread_bytes') === 80);
  for (let file = 0; file < 20; file++) rmSync(at(`${file}.log`));
  await until('the loss is seen', () => source.sum('pillion_source_gone_bytes_total', { reason: 'deleted' }) >= 64);
  source.output.empty();
  await source.drain();
  const delivered = source.bodies.filter((body) => body === 'two').length;
  assert.equal(source.sum('pillion_source_gone_bytes_total'), 80 - 4 * delivered);
  assert.ok(delivered <= 4);
});

test('FAI-02 BPR-02 deleted files with unread content keep their handles while others can do without', async (t) => {
  const { at, include } = logs(t);
  const source = startFileSource(t, {
    options: { include, max_open_files: 10, rotate_wait: '50ms' },
    output: { poolSize: 1 },
  });
  source.output.isFull = true;
  writeFileSync(at('first.log'), 'first\n');
  await source.sent(1);
  for (let i = 0; i < 5; i++) writeFileSync(at(`deleted-${i}.log`), `deleted ${i}\n`);
  await until('they are open', () => source.sum('pillion_source_files') === 6);
  for (let i = 0; i < 5; i++) rmSync(at(`deleted-${i}.log`));
  await until('their deletion is seen', () => source.sum('pillion_source_deleted_files') === 5);
  assert.equal(source.sum('pillion_source_deleted_bytes'), 5 * 'deleted 0\n'.length);
  await until('their age is seen', () => source.sum('pillion_source_deleted_oldest_seconds') > 0);
  for (let i = 0; i < 50; i++) writeFileSync(at(`${i}.log`), `kept ${i}\n`);
  await until('all are followed', () => source.sum('pillion_source_files') === 56);
  source.output.empty();
  await source.sent(56);
  await until('what is deleted is let go', () => source.sum('pillion_source_deleted_files') === 0);
  assert.equal(source.sum('pillion_source_gone_bytes_total'), 0);
  assert.equal(new Set(source.bodies).size, 56);
});

for (const { name, options, reason, kept } of [
  {
    name: 'more deleted files than handles: the oldest are given up',
    options: { max_open_files: 6 },
    reason: 'handle_limit',
    // One handle is taken by the file that is followed.
    kept: 5,
  },
  {
    name: 'deleted files beyond max_deleted_size: the oldest are given up',
    options: { max_deleted_size: '900B' },
    reason: 'space_policy',
    kept: 9,
  },
]) {
  test(`BPR-03 DSK-05 ${name}, and what was unread in them is counted exactly`, async (t) => {
    const { at } = logs(t);
    const path = at('app.log');
    const include = [path];
    const setup = { options: { include, rotate_wait: '50ms', ...options }, output: { poolSize: 1 } };
    const source = startFileSource(t, setup);
    source.output.isFull = true;
    writeFileSync(path, `${'-'.repeat(99)}\n`);
    await source.sent(1);
    const names = Array.from({ length: 20 }, (_, i) => `${i}`.padStart(99, '.'));
    for (const [i, line] of names.entries()) {
      rmSync(path);
      writeFileSync(path, `${line}\n`);
      await until(
        'it is followed',
        () => source.messages.filter((text) => text === 'Reading a file.').length === i + 2,
      );
    }
    rmSync(path);
    writeFileSync(path, 'last\n');
    await until(
      'the last is followed',
      () => source.messages.filter((text) => text === 'Reading a file.').length === 22,
    );
    const unread = 20 * 100;
    await until('the limit is kept', () => source.sum('pillion_source_deleted_files') <= kept);
    const gone = source.sum('pillion_source_gone_bytes_total', { reason });
    assert.ok(gone > 0 && gone % 100 === 0);
    assert.ok(source.log.some(({ level, msg }) => level === 'error' && String(msg).includes('given up')));
    source.output.empty();
    await source.sent(1 + (unread - gone) / 100 + 1);
    await source.drain();
    const expected = [...names.slice(gone / 100), 'last'];
    assert.deepEqual(source.bodies.slice(1).toSorted(), expected.toSorted(), 'the youngest are delivered');
    assert.equal(source.sum('pillion_source_gone_bytes_total'), gone, 'and nothing else is lost');
  });
}

test('BPR-07 no handles left: opening waits, no file is taken for deleted, and it heals', async (t) => {
  const { at, include } = logs(t);
  const options = { include, max_open_files: 8 };
  const expected: string[] = [];
  const write = (file: number, from: number, to: number): void => {
    expected.push(...lines(file, from, to));
    appendFileSync(at(`${file}.log`), textOf(lines(file, from, to)));
  };
  for (let file = 0; file < 20; file++) write(file, 0, 1);
  const source = startFileSource(t, { options });
  await source.sent(20);
  const taken: number[] = [];
  const release = (): void => {
    for (const descriptor of taken.splice(0)) closeSync(descriptor);
  };
  t.after(release);
  // What a write needs is kept, and everything else taken, again and again.
  const writers = Array.from({ length: 20 }, (_, file) => openSync(at(`${file}.log`), 'a'));
  const next = openSync(at('20.log'), 'a');
  for (const text of ['a', 'b']) {
    takeAll(taken);
    for (const [file, writer] of writers.entries()) {
      const line = `${file}.${text}`;
      expected.push(line);
      appendFileSync(writer, `${line}\n`);
    }
    appendFileSync(next, `20.${text}\n`);
    expected.push(`20.${text}`);
    await until('there is no handle to be had', () => {
      takeAll(taken);
      return source.messages.includes('No file can be opened now.');
    });
    release();
    await until('it heals', () => source.bodies.length >= expected.length);
  }
  for (const writer of [...writers, next]) closeSync(writer);
  await source.drain();
  assert.deepEqual(source.bodies.toSorted(), expected.toSorted());
  const alarming = source.messages.filter((text) => /deleted|renamed|gone|truncated/.test(String(text)));
  assert.deepEqual(alarming, []);
  assert.ok(statSync(at('20.log')).size > 0);
});

/** Takes every handle that the process can still have. */
function takeAll(taken: number[]): void {
  try {
    for (;;) taken.push(openSync('/dev/null', 'r'));
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'EMFILE');
  }
}
