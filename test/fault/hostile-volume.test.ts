import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { inspect } from 'node:util';
import { type RunningFileSource, startFileSource, temporaryFolder, until } from '../harness/files.ts';

const INSPECT = { depth: 10, maxArrayLength: null, maxStringLength: null };

const CANARY = 'canary-of-the-service-account';

/** A folder of logs, and one beside it that nobody may read from there. */
function volume(t: TestContext) {
  const parent = realpathSync(temporaryFolder(t));
  chmodSync(parent, 0o755);
  const folder = join(parent, 'logs');
  const outside = join(parent, 'outside');
  mkdirSync(folder);
  mkdirSync(outside);
  writeFileSync(join(outside, 'token'), `${CANARY}\n`);
  return { folder, outside, at: (name: string): string => join(folder, name) };
}

function refused(source: RunningFileSource, reason: string): number {
  return source.sum('pillion_source_refused_files_total', { reason });
}

function assertNoCanary(source: RunningFileSource): void {
  const everything = inspect(
    [source.output.records, source.log, source.section.stored, source.metrics.series()],
    INSPECT,
  );
  assert.ok(!everything.includes(CANARY), everything.slice(0, 500));
}

test('SEC-01 a link to a file outside is never read, wherever it leads', async (t) => {
  const { at, outside } = volume(t);
  symlinkSync(join(outside, 'token'), at('token.log'));
  symlinkSync('../outside/token', at('relative.log'));
  symlinkSync('/proc/self/environ', at('environ.log'));
  symlinkSync('token.log', at('chain.log'));
  symlinkSync(outside, at('folder'));
  writeFileSync(at('app.log'), 'one\n');
  process.env['PILLION_TEST_CANARY'] = CANARY;
  t.after(() => delete process.env['PILLION_TEST_CANARY']);
  const source = startFileSource(t, { options: { include: [at('**')] } });
  await source.drain();
  assert.deepEqual(source.bodies, ['one']);
  assert.equal(refused(source, 'symlink_outside'), 4);
  assert.equal(refused(source, 'not_regular'), 1, 'the link to a folder');
  assertNoCanary(source);
  const said = source.log.filter(({ msg }) => msg === 'A file is not read.').map(({ error }) => String(error));
  assert.ok(said.some((text) => text.includes('allowed_roots')));
});

test('SEC-01 a folder in which a pattern starts may be no link to elsewhere', async (t) => {
  const { at, outside } = volume(t);
  symlinkSync(outside, at('sub'));
  const source = startFileSource(t, { options: { include: [at('sub/*'), at('sub/token')] } });
  await until('it is refused', () => refused(source, 'symlink_outside') === 1);
  await source.drain();
  assert.deepEqual(source.bodies, []);
  assertNoCanary(source);
});

test('SEC-03 a file is one stream, whatever links and names lead to it', async (t) => {
  const { at } = volume(t);
  mkdirSync(at('data'));
  writeFileSync(at('data/real.log'), 'one\n');
  symlinkSync('data/real.log', at('a.log'));
  symlinkSync('a.log', at('b.log'));
  linkSync(at('data/real.log'), at('c.log'));
  const options = { include: [at('**/*.log')] };
  const source = startFileSource(t, { options });
  await source.sent(1);
  appendFileSync(at('a.log'), 'two\n');
  await source.sent(2);
  await source.drain();
  assert.deepEqual(source.bodies, ['one', 'two']);
  const restarted = startFileSource(t, { options, restored: source.section.stored });
  await restarted.drain();
  assert.deepEqual(restarted.bodies, []);
});

test('SEC-03 CRI-08 a link leads into an allowed root, and new lines behind it are seen by polling', async (t) => {
  const { at, outside } = volume(t);
  symlinkSync(join(outside, 'pod.log'), at('app.log'));
  writeFileSync(join(outside, 'pod.log'), 'one\n');
  const source = startFileSource(t, { options: { include: [at('*.log')], allowed_roots: [outside] } });
  await source.sent(1);
  // As the kubelet rotates: the link stays, what it leads to is renamed and made anew.
  renameSync(join(outside, 'pod.log'), join(outside, 'pod.log.20260101'));
  appendFileSync(join(outside, 'pod.log.20260101'), 'two\n');
  writeFileSync(join(outside, 'pod.log'), 'three\n');
  await source.sent(3);
  await source.drain();
  assert.deepEqual(source.bodies, ['one', 'two', 'three']);
  assert.equal(refused(source, 'symlink_outside'), 0);
});

