import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { CheckpointFile } from '../../src/checkpoint/checkpoint-file.ts';
import { encodeCheckpoint } from '../../src/checkpoint/checkpoint-format.ts';
import { systemFiles } from '../../src/checkpoint/file-system.ts';
import { temporaryFolder } from '../harness/files.ts';

function checkpointFile(t: TestContext) {
  const folder = temporaryFolder(t);
  return { folder, file: new CheckpointFile(folder, systemFiles) };
}

const first = encodeCheckpoint(new Map([['a', 1]]));
const second = encodeCheckpoint(new Map([['a', 2]]));

test('write() replaces the checkpoint, and read() gives it back', async (t) => {
  const { folder, file } = checkpointFile(t);
  assert.equal(await file.read(), undefined);
  await file.write(first);
  await file.write(second);
  assert.deepEqual(await file.read(), { kind: 'valid', sections: new Map([['a', 2]]) });
  assert.deepEqual(readdirSync(folder), ['checkpoint'], 'nothing is left over');
});

test('write() takes the place of what a crash has left half written', async (t) => {
  const { folder, file } = checkpointFile(t);
  await file.write(first);
  writeFileSync(join(folder, 'checkpoint.new'), 'pillion-checkpoint 1 99');
  assert.equal((await file.read())?.kind, 'valid');
  await file.write(second);
  assert.deepEqual(readdirSync(folder), ['checkpoint']);
});

test('SEC-10 write() does not follow a planted link, neither at the name nor at the temporary one', async (t) => {
  const { folder, file } = checkpointFile(t);
  const target = join(temporaryFolder(t), 'precious');
  writeFileSync(target, 'precious');
  symlinkSync(target, join(folder, 'checkpoint'));
  symlinkSync(target, join(folder, 'checkpoint.new'));
  assert.deepEqual(await file.read(), { kind: 'unusable', reason: 'it is a symbolic link' });
  await file.write(first);
  assert.equal(readFileSync(target, 'utf8'), 'precious');
  assert.equal((await file.read())?.kind, 'valid');
});

test('write() that fails leaves the checkpoint before it valid', async (t) => {
  const { folder, file } = checkpointFile(t);
  await file.write(first);
  // A folder in the place of the temporary file cannot be removed as a file, also not by root.
  mkdirSync(join(folder, 'checkpoint.new', 'x'), { recursive: true });
  await assert.rejects(file.write(second));
  assert.deepEqual(await file.read(), { kind: 'valid', sections: new Map([['a', 1]]) });
});

test('read() takes a folder in the place of the checkpoint for unusable', async (t) => {
  const { folder, file } = checkpointFile(t);
  mkdirSync(join(folder, 'checkpoint'));
  assert.deepEqual(await file.read(), { kind: 'unusable', reason: 'it is not a regular file' });
});

test('CKP-02 setAside() keeps the last three', async (t) => {
  const { folder, file } = checkpointFile(t);
  for (let n = 1; n <= 5; n++) {
    writeFileSync(join(folder, 'checkpoint'), `bad ${n}`);
    assert.equal(await file.setAside(), join(folder, 'checkpoint.unusable.1'));
  }
  assert.ok(!existsSync(join(folder, 'checkpoint')));
  const kept = readdirSync(folder).sort();
  assert.deepEqual(kept, ['checkpoint.unusable.1', 'checkpoint.unusable.2', 'checkpoint.unusable.3']);
  assert.deepEqual(
    kept.map((name) => readFileSync(join(folder, name), 'utf8')),
    ['bad 5', 'bad 4', 'bad 3'],
  );
});
