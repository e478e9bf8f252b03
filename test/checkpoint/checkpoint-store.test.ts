import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { CheckpointStore } from '../../src/checkpoint/checkpoint-store.ts';
import { OperatorError } from '../../src/core/errors.ts';
import { FakeClock } from '../../src/core/fake-clock.ts';
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

async function openStore(t: TestContext, folder: string, clock = new FakeClock()) {
  const reports = new Reports();
  const store = await CheckpointStore.open({ folder, clock, reports });
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (isOpen) await store.close();
    isOpen = false;
  };
  t.after(close);
  return { store, reports, clock, close, counts: reports.counts };
}

/** What the file holds of a section now. */
function storedIn(folder: string, section: string): unknown {
  const [, json] = readFileSync(join(folder, 'checkpoint'), 'utf8').split('\n');
  return (JSON.parse(json!) as { sections: Record<string, unknown> }).sections[section];
}

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

test('touch() writes the first change at once, then once in half a second, and nothing while idle', async (t) => {
  const { store, clock, counts } = await openStore(t, temporaryFolder(t));
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

test('a write that fails is counted, said once, and tried again after the interval', async (t) => {
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
  rmSync(join(folder, 'checkpoint.new'), { recursive: true });
  await clock.untilSleeping();
  await clock.advance(500);
  await until('it was written', () => counts.writes === 2);
  assert.equal(storedIn(folder, 'a'), 2);
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
  test(`open() sets a checkpoint aside that is ${name}, with one error, and goes on`, async (t) => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, 'checkpoint'), bytes);
    const { store, reports } = await openStore(t, folder);
    const section = store.section('a');
    assert.equal(section.restored, null, 'null: this is no first start');
    assert.deepEqual(reports.lines, [
      'error The checkpoint cannot be used: everything is read again from its beginning.',
    ]);
    assert.equal(readFileSync(join(folder, 'checkpoint.unusable.1'), 'utf8'), bytes);
    section.provide(() => 1);
    section.touch();
    assert.equal(await store.flush(), true);
    assert.equal(storedIn(folder, 'a'), 1);
  });
}

test('open() refuses a folder that cannot be used, naming it', async (t) => {
  const folder = join(temporaryFolder(t), 'file');
  writeFileSync(folder, '');
  await assert.rejects(openStore(t, folder), (error: unknown) => {
    assert.ok(error instanceof OperatorError);
    assert.equal(error.code, 'ERR_STATE_WRITE');
    assert.ok(error.message.includes(folder));
    return true;
  });
});

test('open() refuses the folder of a living agent and leaves everything as it is', async (t) => {
  const folder = temporaryFolder(t);
  const { store } = await openStore(t, folder);
  const before = readdirSync(folder);
  await assert.rejects(openStore(t, folder), { code: 'ERR_STATE_LOCKED' });
  assert.deepEqual(readdirSync(folder), before);
  assert.ok(!existsSync(join(folder, 'checkpoint')));
  assert.equal(await store.flush(), true);
});
