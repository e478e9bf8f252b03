import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { encodeCheckpoint } from '../../src/checkpoint/checkpoint-format.ts';
import { CheckpointStore } from '../../src/checkpoint/checkpoint-store.ts';
import { type FileSystem, systemFiles } from '../../src/checkpoint/file-system.ts';
import { OperatorError } from '../../src/core/errors.ts';
import { FakeClock } from '../../src/core/fake-clock.ts';
import { FaultyFiles } from '../harness/faulty-files.ts';
import { temporaryFolder, until } from '../harness/files.ts';

/** Collects what a store reports. */
class Reports {
  readonly lines: string[] = [];
  readonly counts = { writes: 0, failures: 0, unusable: 0 };
  readonly log = {
    info: (_fields: object, message: string) => void this.lines.push(`info ${message}`),
    warn: (_fields: object, message: string) => void this.lines.push(`warn ${message}`),
    error: (_fields: object, message: string) => void this.lines.push(`error ${message}`),
  };
  readonly writes = { add: (amount: number) => void (this.counts.writes += amount) };
  readonly failures = { add: (amount: number) => void (this.counts.failures += amount) };
  readonly unusable = { add: (amount: number) => void (this.counts.unusable += amount) };
}

async function openStore(t: TestContext, folder: string, files: FileSystem = systemFiles) {
  const reports = new Reports();
  const clock = new FakeClock();
  const store = await CheckpointStore.open({ folder, clock, reports, files });
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (isOpen) await store.close();
    isOpen = false;
  };
  t.after(close);
  return { store, reports, clock, close, counts: reports.counts };
}

/** A life that leaves a checkpoint. */
async function liveOnce(t: TestContext, folder: string): Promise<void> {
  const { store, close } = await openStore(t, folder);
  store.section('first').provide(() => 'life');
  store.section('first').touch();
  assert.equal(await store.flush(), true);
  await close();
}

/** What the file holds of a section now. */
function storedIn(folder: string, section: string): unknown {
  const [, json] = readFileSync(join(folder, 'checkpoint'), 'utf8').split('\n');
  return (JSON.parse(json!) as { sections: Record<string, unknown> }).sections[section];
}

test('a section lets go of what the last life stored, and holds what it gives', async (t) => {
  const folder = temporaryFolder(t);
  await liveOnce(t, folder);
  const { store } = await openStore(t, folder);
  const section = store.section('first');
  assert.equal(section.restored, 'life');
  section.provide(() => 'another life');
  section.forget?.();
  assert.equal(section.restored, undefined);
  assert.equal(store.section('first').restored, undefined);
  section.touch();
  assert.equal(await store.flush(), true);
  assert.equal(storedIn(folder, 'first'), 'another life');
});

test('section() gives back what the last life stored', async (t) => {
  const folder = join(temporaryFolder(t), 'made', 'on demand');
  const first = await openStore(t, folder);
  const section = first.store.section('source/app');
  assert.equal(section.restored, undefined);
  section.provide(() => ({ offset: 7 }));
  section.touch();
  assert.equal(await first.store.flush(), true);
  await first.close();
  const second = await openStore(t, folder);
  assert.deepEqual(second.store.section('source/app').restored, { offset: 7 });
  assert.equal(second.store.section('other').restored, undefined);
  assert.deepEqual(second.reports.lines, []);
});

test('peek() gives what is stored under a name and below it; what was forgotten is in no later write', async (t) => {
  const folder = temporaryFolder(t);
  const first = await openStore(t, folder);
  for (const name of ['source/app/a', 'source/app/b', 'source/apple', 'other']) {
    first.store.section(name).provide(() => name);
  }
  first.store.section('other').touch();
  assert.equal(await first.store.flush(), true);
  await first.close();

  const second = await openStore(t, folder);
  const taken = new Map(['source/app/a', 'source/app/b'].map((name) => [name, name]));
  assert.deepEqual(second.store.peek('source/app'), taken);
  second.store.section('source/app/a').provide(() => 'new');
  assert.deepEqual(second.store.peek('source/app'), new Map([...taken, ['source/app/a', 'new']]));
  for (const name of taken.keys()) second.store.forget(name);
  assert.deepEqual(second.store.peek('source/app'), new Map());
  const section = second.store.section('source/app', 'of a');
  assert.equal(section.restored, 'of a');
  section.touch();
  assert.equal(await second.store.flush(), true);
  const stored = ['source/app', 'source/app/a', 'source/app/b', 'source/apple', 'other'];
  const values = stored.map((name) => storedIn(folder, name));
  assert.deepEqual(values, ['of a', undefined, undefined, 'source/apple', 'other']);
});

