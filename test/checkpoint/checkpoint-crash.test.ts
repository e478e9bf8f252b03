import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { CheckpointFile } from '../../src/checkpoint/checkpoint-file.ts';
import { encodeCheckpoint } from '../../src/checkpoint/checkpoint-format.ts';
import { systemFiles } from '../../src/checkpoint/file-system.ts';
import { FaultyFiles, makeFolderOf } from '../harness/faulty-files.ts';
import { temporaryFolder } from '../harness/files.ts';

const before = encodeCheckpoint(new Map([['life', 'before']]));
const after = encodeCheckpoint(
  new Map([
    ['life', 'after'],
    ['more', 'x'.repeat(1000)],
  ]),
);

/** The system calls of a write, in their order. A crash can come before each, and after the last. */
const CALLS = [
  'open checkpoint.new',
  'write checkpoint.new',
  'sync checkpoint.new',
  'close checkpoint.new',
  'rename checkpoint.new checkpoint',
  'open state',
  'sync folder',
  'close state',
];
const RENAME = CALLS.findIndex((call) => call.startsWith('rename'));
const SYNC_FOLDER = CALLS.indexOf('sync folder');

/** Where a process dies: before the call with that index, or half-way in it. */
const CRASHES = [
  ...CALLS.map((call, index) => ({ name: `before "${call}"`, index, fault: 'die' as const })),
  { name: 'half-way in the temporary file', index: 1, fault: 'die_half_way' as const },
  { name: 'after the last call', index: CALLS.length, fault: 'die' as const },
];

function stateFolder(parent: string, name = 'state'): string {
  return makeFolderOf(parent, name, new Map([['checkpoint', before]]));
}

/** Which life's checkpoint the folder holds, by the word of the next agent; asserts that nothing else is left over. */
async function lifeIn(folder: string): Promise<unknown> {
  const file = new CheckpointFile(folder, systemFiles);
  await file.prepare();
  const found = await file.read();
  assert.equal(found?.kind, 'valid');
  assert.deepEqual(readdirSync(folder), ['checkpoint'], 'leftovers are removed');
  return found?.kind === 'valid' && found.sections.get('life');
}

describe('CKP-01 write() leaves the old checkpoint or the new one, whole', () => {
  test('CKP-01 its calls are those that the tests below crash at', async (t) => {
    const files = new FaultyFiles();
    await new CheckpointFile(stateFolder(temporaryFolder(t)), files).write(after);
    assert.deepEqual(files.calls, CALLS);
  });

  for (const { name, index, fault } of CRASHES) {
    test(`CKP-01 when the process dies ${name}`, async (t) => {
      const parent = temporaryFolder(t);
      const folder = stateFolder(parent);
      const files = new FaultyFiles((_call, at) => (at === index ? fault : undefined));
      const written = new CheckpointFile(folder, files).write(after);
      if (index < CALLS.length) await assert.rejects(written, /died/);
      else await written;

      let powerLosses = 0;
      for (const content of files.afterPowerLoss(new Map([['checkpoint', before]]))) {
        const life = await lifeIn(makeFolderOf(parent, `power-loss-${powerLosses++}`, content));
        if (index <= RENAME) assert.equal(life, 'before', 'power loss before the rename');
        if (index > SYNC_FOLDER) assert.equal(life, 'after', 'power loss after the sync of the folder');
      }
      assert.ok(powerLosses > 0);
      assert.equal(await lifeIn(folder), index > RENAME ? 'after' : 'before');
    });
  }
});

test('CKP-01 write() killed by SIGKILL at any of its calls leaves the old checkpoint or the new one', async (t) => {
  const parent = temporaryFolder(t);
  const script = `
    const { CheckpointFile } = await import(${JSON.stringify(new URL('../../src/checkpoint/checkpoint-file.ts', import.meta.url))});
    const { FaultyFiles } = await import(${JSON.stringify(new URL('../harness/faulty-files.ts', import.meta.url))});
    const { readFileSync } = await import('node:fs');
    const [folder, at, bytes] = process.argv.slice(1);
    const files = new FaultyFiles((_call, index) => {
      if (index === Number(at)) process.kill(process.pid, 'SIGKILL');
    });
    await new CheckpointFile(folder, files).write(Buffer.from(bytes, 'base64'));`;
  for (const [index, call] of CALLS.entries()) {
    const folder = stateFolder(parent, `state-${index}`);
    const args = ['--input-type=module', '-e', script, folder, String(index), after.toString('base64')];
    const child = spawn(process.execPath, args, { stdio: 'inherit' });
    assert.deepEqual(await once(child, 'exit'), [null, 'SIGKILL'], `killed before ${call}`);
    assert.equal(await lifeIn(folder), index > RENAME ? 'after' : 'before', call);
  }
});

describe('CKP-05 a call that fails', () => {
  for (const [index, call] of CALLS.entries()) {
    for (const code of ['ENOSPC', 'EIO']) {
      test(`CKP-05 ${code} from "${call}" leaves a valid checkpoint, nothing in the way, and the next write heals it`, async (t) => {
        const folder = stateFolder(temporaryFolder(t));
        const files = new FaultyFiles((_call, at) => (at === index ? { fail: code } : undefined));
        const file = new CheckpointFile(folder, files);
        await assert.rejects(file.write(after), { code });
        const held = readFileSync(join(folder, 'checkpoint'));
        assert.ok(held.equals(index > RENAME ? after : before));
        assert.deepEqual(readdirSync(folder), ['checkpoint']);
        await file.write(after);
        assert.equal(await lifeIn(folder), 'after');
      });
    }
  }
});
