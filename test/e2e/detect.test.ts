import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { PillionProcess, runPillion } from '../harness/agent-process.ts';
import { temporaryFolder } from '../harness/files.ts';
import { OtlpBackend } from '../harness/otlp-backend.ts';

const limit = { timeout: 30_000 };

const PINO = Array.from(
  { length: 20 },
  (_, i) => `{"level":30,"time":${1_700_000_000_000 + i},"pid":7,"hostname":"web-1","msg":"hi ${i}"}\n`,
).join('');

const JAVA = Array.from({ length: 20 }, (_, i) =>
  [
    `2026-01-02 03:04:${10 + i},678 ERROR order ${i} failed`,
    'java.lang.IllegalStateException: no pool',
    '\tat com.acme.Pool.take(Pool.java:12)\n',
  ].join('\n'),
).join('');

describe('detect', () => {
  test('prints a configuration, with what was found as comments', limit, async (t) => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, 'app.log'), `${PINO}pool 7 exhausted\npool 8 exhausted\n`);
    const { exit, stdout, stderr } = await runPillion(t, ['detect', 'app.log'], { cwd: folder });
    assert.deepEqual({ exit, stderr }, { exit: 0, stderr: '' });
    const expected = [
      /^# pino: medium confidence \(0\.\d\d\)$/,
      /^# {3}The JSON lines of pino/,
      /^# {3}20 of 22 records fit and show that they are of it: \d+ read without failure, 20 with a time,/,
      /^# {3}Second best: json, JSON objects \(20 of 22 records fit\)$/,
      /^# 2 of 22 records do not fit:$/,
      /^# {3}2 lines like `pool <\*> exhausted`$/,
      /^# {5}a pattern that would: pool <value> exhausted$/,
      /^sources:$/,
    ];
    const lines = stdout.split('\n');
    assert.deepEqual(
      lines.filter((line) => line.startsWith('#') && line.length > 100),
      [],
      'comments are short lines',
    );
    let at = -1;
    for (const line of expected) {
      const next = lines.findIndex((text, index) => index > at && line.test(text));
      assert.ok(next > at, `${line} in\n${stdout}`);
      at = next;
    }
  });

  test('prints what check finds nothing wrong with, and what reads the file', limit, async (t) => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, 'app[1].log'), JAVA);
    const { stdout } = await runPillion(t, ['detect', 'app[1].log'], { cwd: folder });
    writeFileSync(join(folder, 'found.yaml'), stdout);
    const checked = await runPillion(t, ['check', 'found.yaml'], { cwd: folder });
    assert.deepEqual([checked.exit, checked.stdout], [0, 'found.yaml: OK (1 source, 1 pipeline, 1 sink)\n']);
    const args = ['explain', '--config', 'found.yaml', 'app[1].log', '--lines', '1'];
    const explained = await runPillion(t, args, { cwd: folder });
    assert.match(explained.stdout, /\+ severity: "ERROR"/);
    assert.match(explained.stdout, /Pool\.java:12/);
    assert.match(explained.stdout, /and 19 more records/);
  });

  test('reads standard input, and prints JSON for programs', limit, async (t) => {
    const folder = temporaryFolder(t);
    const { exit, stdout } = await runPillion(t, ['detect', '--json'], { cwd: folder, input: JAVA });
    const found = JSON.parse(stdout) as Record<string, { [key: string]: unknown }>;
    assert.equal(exit, 0);
    assert.equal(found['format']?.['name'], 'text');
    assert.deepEqual(found['confidence'], { level: 'high', value: 0.95 });
    assert.deepEqual([found['container'], found['multiline'], found['records']], ['plain', 'java', 20]);
    assert.deepEqual(Object.keys(found['configuration']!), ['sources', 'pipelines', 'sinks']);
  });

  for (const { name, input, expected } of [
    {
      name: 'what it does not know, with the kinds of lines',
      input: 'The pool has 1 left.\nThe pool has 2 left.\n',
      expected:
        '# No format that is known fits.\n#   2 lines like `The pool has <*> left.`\n' +
        '#     a pattern that would: The pool has <value> left.\n',
    },
    { name: 'an empty input', input: '', expected: '# There is no line in it.\n' },
    {
      name: 'a line that goes on and on',
      input: 'x'.repeat(300_000),
      expected: '# No line of it can be gone by: they are empty, or too long.\n',
    },
  ]) {
    test(`says of ${name}, and ends with 1`, limit, async (t) => {
      const folder = temporaryFolder(t);
      const finished = await runPillion(t, ['detect', '-'], { cwd: folder, input });
      assert.deepEqual(finished, { exit: 1, stdout: expected, stderr: '' });
    });
  }

  for (const { name, args, expected } of [
    { name: 'a file that is not there', args: ['none.log'], expected: /Cannot find file "none\.log"/ },
    { name: 'a folder', args: ['.'], expected: /Cannot read "\.": it is a folder .*\n {2}hint: Name a file in it\n$/ },
    {
      name: 'what stands for several files',
      args: ['*.log'],
      expected: /Cannot find file "\*\.log".*\n.*Name one file/,
    },
    { name: 'a device', args: ['/dev/zero'], expected: /not a regular file[\s\S]*pillion detect < "\/dev\/zero"/ },
    { name: 'an option that is none', args: ['--foo'], expected: /Run "pillion detect --help" for help\./ },
  ]) {
    test(`refuses ${name}`, limit, async (t) => {
      const { exit, stderr } = await runPillion(t, ['detect', ...args], { cwd: temporaryFolder(t) });
      assert.equal(exit, 2);
      assert.match(stderr, expected);
    });
  }
});

test('run without a configuration file reads each file as what it is', limit, async (t) => {
  const folder = temporaryFolder(t);
  const backend = await OtlpBackend.open(t);
  writeFileSync(join(folder, 'a.log'), PINO);
  writeFileSync(join(folder, 'b.log'), '2026-01-02 03:04:05 WARN the disk is full\n'.repeat(20));
  const agent = new PillionProcess(t, ['run', '--include', '*.log', '--state', 'state'], {
    cwd: folder,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: backend.endpoint },
  });
  await agent.logged('Agent started.');
  assert.equal(await agent.end('SIGTERM'), 0, agent.stderr);
  const severities = Object.groupBy(backend.arrivals, ({ record }) => String(record.attributes.get('log.file.name')));
  assert.deepEqual([severities['a.log']?.length, severities['b.log']?.length], [20, 20]);
  assert.ok(severities['b.log']?.every(({ record }) => record.body === 'the disk is full'));
  assert.match(agent.stderr, /The format of the stream was found\./);
});
