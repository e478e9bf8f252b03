import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { stateOf, watchConfig } from '../../src/agent/config-watch.ts';
import { FakeClock } from '../../src/core/fake-clock.ts';
import { temporaryFolder, until } from '../harness/files.ts';

/** Watches files until the test ends; time passes while `changed()` waits. */
async function setWatch(t: TestContext, files: string[], known?: ReadonlyMap<string, string>) {
  const seen = known ?? (await stateOf(files));
  const clock = new FakeClock();
  const end = new AbortController();
  let changes = 0;
  const watching = watchConfig({
    files: () => files,
    seen,
    onChange: async () => {
      changes++;
    },
    clock,
    signal: end.signal,
  });
  t.after(() => {
    end.abort();
    return watching;
  });
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 50) {
      await clock.advance(50);
      // Files are looked at by the system's threads.
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  const changed = async (count: number): Promise<void> => {
    await until(`it is told of ${count} changes`, async () => {
      await pass(50);
      return changes >= count;
    });
    await pass(5000);
    assert.equal(changes, count);
  };
  await pass(100);
  return { changed, pass };
}

test('watchConfig() tells of a file that is written, renamed into place, and of another one that is named', async (t) => {
  const folder = temporaryFolder(t);
  const [path, other] = [join(folder, 'pillion.yaml'), join(folder, 'app.yaml')];
  writeFileSync(path, '1');
  const { changed } = await setWatch(t, [path, other]);
  writeFileSync(path, '12');
  await changed(1);
  writeFileSync(join(folder, 'next'), '12');
  renameSync(join(folder, 'next'), path);
  await changed(2);
  writeFileSync(other, '1');
  await changed(3);
});

test('watchConfig() waits while a file is being written, and says nothing while it is away', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'pillion.yaml');
  writeFileSync(path, '1');
  const { changed, pass } = await setWatch(t, [path]);
  for (let part = 0; part < 10; part++) {
    writeFileSync(path, '1'.repeat(part + 2));
    await pass(150);
  }
  await changed(1);
  rmSync(path);
  await pass(5000);
  writeFileSync(path, '3');
  await changed(2);
});

test('watchConfig() tells of links on the way to a file that lead elsewhere, deep or near', async (t) => {
  const folder = temporaryFolder(t);
  for (const version of ['1', '2', '3']) {
    mkdirSync(join(folder, version, 'deploy'), { recursive: true });
    writeFileSync(join(folder, version, 'deploy', 'pillion.yaml'), 'same');
  }
  const swapTo = (version: string): void => {
    symlinkSync(version, join(folder, 'next'));
    renameSync(join(folder, 'next'), join(folder, 'current'));
  };
  swapTo('1');
  const { changed } = await setWatch(t, [join(folder, 'current/deploy/pillion.yaml')]);
  swapTo('2');
  await changed(1);
  swapTo('3');
  await changed(2);
});

test('watchConfig() tells of what changed between the reading of a file and its own start', async (t) => {
  const path = join(temporaryFolder(t), 'pillion.yaml');
  writeFileSync(path, '1');
  const seen = await stateOf([path]);
  writeFileSync(path, '12');
  const { changed } = await setWatch(t, [path], seen);
  await changed(1);
});
