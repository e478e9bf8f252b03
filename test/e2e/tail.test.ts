import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { PillionProcess, runPillion } from '../harness/agent-process.ts';
import { temporaryFolder, until } from '../harness/files.ts';

const limit = { timeout: 30_000 };

/** Lines as pino writes them. */
const PINO = [
  { level: 30, time: 1_700_000_000_000, pid: 7, hostname: 'web-1', msg: 'listening', port: 8080 },
  {
    level: 50,
    time: 1_700_000_000_250,
    pid: 7,
    hostname: 'web-1',
    err: { type: 'Error', message: 'no route' },
    msg: 'boom',
  },
].map((line) => `${JSON.stringify(line)}\n`);

/** A folder with these files. */
function folderWith(t: TestContext, files: Record<string, string | Buffer>): string {
  const folder = temporaryFolder(t);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

/** The lines without the time in front, which of lines without one is that of reading them. */
function untimed(stdout: string): string[] {
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => line.replace(/^\d\d:\d\d:\d\d\.\d{3} /, ''));
}

describe('tail prints', () => {
  for (const { name, files, args, input, expected } of [
    {
      name: 'a JSON log with its times, levels and messages',
      files: { 'app.log': PINO.join('') },
      args: ['app.log', '--no-follow'],
      expected: [
        'INFO  listening process.pid=7 host.name=web-1 port=8080 app.log',
        'ERROR boom process.pid=7 host.name=web-1 exception.type=Error exception.message="no route" app.log',
      ],
    },
    {
      name: 'a JSON log as it is, if --raw says so',
      files: { 'app.log': '{"level":30,"msg":"hi"}\n' },
      args: ['app.log', '--no-follow', '--raw'],
      expected: ['      {"level":30,"msg":"hi"} app.log'],
    },
    {
      name: 'a log of plain text',
      files: { 'app.log': 'one\r\ntwo  \n' },
      args: ['app.log', '--no-follow'],
      expected: ['      one app.log', '      two   app.log'],
    },
    {
      name: 'the last line without a line end, marked',
      files: { 'app.log': 'one\ntwo' },
      args: ['app.log', '--no-follow'],
      expected: ['      one app.log', '      two [unterminated] app.log'],
    },
    {
      name: 'nothing of an empty file',
      files: { 'app.log': '' },
      args: ['app.log', '--no-follow'],
      expected: [],
    },
    {
      name: 'lines of a file with a byte order mark, as the agent reads them',
      files: { 'app.log': Buffer.concat([Buffer.of(0xef, 0xbb, 0xbf), Buffer.from(PINO[0]!)]) },
      args: ['app.log', '--no-follow'],
      expected: ['INFO  listening process.pid=7 host.name=web-1 port=8080 app.log'],
    },
    {
      name: 'the last lines of a file in UTF-16, little-endian',
      files: { 'app.log': Buffer.from('\ufeffone Ċ\ntwo Ċ\nthree Ċ\n', 'utf16le') },
      args: ['app.log', '--no-follow', '--lines', '2'],
      expected: ['      two Ċ app.log', '      three Ċ app.log'],
    },
    {
      name: 'the last lines of a file in UTF-16, big-endian',
      files: { 'app.log': Buffer.from('\ufeffone Ċ\ntwo Ċ\nthree', 'utf16le').swap16() },
      args: ['app.log', '--no-follow', '--lines', '2'],
      expected: ['      two Ċ app.log', '      three [unterminated] app.log'],
    },
    {
      name: 'a file whose name looks like a glob',
      files: { 'app[1]*.log': 'one\n', 'app1.log': 'two\n' },
      args: ['app[1]*.log', '--no-follow'],
      expected: ['      one app[1]*.log'],
    },
    {
      name: 'lines of standard input, as they are of text or of JSON',
      files: {},
      args: [],
      input: PINO[0],
      expected: ['INFO  listening process.pid=7 host.name=web-1 port=8080'],
    },
    {
      name: 'lines of standard input behind a byte order mark',
      files: {},
      args: [],
      input: `\ufeff${PINO[0]}`,
      expected: ['INFO  listening process.pid=7 host.name=web-1 port=8080'],
    },
    {
      name: 'text of standard input that ends without a line end',
      files: {},
      args: ['-'],
      input: 'one\ntwo',
      expected: ['      one', '      two [unterminated]'],
    },
    { name: 'nothing of an empty standard input', files: {}, args: [], input: '', expected: [] },
  ]) {
    test(name, limit, async (t) => {
      const folder = folderWith(t, files);
      const { exit, stdout, stderr } = await runPillion(t, ['tail', ...args], { cwd: folder, input: input ?? '' });
      assert.deepEqual({ exit, stderr, lines: untimed(stdout) }, { exit: 0, stderr: '', lines: expected });
    });
  }
});

