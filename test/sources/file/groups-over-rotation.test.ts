import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, realpathSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { RecordFlag } from '../../../src/core/record-batch.ts';
import { type RunningFileSource, startFileSource, temporaryFolder, until } from '../../harness/files.ts';

const { Unterminated } = RecordFlag;

const CRI = '2026-01-02T03:04:05Z ';
const MULTILINE = { start: '^\\d', flush_after: '1d' };

/** A file that is to be rotated, of a source with these options. */
function setup(t: TestContext, content: string, more: object) {
  const path = join(temporaryFolder(t), 'app.log');
  writeFileSync(path, content);
  const options = { include: [path], rotate_wait: '1d', ...more };
  const rotate = (successor: string): void => {
    renameSync(path, `${path}.1`);
    writeFileSync(path, successor);
  };
  return { path, options, rotate };
}

/** The committed offsets of the files, the oldest first. */
function offsets(source: RunningFileSource): number[] {
  const { streams } = source.section.stored as { streams: { offset: number; bornNs: string }[] };
  return streams.toSorted((a, b) => Number(BigInt(a.bornNs) - BigInt(b.bornNs))).map(({ offset }) => offset);
}

async function allSeen(source: RunningFileSource, count: number): Promise<void> {
  await until('all files were seen', () => {
    const { streams } = source.section.stored as { streams: { size: number }[] };
    return streams.length === count && streams.every(({ size }) => size > 0);
  });
}

test('MUL-05 a group that goes on in the successor is one record, and the offsets of both files wait for it', async (t) => {
  const { path, options, rotate } = setup(t, '0 x\n1 a\n b\n', { multiline: MULTILINE });
  const source = startFileSource(t, { options, output: { leases: 'held' } });
  await source.sent(1);
  source.output.leases[0]!.settle('delivered');
  rotate(' c\n');
  await allSeen(source, 2);
  appendFileSync(path, ' d\n2 e\n');
  await source.sent(2);
  assert.deepEqual(source.bodies, ['0 x', '1 a\n b\n c\n d']);
  assert.deepEqual(offsets(source), [4, 0]);
  source.output.leases[1]!.settle('delivered');
  assert.deepEqual(offsets(source), [11, 6]);
  assert.equal(source.sum('pillion_source_read_bytes_total'), 4 + 7 + 6);
});

test('MUL-05 a group that the successor does not go on with ends before it', async (t) => {
  const { options, rotate } = setup(t, '1 a\n b\n', { multiline: MULTILINE });
  const source = startFileSource(t, { options });
  await allSeen(source, 1);
  rotate('2 c\n d\n3 e\n');
  await source.sent(2);
  await source.drain();
  assert.deepEqual(source.bodies, ['1 a\n b', '2 c\n d', '3 e']);
});

test('MUL-05 a group whose successor never comes goes out when the file is finished', async (t) => {
  const { path, options } = setup(t, '1 a\n b\n', { multiline: MULTILINE, rotate_wait: '20ms' });
  const source = startFileSource(t, { options });
  await allSeen(source, 1);
  renameSync(path, `${path}.1`);
  await source.sent(1);
  assert.deepEqual(source.bodies, ['1 a\n b']);
});

test('DRN-02 MUL-05 a group in two files that stays open goes out as one at the end', async (t) => {
  const { options, rotate } = setup(t, '1 a\n b\n', { multiline: MULTILINE });
  const source = startFileSource(t, { options });
  await allSeen(source, 1);
  rotate(' c\n');
  await allSeen(source, 2);
  await source.drain();
  assert.deepEqual(source.bodies, ['1 a\n b\n c']);
});

test('MUL-05 a group in two files that stays open goes out as one when nothing comes', async (t) => {
  const { path, options, rotate } = setup(t, '1 a\n b\n', { multiline: { ...MULTILINE, flush_after: '300ms' } });
  const source = startFileSource(t, { options });
  await allSeen(source, 1);
  rotate(' c\n');
  await source.sent(1);
  appendFileSync(path, ' d\n2 e\n');
  await source.sent(2);
  assert.deepEqual(source.bodies, ['1 a\n b\n c', ' d']);
});