for (const { name, glob } of [
  { name: 'only the link matches', glob: 'current.log' },
  { name: 'its targets match too', glob: '*.log' },
]) {
  test(`SEC-04 a link that is pointed at the next file: the old one to its end, then the new one, when ${name}`, async (t) => {
    const { at } = volume(t);
    const point = (target: string): void => {
      symlinkSync(target, at('next'));
      renameSync(at('next'), at('current.log'));
    };
    writeFileSync(at('app-1.log'), 'one\n');
    point('app-1.log');
    const source = startFileSource(t, { options: { include: [at(glob)], rotate_wait: '50ms' } });
    await source.sent(1);
    source.output.isFull = true;
    appendFileSync(at('app-1.log'), 'two\n');
    writeFileSync(at('app-2.log'), 'three\n');
    point('app-2.log');
    await until('both are followed', () => source.sum('pillion_source_files') === 2);
    source.output.empty();
    await source.sent(3);
    appendFileSync(at('current.log'), 'four\n');
    await source.drain();
    assert.deepEqual(source.bodies.toSorted(), ['four', 'one', 'three', 'two']);
    if (glob === 'current.log') assert.deepEqual(source.bodies, ['one', 'two', 'three', 'four']);
  });
}

test('SEC-05 dangling links, loops of links and of folders, and a tree 1,000 deep: other files are read', async (t) => {
  const { at } = volume(t);
  symlinkSync('nowhere', at('dangling.log'));
  symlinkSync('loop.log', at('loop.log'));
  symlinkSync('.', at('again'));
  // Deeper than a path can be long: made from inside.
  execFileSync('sh', ['-c', 'i=0; while [ $i -lt 1000 ]; do mkdir d && cd -P d && i=$((i+1)); done'], { cwd: at('.') });
  t.after(() => execFileSync('rm', ['-rf', at('d')]));
  writeFileSync(at('d/d/app.log'), 'one\n');
  const source = startFileSource(t, { options: { include: [at('**/*.log')] } });
  await source.drain();
  assert.deepEqual(source.bodies, ['one']);
  assert.equal(refused(source, 'not_regular'), 2);
  assert.equal(refused(source, 'too_many_files'), 1, 'what is below is not looked at, and that is said');
});

test('SEC-06 FIFOs, sockets, devices and folders do not hold others up', async (t) => {
  const { at } = volume(t);
  for (let i = 0; i < 20; i++) execFileSync('mkfifo', [at(`fifo-${i}.log`)]);
  mkdirSync(at('folder.log'));
  symlinkSync('/dev/zero', at('zero.log'));
  const server = createServer().listen(at('socket.log'));
  t.after(() => server.close());
  const source = startFileSource(t, { options: { include: [at('*.log')] } });
  await until('they are refused', () => refused(source, 'not_regular') === 23);
  const startMs = performance.now();
  writeFileSync(at('app.log'), 'one\n');
  await source.sent(1);
  assert.ok(performance.now() - startMs < 500);
});