test('tail prints the files that a glob matches', limit, async (t) => {
  const folder = folderWith(t, { 'a.log': 'a\n', 'b.log': 'b\n', 'c.txt': 'c\n' });
  const { exit, stdout, stderr } = await runPillion(t, ['tail', '*.log', '--no-follow'], { cwd: folder });
  assert.deepEqual({ exit, stderr }, { exit: 0, stderr: '' });
  assert.deepEqual(untimed(stdout).sort(), ['      a a.log', '      b b.log']);
});

test('tail prints the time that a line has', limit, async (t) => {
  const folder = folderWith(t, { 'app.log': PINO.join('') });
  const { stdout } = await runPillion(t, ['tail', 'app.log', '--no-follow'], { cwd: folder });
  const times = stdout.split('\n').map((line) => line.slice(0, 12));
  assert.deepEqual(times, ['22:13:20.000', '22:13:20.250', '']);
});

describe('tail refuses', () => {
  for (const { name, files, args, stderr } of [
    {
      name: 'a file that is not there, and names one that it may have been',
      files: { 'server.log': 'a\n' },
      args: ['sever.log'],
      stderr: 'pillion: Cannot find file "sever.log" (ERR_INPUT_MISSING)\n  hint: Did you mean "server.log"?\n',
    },
    {
      name: 'a file that is not there, where nothing is like it',
      files: { 'server.log': 'a\n' },
      args: ['catalina.out'],
      stderr: 'pillion: Cannot find file "catalina.out" (ERR_INPUT_MISSING)\n  hint: Check the path\n',
    },
    {
      name: 'a file in a folder that is not there',
      files: {},
      args: ['logs/app.log'],
      stderr: 'pillion: Cannot find file "logs/app.log" (ERR_INPUT_MISSING)\n  hint: There is no folder "logs"\n',
    },
    {
      name: 'a folder',
      files: {},
      args: ['.'],
      stderr: `pillion: Cannot read ".": it is a folder (ERR_USAGE)\n  hint: Name its files: pillion tail './*.log'\n`,
    },
    {
      name: 'a binary file',
      files: { core: Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 10]) },
      args: ['core'],
      stderr:
        'pillion: Cannot read "core": it is a binary file (ERR_USAGE)\n' +
        '  hint: Make text of it first: strings "core" | pillion tail\n',
    },
    {
      name: 'a file of gzip, and names the program for it',
      files: { 'app.log.1.gz': gzipSync('one\n') },
      args: ['app.log.1.gz'],
      stderr:
        'pillion: Cannot read "app.log.1.gz": it is compressed (ERR_USAGE)\n' +
        '  hint: Make text of it first: zcat "app.log.1.gz" | pillion tail\n',
    },
    {
      name: 'a file of zstd, whatever its name',
      files: { 'app.log': zstdCompressSync('one\n') },
      args: ['app.log'],
      stderr:
        'pillion: Cannot read "app.log": it is compressed (ERR_USAGE)\n' +
        '  hint: Make text of it first: zstdcat "app.log" | pillion tail\n',
    },
    {
      name: 'a pipeline without a configuration that has it',
      files: { 'app.log': 'a\n' },
      args: ['app.log', '--pipeline', 'logs'],
      stderr:
        'pillion: Cannot combine these options: --pipeline goes with --config (ERR_USAGE)\n' +
        '  hint: Name the configuration file that has the pipeline\n',
    },
    {
      name: 'an unknown format',
      files: { 'app.log': 'a\n' },
      args: ['app.log', '--format', 'xml'],
      stderr:
        "error: option '-f, --format <format>' argument 'xml' is invalid. Allowed choices are pretty, json, otlp_json.\n" +
        'Run "pillion tail --help" for help.\n',
    },
  ]) {
    test(name, limit, async (t) => {
      const folder = folderWith(t, files);
      const finished = await runPillion(t, ['tail', ...args], { cwd: folder });
      assert.deepEqual(finished, { exit: 2, stdout: '', stderr });
    });
  }
});