test('MUL-05 CRI-03 what is open over a rotation is joined after a restart, too', async (t) => {
  const { options, rotate } = setup(t, `${CRI}stdout F 1 a\n${CRI}stdout P  b\n`, { multiline: MULTILINE });
  const first = startFileSource(t, { options });
  await allSeen(first, 1);
  await first.stop();
  rotate(`${CRI}stdout F c\n${CRI}stdout F 2 d\n`);
  const second = startFileSource(t, { options, restored: first.section.stored });
  await second.sent(1);
  await second.drain();
  assert.deepEqual(second.bodies, ['1 a\n bc', '2 d']);
});

test('CRI-03 parts that begin in the rotated file and end in the next are one record, whatever stands between', async (t) => {
  const old = `${CRI}stdout P ab\n`;
  const heads = [`${CRI}stderr F x\n${CRI}stdout P cd\n`, `${CRI}stderr F y\n${CRI}stdout F ef\n`] as const;
  const { path, options, rotate } = setup(t, old, {});
  const source = startFileSource(t, { options, output: { leases: 'held' } });
  await allSeen(source, 1);
  rotate(heads[0]);
  await allSeen(source, 2);
  assert.deepEqual(source.bodies, []);
  appendFileSync(path, heads[1]);
  await source.sent(3);
  assert.deepEqual(source.bodies.toSorted(), ['abcdef', 'x', 'y']);
  assert.deepEqual(offsets(source), [0, 0]);
  for (const lease of source.output.leases) lease.settle('delivered');
  assert.deepEqual(offsets(source), [old.length, heads.join('').length]);
});

test('CRI-03 parts whose end is not in the next file are a record when their file is finished', async (t) => {
  const { options, rotate } = setup(t, `${CRI}stdout P ab\n`, { rotate_wait: '50ms' });
  const source = startFileSource(t, { options });
  await allSeen(source, 1);
  rotate(`${CRI}stderr F x\n`);
  await source.sent(2);
  const records = source.output.records.map(({ body, flags }) => [body, flags]);
  assert.deepEqual(records.toSorted(), [
    ['ab', Unterminated],
    ['x', 0],
  ]);
});

test('ROT-07 an unfinished line is not joined to the first line of the successor, nor is the group before it', async (t) => {
  const { options, rotate } = setup(t, '1 a\n unfinished', { multiline: MULTILINE, rotate_wait: '50ms' });
  const source = startFileSource(t, { options });
  await allSeen(source, 1);
  rotate(' c\n2 d\n3 e\n');
  await source.sent(3);
  const records = source.output.records.map(({ body, flags }) => [body, flags]);
  assert.deepEqual(records.toSorted(), [
    [' c', 0],
    ['1 a\n unfinished', Unterminated],
    ['2 d', 0],
  ]);
});

test('CRI-08 files that the kubelet rotates under dated names, behind links, give every line once', async (t) => {
  const root = realpathSync(temporaryFolder(t));
  const pod = join(root, 'pods', 'shop_checkout-1_8f14', 'checkout');
  const containers = join(root, 'containers');
  for (const folder of [pod, containers]) mkdirSync(folder, { recursive: true });
  const path = join(pod, '0.log');
  symlinkSync(path, join(containers, 'checkout-1_shop_checkout-0a1b.log'));
  writeFileSync(path, '');
  const options = { include: [join(containers, '*.log')], allowed_roots: [join(root, 'pods')], rotate_wait: '1d' };
  const source = startFileSource(t, { options });
  const expected: string[] = [];
  for (let generation = 0; generation < 4; generation++) {
    for (let line = 0; line < 20; line++) {
      appendFileSync(path, `${CRI}stdout F line ${generation}.${line}\n`);
      expected.push(`line ${generation}.${line}`);
    }
    // The last line of each file goes on in the next one.
    appendFileSync(path, `${CRI}stdout P first half, `);
    appendFileSync(path, '\n');
    await source.sent(expected.length);
    renameSync(path, `${path}.20260102-03040${generation}`);
    writeFileSync(path, `${CRI}stdout F second half\n`);
    expected.push('first half, second half');
    await source.sent(expected.length);
  }
  await source.drain();
  assert.deepEqual(source.bodies, expected);
});