test('section() keeps what nobody asks for in this life', async (t) => {
  const folder = temporaryFolder(t);
  const first = await openStore(t, folder);
  for (const name of ['a', 'b']) {
    const section = first.store.section(name);
    section.provide(() => name);
    section.touch();
  }
  await first.store.flush();
  await first.close();
  const second = await openStore(t, folder);
  const section = second.store.section('a');
  section.provide(() => 'new');
  section.touch();
  await second.store.flush();
  assert.equal(storedIn(folder, 'a'), 'new');
  assert.equal(storedIn(folder, 'b'), 'b');
});

test('CKP-11 touch() writes the first change at once, then once in half a second, and nothing while idle', async (t) => {
  const folder = temporaryFolder(t);
  await liveOnce(t, folder);
  const { store, clock, counts } = await openStore(t, folder);
  const section = store.section('a');
  let value = 0;
  section.provide(() => value);
  const change = (): void => {
    value++;
    section.touch();
  };
  change();
  change();
  await until('the first is written', () => counts.writes === 1);
  change();
  change();
  await clock.untilSleeping();
  await clock.advance(499);
  assert.equal(counts.writes, 1);
  await clock.advance(1);
  await until('the second is written', () => counts.writes === 2);
  await clock.advance(10_000);
  assert.equal(counts.writes, 2);
  change();
  await until('a change after a pause is written at once', () => counts.writes === 3);
});

test('CKP-11 touch() writes the first two changes at once where there was no checkpoint', async (t) => {
  const { store, clock, counts } = await openStore(t, temporaryFolder(t));
  const section = store.section('a');
  section.provide(() => 1);
  for (const writes of [1, 2]) {
    section.touch();
    await until('it is written', () => counts.writes === writes);
  }
  section.touch();
  await clock.untilSleeping();
  await clock.advance(499);
  assert.equal(counts.writes, 2);
  await clock.advance(1);
  await until('the third is written', () => counts.writes === 3);
});

test('flush() writes without waiting, and only what changed', async (t) => {
  const { store, counts } = await openStore(t, temporaryFolder(t));
  const section = store.section('a');
  section.provide(() => 1);
  assert.equal(await store.flush(), true);
  assert.equal(counts.writes, 0);
  section.touch();
  await store.flush();
  section.touch();
  await store.flush();
  assert.equal(counts.writes, 2);
});

test('CKP-05 a write that fails is counted, said once, and tried again after the interval', async (t) => {
  const folder = temporaryFolder(t);
  const { store, clock, counts, reports } = await openStore(t, folder);
  const section = store.section('a');
  let value = 1;
  section.provide(() => value);
  section.touch();
  await store.flush();
  // A folder in the place of the temporary file: a fault that also root meets.
  mkdirSync(join(folder, 'checkpoint.new', 'x'), { recursive: true });
  value = 2;
  section.touch();
  assert.equal(await store.flush(), false);
  await clock.untilSleeping();
  await clock.advance(500);
  await until('it was tried again', () => counts.failures === 2);
  assert.equal(storedIn(folder, 'a'), 1, 'the one before is valid');
  assert.equal(store.unsavedMs, 500, 'the age of the change that is not on disk');
  rmSync(join(folder, 'checkpoint.new'), { recursive: true });
  await clock.untilSleeping();
  await clock.advance(500);
  await until('it was written', () => counts.writes === 2);
  assert.equal(storedIn(folder, 'a'), 2);
  assert.equal(store.unsavedMs, 0);
  assert.deepEqual(reports.lines, [
    'warn The checkpoint cannot be written: until it can, a restart repeats more.',
    'info The checkpoint is written again.',
  ]);
});

