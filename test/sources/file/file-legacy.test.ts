import assert from 'node:assert/strict';
import {
  appendFileSync,
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startFileSource, temporaryFolder, until } from '../../harness/files.ts';

const limit = { timeout: 30_000 };

/** The offsets that a section holds. */
function offsetsIn(stored: unknown): number[] {
  return (stored as { streams: { offset: number }[] }).streams.map(({ offset }) => offset);
}

/** How many handles of the process lead to a file of that name. */
function handlesOn(name: string): number {
  const { readlinkSync } = process.getBuiltinModule('node:fs');
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).includes(name);
    } catch {
      return false;
    }
  }).length;
}

const noProc = existsSync('/proc/self/fd') ? false : 'platform: there is no /proc';

test(
  'bequeath() leaves files open, with what is on its way: the other source reads on at the next byte',
  limit,
  async (t) => {
    const path = join(temporaryFolder(t), 'app.log');
    writeFileSync(path, 'one\ntwo\n');
    const writer = openSync(path, 'a');
    t.after(() => closeSync(writer));
    const options = { include: [path] };
    const first = startFileSource(t, { options, output: { leases: 'held' } });
    await first.sent(2);
    const predecessor = await first.leave('read');
    // Nobody but the handle has the file any more.
    rmSync(path);
    writeSync(writer, 'three\n');
    const second = startFileSource(t, { options, restored: first.section.stored, predecessor });
    await second.sent(1);
    assert.deepEqual(second.bodies, ['three']);
    // Answers that come late move the offset of the one that goes on.
    assert.deepEqual(offsetsIn(second.section.stored), [0]);
    for (const lease of first.output.leases) lease.settle('delivered');
    assert.deepEqual(offsetsIn(second.section.stored), [14]);
    await second.drain();
    assert.deepEqual(second.bodies, ['three']);
  },
);

test(
  'bequeath() at what is committed has what was given up read again, from files without a name, too',
  limit,
  async (t) => {
    const path = join(temporaryFolder(t), 'app.log');
    writeFileSync(path, 'one\ntwo\n');
    const options = { include: [path] };
    const first = startFileSource(t, { options, output: { leases: 'held' } });
    await first.sent(2);
    first.output.leases[0]!.settle('delivered');
    appendFileSync(path, 'three\n');
    await first.sent(3);
    rmSync(path);
    first.output.leases[1]!.settle('abandoned');
    const predecessor = await first.leave('committed');
    const second = startFileSource(t, { options, restored: first.section.stored, predecessor });
    await second.sent(1);
    await second.drain();
    assert.deepEqual(second.bodies, ['three']);
  },
);

test('bequeath() gives up files that the other source does not read, and leaves no handle open', {
  ...limit,
  skip: noProc,
}, async (t) => {
  const folder = temporaryFolder(t);
  for (const name of ['kept', 'left']) writeFileSync(join(folder, `${name}.log`), `of ${name}\n`);
  const first = startFileSource(t, { options: { include: [join(folder, '*.log')] } });
  await first.sent(2);
  assert.equal(handlesOn(folder), 2);
  const predecessor = await first.leave('read');
  const include = [join(folder, 'kept.log')];
  const second = startFileSource(t, { options: { include }, restored: first.section.stored, predecessor });
  predecessor.legacy.close();
  await until('it has looked', () => second.hasStarted);
  assert.equal(handlesOn('left.log'), 0);
  assert.equal(handlesOn('kept.log'), 1);
  appendFileSync(include[0]!, 'more\n');
  appendFileSync(join(folder, 'left.log'), 'more\n');
  await second.sent(1);
  await second.drain();
  assert.deepEqual(second.bodies, ['more']);
});

test('a legacy can be copied for several sources, each with handles of its own', {
  ...limit,
  skip: noProc,
}, async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'app.log');
  writeFileSync(path, 'one\n');
  const options = { include: [path] };
  const first = startFileSource(t, { options, output: { leases: 'held' } });
  await first.sent(1);
  rmSync(path);
  const { legacy, ledger } = await first.leave('committed');
  const copy = legacy.copy();
  assert.equal(handlesOn(folder), 2);
  const restored = first.section.stored;
  const books = JSON.parse(JSON.stringify(ledger.toStored())) as unknown;
  const second = startFileSource(t, { options, restored, predecessor: { legacy, ledger } });
  await second.sent(1);
  await second.drain();
  const third = startFileSource(t, { options, restored, books, predecessor: { legacy: copy, ledger: first.ledger } });
  await third.sent(1);
  assert.deepEqual([second.bodies, third.bodies], [['one'], ['one']]);
});

test('a rotation while one source takes the place of another is read in order, each line once', limit, async (t) => {
  const path = join(temporaryFolder(t), 'app.log');
  writeFileSync(path, 'one\n');
  const options = { include: [path], rotate_wait: '50ms' };
  const first = startFileSource(t, { options });
  await first.sent(1);
  const predecessor = await first.leave('read');
  appendFileSync(path, 'two\n');
  renameSync(path, `${path}.1`);
  writeFileSync(path, 'three\n');
  const second = startFileSource(t, { options, restored: first.section.stored, predecessor });
  await second.sent(2);
  await second.drain();
  assert.deepEqual(second.bodies, ['two', 'three']);
});