test('tail refuses a device, which would never end', limit, async (t) => {
  const folder = temporaryFolder(t);
  const { exit, stderr } = await runPillion(t, ['tail', '/dev/zero'], { cwd: folder });
  assert.equal(exit, 2);
  assert.match(stderr, /^pillion: Cannot read "\/dev\/zero": it is not a regular file \(ERR_USAGE\)\n/);
});

test('tail follows a file through an append and a rotation until it is interrupted', limit, async (t) => {
  const folder = folderWith(t, { 'app.log': 'one\n' });
  const path = join(folder, 'app.log');
  const tail = new PillionProcess(t, ['tail', 'app.log'], { cwd: folder });
  await tail.until('the first line is printed', () => tail.stdout.includes('one app.log'));
  appendFileSync(path, 'two\nthr');
  await tail.until('the appended line is printed', () => tail.stdout.includes('two app.log'));
  appendFileSync(path, 'ee\n');
  await tail.until('the completed line is printed', () => tail.stdout.includes('three app.log'));
  appendFileSync(path, 'four\n');
  renameSync(path, `${path}.1`);
  writeFileSync(path, 'five\n');
  await tail.until('the line of the new file is printed', () => tail.stdout.includes('five app.log'));
  assert.equal(await tail.end('SIGINT'), 0, tail.stderr);
  const bodies = untimed(tail.stdout).map((line) => line.trim().split(' ')[0]);
  assert.deepEqual(bodies, ['one', 'two', 'three', 'four', 'five']);
  assert.equal(tail.stderr, '');
});

test('tail shows lines of a pipe while it stays open', limit, async (t) => {
  const folder = temporaryFolder(t);
  const tail = new PillionProcess(t, ['tail'], { cwd: folder });
  tail.write('one\n');
  await tail.until('the first line is printed', () => tail.stdout.includes('one\n'));
  tail.write('two\n');
  await tail.until('the second line is printed', () => tail.stdout.includes('two\n'));
  assert.equal(await tail.end('SIGINT'), 0, tail.stderr);
});

describe('tail ends soon and quietly when its reader has gone', () => {
  for (const { name, args } of [
    { name: 'of a file', args: ['big.log', '-n', 'all'] },
    { name: 'of a file that it does not follow', args: ['big.log', '-n', 'all', '--no-follow'] },
  ]) {
    test(name, limit, async (t) => {
      const folder = folderWith(t, { 'big.log': 'a line of a log that is far too long to read\n'.repeat(200_000) });
      const tail = new PillionProcess(t, ['tail', ...args], { cwd: folder });
      await tail.until('lines are printed', () => tail.stdout !== '');
      const startMs = performance.now();
      tail.closeOutput();
      assert.equal(await tail.ended, 0, tail.stderr);
      assert.ok(performance.now() - startMs < 3000, 'soon');
      assert.equal(tail.stderr, '');
    });
  }

  test('of standard input', limit, async (t) => {
    const tail = new PillionProcess(t, ['tail'], { cwd: temporaryFolder(t) });
    tail.write('a line\n'.repeat(1000));
    await tail.until('lines are printed', () => tail.stdout !== '');
    tail.closeOutput();
    await until('it has ended', () => {
      tail.write('another line\n'.repeat(1000));
      return tail.hasEnded;
    });
    assert.equal(await tail.ended, 0, tail.stderr);
    assert.equal(tail.stderr, '');
  });
});