test('close() writes nothing more, and does not wait for the interval', async (t) => {
  const { store, close, counts } = await openStore(t, temporaryFolder(t));
  const section = store.section('a');
  section.provide(() => 1);
  section.touch();
  await store.flush();
  section.touch();
  await close();
  section.touch();
  assert.equal(counts.writes, 1);
});

for (const { name, bytes } of [
  { name: 'empty', bytes: '' },
  { name: 'corrupt', bytes: 'pillion-checkpoint 1 2 00000000\n{}' },
  { name: 'too new', bytes: 'pillion-checkpoint 7 2 00000000\n{}' },
]) {
  test(`CKP-02 CKP-03 open() sets a checkpoint aside that is ${name}, with one error, and goes on`, async (t) => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, 'checkpoint'), bytes);
    const { store, reports } = await openStore(t, folder);
    const section = store.section('a');
    assert.equal(section.restored, null, 'null: this is no first start');
    assert.deepEqual(reports.lines, [
      'error The checkpoint cannot be used: everything is read again from its beginning.',
    ]);
    assert.equal(reports.counts.unusable, 1);
    assert.equal(readFileSync(join(folder, 'checkpoint.unusable.1'), 'utf8'), bytes, 'untouched');
    section.provide(() => 1);
    section.touch();
    assert.equal(await store.flush(), true);
    assert.equal(storedIn(folder, 'a'), 1);
  });
}

test('CKP-06 open() refuses a folder that cannot be used, naming it and the cure', async (t) => {
  const folder = join(temporaryFolder(t), 'file');
  writeFileSync(folder, '');
  await assert.rejects(openStore(t, folder), (error: unknown) => {
    assert.ok(error instanceof OperatorError);
    assert.equal(error.code, 'ERR_STATE_WRITE');
    assert.ok(error.message.startsWith(`Cannot use state folder "${folder}": EEXIST`), error.message);
    assert.match(error.hint ?? '', /Set "state" to a folder that this user can read and write/);
    return true;
  });
});

test('CKP-07 open() refuses the folder of a living agent and leaves everything as it is', async (t) => {
  const folder = temporaryFolder(t);
  const { store } = await openStore(t, folder);
  const before = readdirSync(folder);
  await assert.rejects(openStore(t, folder), { code: 'ERR_STATE_LOCKED' });
  assert.deepEqual(readdirSync(folder), before);
  assert.ok(!existsSync(join(folder, 'checkpoint')));
  assert.equal(await store.flush(), true);
});

test('CKP-06 a folder that becomes read-only is counted and said once, and written again within an interval', async (t) => {
  const folder = temporaryFolder(t);
  let isReadOnly = false;
  const files = new FaultyFiles((call) => (isReadOnly && /^open .*new$/.test(call) ? { fail: 'EROFS' } : undefined));
  const { store, clock, counts, reports } = await openStore(t, folder, files);
  const section = store.section('a');
  section.provide(() => counts.failures);
  isReadOnly = true;
  section.touch();
  for (let failures = 1; failures <= 4; failures++) {
    await until('it failed', () => counts.failures === failures);
    await clock.untilSleeping();
    assert.equal(store.unsavedMs, (failures - 1) * 500);
    await clock.advance(500);
  }
  isReadOnly = false;
  await until('the last attempt failed', () => counts.failures === 5);
  await clock.untilSleeping();
  await clock.advance(500);
  await until('it is written', () => counts.writes === 1);
  assert.equal(storedIn(folder, 'a'), 5);
  assert.equal(reports.lines.filter((line) => line.startsWith('warn')).length, 1);
});

test('CKP-09 a checkpoint that was deleted while the agent runs is written again at the next commit', async (t) => {
  const folder = temporaryFolder(t);
  const { store } = await openStore(t, folder);
  const section = store.section('a');
  section.provide(() => 'all of it');
  section.touch();
  await store.flush();
  rmSync(join(folder, 'checkpoint'));
  section.touch();
  assert.equal(await store.flush(), true);
  assert.equal(storedIn(folder, 'a'), 'all of it');
});

