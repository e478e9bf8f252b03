import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { text } from '../config/wrong-config.ts';
import { runPillion } from '../harness/agent-process.ts';
import { temporaryFolder } from '../harness/files.ts';

const limit = { timeout: 30_000 };

const CONFIG = text`
  sources: { app: { type: file, include: [app.log], multiline: java } }
  pipelines:
    logs:
      from: app
      stages:
        - json:
          if: body.startsWith("{")
        - timestamp
        - severity
        - filter: severity >= WARN
          on_error: drop
      to: out
  sinks: { out: { type: console } }
`;

const LINES = text`
  {"level":"info","n":9007199254740993}
  {"level":"error","time":"yesterday"}
  plain
  	at frame(A.java:1)
`;

function folderWith(t: TestContext): string {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'app.yaml'), CONFIG);
  mkdirSync(join(folder, 'cases/logs'), { recursive: true });
  writeFileSync(join(folder, 'cases/logs/first.log'), LINES);
  return folder;
}

describe('explain', () => {
  test('shows what each stage makes of each record', limit, async (t) => {
    const { stdout, stderr, exit } = await runPillion(t, ['explain', '-c', 'app.yaml', 'cases/logs/first.log'], {
      cwd: folderWith(t),
    });
    assert.deepEqual([exit, stderr], [0, '']);
    assert.equal(
      stdout.replaceAll(/ +[\d.]+ µs a record/g, ' TIME'),
      text`
        record 1: "{\"level\":\"info\",\"n\":9007199254740993}"
          1 json TIME
            + attributes.level: "info"
            + attributes.n: 9007199254740993
          2 timestamp TIME
            changed nothing
          3 severity TIME
            - attributes.level
            + severity: "INFO"
            + severity_text: "info"
          4 filter TIME
            ! dropped (filter)

        record 2: "{\"level\":\"error\",\"time\":\"yesterday\"}"
          1 json TIME
            + attributes.level: "error"
            + attributes.time: "yesterday"
          2 timestamp TIME
            ! could not read it: no time of that format
            + marks: ["parse_failed"]
          3 severity TIME
            - attributes.level
            + severity: "ERROR"
            + severity_text: "error"
          4 filter TIME
            changed nothing

        record 3: "plain\n\tat frame(A.java:1)"
          1 json TIME
            not for this record: its condition does not hold
          2 to 3 timestamp, severity
            changed nothing
          4 filter TIME
            ! dropped (filter)

      `,
    );
  });

  test('shows what stages would count', limit, async (t) => {
    const folder = folderWith(t);
    const stages = ['json', { counter: { name: 'bytes', value: 'size', labels: { code: 'status', none: 'x' } } }];
    writeFileSync(join(folder, 'stages.yaml'), JSON.stringify({ stages }));
    const args = ['explain', '--use', 'stages.yaml', '--line', '{"status":200,"size":7}'];
    const { stdout } = await runPillion(t, args, { cwd: folder });
    assert.match(stdout, /counter .* µs a record\n {4}# bytes\{code="200"\} \+7\n\n$/);
  });

  test('is quiet about stages of a group that did nothing, and about a failure that is none', limit, async (t) => {
    const line = 'this is no line of nginx';
    const { stdout } = await runPillion(t, ['explain', '--use', 'nginx', '--line', line], { cwd: folderWith(t) });
    assert.equal(
      stdout.replaceAll(/ +[\d.]+ µs a record/g, ' TIME'),
      text`
        record 1: "${line}"
          1.1 nginx: clf TIME
            not for this record: no client, user and time in brackets
          1.3.1 nginx: ./error.yaml: regex TIME
            ! could not read it: no pattern fits
            + marks: ["parse_failed"]
          1.3.2 to 1.3.5 nginx: ./error.yaml: timestamp, severity, body, http
            changed nothing

      `,
    );
  });

  test('takes a line, a file of stages, and a number of records', limit, async (t) => {
    const folder = folderWith(t);
    writeFileSync(join(folder, 'stages.yaml'), 'stages: [json]\n');
    const line = await runPillion(t, ['explain', '--use', 'stages.yaml', '--line', '{"a":1}'], { cwd: folder });
    assert.match(line.stdout, /^record 1: .*\n {2}1\.1 \.\/stages\.yaml: json .*\n {4}\+ attributes\.a: 1\n/);
    const two = await runPillion(t, ['explain', '-c', 'app.yaml', '-n', '1'], { cwd: folder, input: LINES });
    assert.match(two.stdout, /^record 1/);
    assert.match(two.stdout, /\nand 2 more records; --lines all shows them\n$/);
  });

  for (const { name, args, expected } of [
    {
      name: 'a file that is not there',
      args: ['-c', 'app.yaml', 'none.log'],
      expected: /Cannot find file "none\.log"/,
    },
    {
      name: 'a pipeline that is not there',
      args: ['-c', 'app.yaml', '-p', 'log', 'app.yaml'],
      expected: /no pipeline "log"/,
    },
    {
      name: 'a ready-made pipeline that is not there',
      args: ['--use', 'ngnx', '--line', 'a'],
      expected: /Did you mean "nginx"\?/,
    },
    { name: 'no configuration', args: ['app.log'], expected: /Nothing to explain with[\s\S]*--use nginx/ },
    {
      name: 'a configuration beside a ready-made pipeline',
      args: ['--use', 'nginx', '-c', 'app.yaml', '--line', 'a'],
      expected: /--use goes without --config and --pipeline/,
    },
    {
      name: 'a file beside a line',
      args: ['--use', 'nginx', '--line', 'a', 'app.yaml'],
      expected: /--line goes without a file/,
    },
    {
      name: 'a number that is none',
      args: ['-c', 'app.yaml', '-n', '0', 'app.yaml'],
      expected: /Cannot use "0" for --lines/,
    },
  ]) {
    test(`says what is wrong with ${name}`, limit, async (t) => {
      const { stderr, exit } = await runPillion(t, ['explain', ...args], { cwd: folderWith(t) });
      assert.equal(exit, 2);
      assert.match(stderr, expected);
    });
  }
});

describe('test', () => {
  test('writes what comes of lines, and says what differs later', limit, async (t) => {
    const folder = folderWith(t);
    const run = (...args: string[]) => runPillion(t, ['test', 'app.yaml', ...args], { cwd: folder });
    const first = await run('--update');
    assert.deepEqual([first.exit, first.stdout], [0, 'updated logs/first (3 records)\n0 passed, 1 updated\n']);
    const file = join(folder, 'cases/logs/first.expected.jsonl');
    const expected = readFileSync(file, 'utf8');
    assert.equal(
      expected,
      text`
        {"dropped":"filter"}
        {"severity":"ERROR","severity_text":"error","body":"{\"level\":\"error\",\"time\":\"yesterday\"}","marks":["parse_failed"],"attributes":{"time":"yesterday"}}
        {"dropped":"filter"}
      `,
    );
    assert.deepEqual((await run()).stdout, '1 passed\n');
    writeFileSync(file, expected.replace('"ERROR"', '"WARN"').replace('"time":', '"at":'));
    const changed = await run();
    assert.equal(changed.exit, 1);
    assert.equal(
      changed.stdout,
      text`
        failed logs/first: 1 of 3 records differ
          cases/logs/first.log -> cases/logs/first.expected.jsonl
          record 2
            - severity: "WARN"
            + severity: "ERROR"
            - attributes.at: "yesterday"
            + attributes.time: "yesterday"
        0 passed, 1 failed
      `,
    );
    writeFileSync(file, '{"dropped":"filter"}\n{\n');
    assert.match((await run()).stderr, /Cannot read line 2 of .*first\.expected\.jsonl.*\n {2}hint: .*--update/);
    assert.equal((await run('--update')).exit, 0);
    assert.equal(readFileSync(file, 'utf8'), expected);
  });

  test('reads cases as the agent reads files: a byte order mark is none of the text', limit, async (t) => {
    const folder = folderWith(t);
    writeFileSync(join(folder, 'cases/logs/first.log'), '\ufeff{"level":"warn"}\n');
    writeFileSync(join(folder, 'cases/logs/second.log'), Buffer.from('\ufeff{"level":"warn"}\n', 'utf16le'));
    const expected = '{"severity":"WARN","severity_text":"warn","body":"{\\"level\\":\\"warn\\"}"}\n';
    for (const name of ['first', 'second']) {
      writeFileSync(join(folder, `cases/logs/${name}.expected.jsonl`), expected);
    }
    const { stdout } = await runPillion(t, ['test', 'app.yaml'], { cwd: folder });
    assert.equal(stdout, '2 passed\n');
  });

  test('says which file it cannot write', limit, async (t) => {
    const folder = folderWith(t);
    mkdirSync(join(folder, 'cases/logs/first.expected.jsonl'));
    mkdirSync(join(folder, 'cases/logs/folder.log'));
    const { stderr, exit } = await runPillion(t, ['test', 'app.yaml', '--update'], { cwd: folder });
    assert.equal(exit, 2);
    assert.match(
      stderr,
      /^pillion: Cannot write "cases\/logs\/first\.expected\.jsonl": EISDIR.*\(ERR_USAGE\)\n {2}hint: Check its owner and mode\n$/,
    );
  });

  test('says where cases belong', limit, async (t) => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, 'app.yaml'), CONFIG);
    const { stderr, exit } = await runPillion(t, ['test', 'app.yaml'], { cwd: folder });
    assert.equal(exit, 2);
    assert.match(stderr, /There is no folder "cases\/logs"[\s\S]*cases\/logs\/first\.log/);
  });
});