test('SEC-07 an unreadable file is refused with its owner and the cure, and read once it can be', async (t) => {
  const { at } = volume(t);
  if (process.getuid?.() !== 0) return t.skip('platform: only root can become somebody who may not read');
  writeFileSync(at('app.log'), 'one\n', { mode: 0o600 });
  writeFileSync(at('open.log'), 'a\n');
  chownSync(at('app.log'), 4711, 4712);
  process.setegid?.(65534);
  process.seteuid?.(65534);
  try {
    await readsWhatItMay(t, at);
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
});

async function readsWhatItMay(t: TestContext, at: (name: string) => string): Promise<void> {
  const options = { include: [at('*.log')] };
  const source = startFileSource(t, { options });
  await until('it is refused', () => refused(source, 'unreadable') === 1);
  await source.sent(1);
  const [line] = source.log.filter(({ msg }) => msg === 'A file is not read.');
  assert.match(
    String(line?.['error']),
    /uid 4711 and gid 4712 with mode 0600, and the agent runs with uid 65534 and gid 65534; .*runAsUser/,
  );
  // A handle that is open goes on, whatever becomes of the rights.
  asRoot(() => chmodSync(at('open.log'), 0));
  asRoot(() => appendFileSync(at('open.log'), 'b\n'));
  await source.sent(2);
  // What is in the folder changes, so it is tried again; it is said once.
  writeFileAsRoot(at('other.log'), 'x\n');
  await source.sent(3);
  assert.equal(refused(source, 'unreadable'), 1);
  asRoot(() => chmodSync(at('app.log'), 0o644));
  writeFileAsRoot(at('another.log'), 'y\n');
  await source.sent(4);
  await until('it was read', async () => {
    // A refusal is tried again when the file has changed, or after ten seconds.
    asRoot(() => utimesSync(at('app.log'), 1, 1));
    writeFileAsRoot(at('nudge'), String(performance.now()));
    asRoot(() => rmSync(at('nudge')));
    return source.bodies.includes('one');
  });
  await source.stop();
  // Unreadable at the restart: its entry is kept, and it goes on where it was.
  const unreadable = startFileSource(t, { options, restored: source.section.stored });
  await until('it is refused', () => refused(unreadable, 'unreadable') === 1);
  await unreadable.stop();
  asRoot(() => chmodSync(at('open.log'), 0o644));
  asRoot(() => appendFileSync(at('open.log'), 'c\n'));
  const healed = startFileSource(t, { options, restored: unreadable.section.stored });
  await healed.drain();
  assert.deepEqual(healed.bodies, ['c']);
}

function asRoot(action: () => void): void {
  process.seteuid?.(0);
  process.setegid?.(0);
  try {
    action();
  } finally {
    process.setegid?.(65534);
    process.seteuid?.(65534);
  }
}

function writeFileAsRoot(path: string, text: string): void {
  asRoot(() => writeFileSync(path, text));
}

test('SEC-08 more files than max_files: the rest are refused, counted, and read as room comes', async (t) => {
  const { at } = volume(t);
  mkdirSync(at('flood'));
  mkdirSync(at('calm'));
  writeFileSync(at('calm/early.log'), 'early\n');
  const options = { include: [at('*/*.log')], max_files: 20, rotate_wait: '20ms' };
  const source = startFileSource(t, { options });
  await source.sent(1);
  const count = 300;
  for (let i = 0; i < count; i++) writeFileSync(at(`flood/${i}.log`), `flood ${i}\n`);
  await until('it is full', () => source.sum('pillion_source_files') === 20);
  await until('the rest is counted', () => refused(source, 'too_many_files') === count + 1 - 20);
  appendFileSync(at('calm/early.log'), 'still here\n');
  await source.sent(21);
  assert.ok(source.bodies.includes('still here'), 'earlier streams go on');
  const followed = new Set(source.bodies.filter((body) => body.startsWith('flood')).map((body) => body.slice(6)));
  assert.ok([...followed].some((i) => Number(i) > 50) && followed.size === 19);
  assert.ok(readdirSync('/proc/self/fd').length < 100);
  // The flood is still there, and a file of another folder gets the next place.
  const [gone] = followed;
  writeFileSync(at('calm/late.log'), 'late\n');
  rmSync(at(`flood/${gone}.log`));
  await until('the other folder had its turn', () => source.bodies.includes('late'));
  // As room comes, all are read.
  const read = new Set<string>();
  await until('every file was read', () => {
    for (const body of source.bodies) if (body.startsWith('flood')) read.add(body.slice(6));
    for (const i of read) rmSync(at(`flood/${i}.log`), { force: true });
    return read.size === count;
  });
  assert.equal(source.bodies.length, count + 3, 'and none twice');
});

test('SEC-09 a hole of a tebibyte, a size pumped up and down, odd times and renames cost nobody else anything', async (t) => {
  const { at } = volume(t);
  writeFileSync(at('app.log'), 'app 0\n');
  writeFileSync(at('hole.log'), 'before\n');
  truncateSync(at('hole.log'), 2 ** 40);
  writeFileSync(at('pump.log'), '');
  writeFileSync(at('b.log'), 'b 0\n');
  for (const [name, seconds] of [
    ['app.log', 0],
    ['b.log', Date.UTC(2100, 0, 1) / 1000],
  ] as const) {
    utimesSync(at(name), seconds, seconds);
  }
  const source = startFileSource(t, { options: { include: [at('*.log')], max_record_size: '64KiB' } });
  await until('both are read', () => ['app 0', 'b 0'].every((line) => source.bodies.includes(line)));
  const before = process.memoryUsage().arrayBuffers;
  for (let i = 1; i <= 50; i++) {
    truncateSync(at('pump.log'), i % 2 === 0 ? 0 : 2 ** 40);
    renameSync(at('b.log'), at('c.log'));
    renameSync(at('c.log'), at('b.log'));
    appendFileSync(at('app.log'), `app ${i}\n`);
    const startMs = performance.now();
    await until('the line was read', () => source.bodies.includes(`app ${i}`));
    assert.ok(performance.now() - startMs < 1000);
  }
  // Garbage counts until it is collected; what goes by size would take a tebibyte.
  assert.ok(process.memoryUsage().arrayBuffers - before < 2 ** 28, 'nothing is allocated by size');
  const own = source.bodies.filter((body) => body.startsWith('app '));
  assert.deepEqual(
    own,
    Array.from({ length: 51 }, (_, i) => `app ${i}`),
  );
  const [most] = [...Map.groupBy(source.messages, String).values()].toSorted((a, b) => b.length - a.length);
  assert.ok(most!.length < 300, `${most!.length} times: ${most![0]}`);
});

test('SEC-12 names of files make no series of metrics', async (t) => {
  const { at } = volume(t);
  writeFileSync(at('first.log'), 'x\n');
  const source = startFileSource(t, { options: { include: [at('*.log')] } });
  await source.sent(1);
  const before = source.metrics.series().length;
  for (let i = 0; i < 500; i++) writeFileSync(at(`${i}.log`), 'x\n');
  await source.sent(501);
  assert.equal(source.metrics.series().length, before);
});

test('DSC-07 names of any bytes are opened, read and said in a printable form', async (t) => {
  const { at } = volume(t);
  const names = [
    Buffer.from('with space.log'),
    Buffer.from('new\nline.log'),
    Buffer.from('\u001b[31mred\u202e.log'),
    Buffer.from('-rf.log'),
    Buffer.from(`${'x'.repeat(251)}.log`),
    Buffer.from('caf\xe9.log', 'latin1'),
    Buffer.from('caf\xea.log', 'latin1'),
    Buffer.from('größe.log'),
  ];
  const pathOf = (name: Buffer): Buffer => Buffer.concat([Buffer.from(`${at('')}/`), name]);
  for (const [i, name] of names.entries()) writeFileSync(pathOf(name), `line ${i}\n`);
  mkdirSync(Buffer.concat([Buffer.from(at('f')), Buffer.of(0xff)]));
  writeFileSync(Buffer.concat([Buffer.from(at('f')), Buffer.of(0xff), Buffer.from('/inner.log')]), 'inner\n');
  const options = { include: [at('**/*.log')], file_path: true };
  const source = startFileSource(t, { options });
  await source.sent(names.length + 1);
  assert.deepEqual(source.bodies.toSorted(), ['inner', ...names.map((_, i) => `line ${i}`)]);
  const named = source.output.records.map(({ attributes }) => String(attributes['log.file.name'])).toSorted();
  assert.deepEqual(named, [...names.map(String), 'inner.log'].toSorted());
  appendFileSync(pathOf(names[5]!), 'more\n');
  await source.sent(names.length + 2);
  // Renamed within the folder, and after a restart.
  renameSync(pathOf(names[6]!), pathOf(Buffer.from('caf\xeb.log', 'latin1')));
  appendFileSync(pathOf(Buffer.from('caf\xeb.log', 'latin1')), 'renamed\n');
  await source.drain();
  assert.equal(source.bodies.at(-1), 'renamed');
  const restarted = startFileSource(t, { options, restored: source.section.stored });
  await restarted.drain();
  assert.deepEqual(restarted.bodies, []);
});