test('CKP-11 with 10,000 files, one of them busy, there is one write an interval, and none once it is idle', async (t) => {
  const folder = temporaryFolder(t);
  const { store, clock, counts } = await openStore(t, folder);
  const hash = '0123456789abcdef';
  const streams = Array.from({ length: 10_000 }, (_, i) => ({
    key: `1:${i}`,
    path: `/logs/${i}.log`,
    offset: 0,
    hash,
  }));
  const section = store.section('source/app');
  section.provide(() => ({ streams }));
  for (let ms = 0; ms < 3000; ms += 10) {
    streams[7]!.offset++;
    section.touch();
    await clock.advance(10);
    // The interval counts from the start of a write: each is given the time that it takes.
    await until('the write is through', () => store.unsavedMs === 0 || clock.sleeping > 0);
  }
  await clock.advance(500);
  await until('the last is written', () => store.unsavedMs === 0);
  const { writes } = counts;
  assert.ok(writes >= 5 && writes <= 1 + 3500 / 500, `${writes} writes`);
  assert.deepEqual((storedIn(folder, 'source/app') as { streams: unknown[] }).streams[7], streams[7]);
  await clock.advance(60_000);
  assert.equal(counts.writes, writes);
});

test('CKP-02 whatever happens to the bytes, the next life starts, says so once, and writes a valid one', async (t) => {
  const whole = encodeCheckpoint(new Map([['source/app', { streams: [{ key: '1:2', offset: 12_345 }] }]]));
  const damage = fc.oneof(
    fc.record({ flip: fc.nat(8 * whole.length - 1) }),
    fc.record({ cut: fc.nat(whole.length - 1) }),
    fc.record({ append: fc.uint8Array({ minLength: 1, maxLength: 50 }) }),
    fc.record({ replace: fc.uint8Array({ maxLength: 200 }) }),
  );
  const folder = temporaryFolder(t);
  await fc.assert(
    fc.asyncProperty(damage, async (damage) => {
      let bytes: Buffer = Buffer.from(whole);
      if ('flip' in damage) bytes[damage.flip >> 3]! ^= 1 << (damage.flip & 7);
      else if ('cut' in damage) bytes = bytes.subarray(0, damage.cut);
      else if ('append' in damage) bytes = Buffer.concat([bytes, damage.append]);
      else bytes = Buffer.from(damage.replace);
      writeFileSync(join(folder, 'checkpoint'), bytes);
      const first = await openStore(t, folder);
      const section = first.store.section('source/app');
      assert.equal(section.restored, null);
      assert.deepEqual([first.counts.unusable, first.reports.lines.length], [1, 1]);
      section.provide(() => 'valid');
      section.touch();
      assert.equal(await first.store.flush(), true);
      await first.close();
      const second = await openStore(t, folder);
      assert.equal(second.store.section('source/app').restored, 'valid');
      assert.deepEqual(second.reports.lines, []);
      await second.close();
      assert.ok(readdirSync(folder).length <= 4, 'a bounded number is set aside');
    }),
    { numRuns: 60 },
  );
});

test('SEC-10 planted things in the state folder are said, never followed, and never stop a start', async (t) => {
  const folder = temporaryFolder(t);
  const target = join(temporaryFolder(t), 'precious');
  writeFileSync(target, 'precious');
  symlinkSync(target, join(folder, 'checkpoint'));
  symlinkSync(target, join(folder, 'checkpoint.new'));
  const first = await openStore(t, folder);
  assert.deepEqual(first.reports.lines, [
    'warn Somebody put a link where the checkpoint is written: others can write there.',
    'error The checkpoint cannot be used: everything is read again from its beginning.',
  ]);
  first.store.section('a').touch();
  assert.equal(await first.store.flush(), true);
  await first.close();
  assert.equal(readFileSync(target, 'utf8'), 'precious');

  // More than any agent writes, which would fill the memory; and folders, which a rename cannot replace.
  rmSync(join(folder, 'checkpoint.unusable.1'));
  writeFileSync(join(folder, 'checkpoint'), '');
  truncateSync(join(folder, 'checkpoint'), 2 ** 40);
  for (const n of [1, 2, 3]) mkdirSync(join(folder, `checkpoint.unusable.${n}`, 'x'), { recursive: true });
  const second = await openStore(t, folder);
  assert.equal(second.counts.unusable, 1);
  second.store.section('a').touch();
  assert.equal(await second.store.flush(), true);
});