describe('tail lets no control character through', () => {
  const hostile = 'a\u001b]0;owned\u0007b\u001b[2Jc\u0000d\u009be\u202ef\u007fg\rh';
  const noUtf8 = Buffer.from('i\xff\xfe\x1b[31m\x9b\x9dj\n', 'latin1');
  const json = [{ msg: hostile }, { [hostile]: hostile, nested: { [hostile]: [hostile] } }];
  const logs = {
    text: Buffer.concat([Buffer.from(`text\n${hostile}\n`), noUtf8]),
    JSON: Buffer.concat([
      Buffer.from(`${json.map((line) => JSON.stringify(line)).join('\n')}\n{"${hostile}\n`),
      noUtf8,
    ]),
  };
  // Every control character but the line end, and those that turn the direction of text.
  const controls = /[\0-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/;
  for (const format of ['pretty', 'json', 'otlp_json']) {
    for (const [name, input] of Object.entries(logs)) {
      test(`of ${name}, printed as ${format}`, limit, async (t) => {
        const args = ['tail', '--format', format];
        const { exit, stdout, stderr } = await runPillion(t, args, { cwd: temporaryFolder(t), input });
        assert.deepEqual({ exit, stderr }, { exit: 0, stderr: '' });
        assert.match(stdout, /owned/);
        assert.doesNotMatch(stdout, controls);
      });
    }
  }
});

test('tail lets no control character of a file name through', limit, async (t) => {
  const folder = folderWith(t, { 'a\u001b[31mb.log': 'one\n' });
  for (const name of ['a\u001b[31mb.log', 'a\u001b[31mb.lo']) {
    const { stdout, stderr } = await runPillion(t, ['tail', name, '--no-follow'], { cwd: folder });
    assert.ok((stdout + stderr).includes('1b'), stdout + stderr);
    assert.ok(!(stdout + stderr).includes('\u001b'));
  }
});

test('tail reads what a link names', limit, async (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'other'));
  writeFileSync(join(folder, 'other/real.log'), 'one\n');
  symlinkSync('other/real.log', join(folder, 'link.log'));
  const { exit, stdout, stderr } = await runPillion(t, ['tail', 'link.log', '--no-follow'], { cwd: folder });
  assert.deepEqual({ exit, stderr, lines: untimed(stdout).length }, { exit: 0, stderr: '', lines: 1 });
});

test('tail says of a link that leads nowhere that it is one', limit, async (t) => {
  const folder = temporaryFolder(t);
  symlinkSync('gone.log', join(folder, 'link.log'));
  const { exit, stderr } = await runPillion(t, ['tail', 'link.log'], { cwd: folder });
  const hint = 'It is a link, and what it leads to is not there';
  assert.deepEqual([exit, stderr], [2, `pillion: Cannot find file "link.log" (ERR_INPUT_MISSING)\n  hint: ${hint}\n`]);
});

test('tail fails where its output cannot be written', limit, async (t) => {
  const folder = folderWith(t, { 'app.log': 'one\n' });
  const within = ['sh', '-c', 'exec "$@" > /dev/full', 'sh'];
  const { exit, stderr } = await runPillion(t, ['tail', 'app.log', '--no-follow'], { cwd: folder, within });
  assert.equal(exit, 1);
  assert.match(stderr, /ENOSPC.*Standard output cannot be written\./);
});

test('tail takes the stages of a configuration', limit, async (t) => {
  const config = {
    resource: { 'service.name': 'checkout' },
    sources: { app: { type: 'file', include: ['/var/log/app.log'] } },
    pipelines: { logs: { from: ['app'], stages: ['json', { remove: 'secret' }], to: ['backend'] } },
    sinks: { backend: { type: 'otlp' } },
  };
  const folder = folderWith(t, { 'app.log': '{"secret":"x","open":"y"}\n', 'app.yaml': JSON.stringify(config) });
  const args = ['tail', 'app.log', '--no-follow', '--format', 'json', '--config', 'app.yaml'];
  const { exit, stdout, stderr } = await runPillion(t, args, { cwd: folder });
  assert.deepEqual({ exit, stderr }, { exit: 0, stderr: '' });
  const { attributes } = JSON.parse(stdout) as { attributes: Record<string, unknown> };
  assert.deepEqual(attributes, { open: 'y', 'log.file.name': 'app.log' });
});
