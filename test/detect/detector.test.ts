import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import fc from 'fast-check';
import type { DetectedInput } from '../../src/agent/detect-input.ts';
import { READY_MADE_FOLDER } from '../../src/config/ready-made.ts';
import { detectedOf as detectedBy, detectorOf, stagesOf } from '../harness/detector.ts';
import { temporaryFolder } from '../harness/files.ts';

/** One ready-made pipeline is enough to see how they are preferred. */
const parts = await detectorOf(READY_MADE_FOLDER, ['pino']);

function detectedOf(input: readonly string[] | Uint8Array): DetectedInput {
  return detectedBy(parts, input);
}

/** The line with other numbers in it, some times. */
function lines<Line>(count: number, line: (number: number) => Line): Line[] {
  return Array.from({ length: count }, (_, i) => line(i));
}

/** A folder of ready-made pipelines. */
function folderOf(t: TestContext, pipelines: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder(t);
  for (const [name, text] of Object.entries(pipelines)) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'pipeline.yaml'), text);
  }
  return folder;
}

const clock = (i: number): string =>
  `03:${String(10 + Math.floor(i / 60)).padStart(2, '0')}:${String(i % 60).padStart(2, '0')}`;
const LEVELS = ['INFO', 'WARN', 'ERROR', 'DEBUG'];
const level = (i: number): string => LEVELS[i % 4]!;

describe('a detector finds', () => {
  for (const { name, input, format, confidence, stages } of [
    {
      name: 'a ready-made pipeline by what its records hold',
      input: lines(
        20,
        (i) => `{"level":30,"time":${1_700_000_000_000 + i},"pid":7,"hostname":"web-1","msg":"hi ${i}"}`,
      ),
      format: 'pino',
      confidence: 'high',
      stages: ['{"use":"pino"}'],
    },
    {
      name: 'the fields of JSON that nobody knows',
      input: lines(20, (i) => `{"lvl":"warn","@t":"2026-01-02T${clock(i)}Z","event":"started","n":${i}}`),
      format: 'json',
      confidence: 'high',
      stages: ['"json"', '{"timestamp":{"field":"@t"}}', '{"severity":{"field":"lvl"}}', '{"body":{"field":"event"}}'],
    },
    {
      name: 'a time under a name that is like one, and levels that are numbers of syslog',
      input: lines(20, (i) => `{"eventTime":${1_700_000_000 + i},"level":${i % 8},"short_message":"a"}`),
      format: 'json',
      confidence: 'high',
      stages: [
        '"json"',
        '{"timestamp":{"field":"eventTime"}}',
        '{"severity":{"field":"level","numbers":"syslog"}}',
        '{"body":{"field":"short_message"}}',
      ],
    },
    {
      name: 'JSON without anything that is known',
      input: lines(20, (i) => `{"a":${i}}`),
      format: 'json',
      confidence: 'high',
      stages: ['"json"'],
    },
    {
      name: 'logfmt',
      input: lines(20, (i) => `ts=2026-01-02T${clock(i)}Z level=info msg="order paid" id=${i}`),
      format: 'logfmt',
      confidence: 'high',
      stages: [
        '"logfmt"',
        '{"timestamp":{"field":"ts"}}',
        '{"severity":{"field":"level"}}',
        '{"body":{"field":"msg"}}',
      ],
    },
    {
      name: 'syslog',
      input: lines(20, (i) => `Jan  2 ${clock(i)} gate sshd[${i}]: Accepted publickey for anna`),
      format: 'syslog',
      confidence: 'high',
      stages: ['"syslog"'],
    },
    {
      name: 'a time and a level at the start of lines',
      input: lines(20, (i) => `2026-01-02 ${clock(i)},678 ${level(i)} order ${i} paid`),
      format: 'text',
      confidence: 'high',
      stages: [
        JSON.stringify({
          regex: [
            '(?s)^(?<time>\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d(?:,\\d+)?) +' +
              '(?<level>CRITICAL|WARNING|NOTICE|DEBUG|ERROR|FATAL|TRACE|INFO|WARN)[\\s|]*(?:[:|-]\\s+)?(?<message>.*)$',
            '(?s)^(?<time>\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d(?:,\\d+)?)[\\])}>"\',;:*.-]*[\\s|]*' +
              '(?:[:|-]\\s+)?(?<message>.*)$',
          ],
        }),
        '{"timestamp":{"field":"time"}}',
        '{"severity":{"field":"level"}}',
        '{"body":{"field":"message"}}',
      ],
    },
    {
      name: 'a level that is padded in its brackets',
      input: lines(20, (i) => `[2026-01-02T${clock(i)},678][${level(i).padEnd(5)}][o.e.n.Node] started`),
      format: 'text',
      confidence: 'high',
      stages: [/INFO\|WARN\) \*/, /timestamp/, /severity/, /body/],
    },
    {
      name: 'a level behind other words, and leaves the body as it is',
      input: lines(20, (i) => `[2026/01/02 ${clock(i)}] [worker-${i}] [${level(i)}] order ${i} paid`),
      format: 'text',
      confidence: 'high',
      stages: [
        JSON.stringify({
          regex: [
            '^\\[(?<time>\\d{4}/\\d\\d/\\d\\d \\d\\d:\\d\\d:\\d\\d)\\] +\\S+ +\\[' +
              '(?<level>CRITICAL|WARNING|NOTICE|DEBUG|ERROR|FATAL|TRACE|INFO|WARN)\\]',
            '^\\[(?<time>\\d{4}/\\d\\d/\\d\\d \\d\\d:\\d\\d:\\d\\d)',
          ],
        }),
        '{"timestamp":{"field":"time","format":"%Y/%m/%d %H:%M:%S"}}',
        '{"severity":{"field":"level"}}',
      ],
    },
    {
      name: 'a time in the middle of lines, with less confidence',
      input: lines(20, (i) => `node-${i} unix.hw ${1_700_000_000 + i} link is up`),
      format: 'text',
      confidence: 'medium',
      stages: ['{"regex":"^(?:\\\\S+ +){2}(?<time>\\\\d{10})"}', '{"timestamp":{"field":"time"}}'],
    },
    {
      name: 'which number is the month, by the days that there are',
      input: lines(20, (i) => `01/${10 + i}/2026 03:04:05 INFO a`),
      format: 'text',
      confidence: 'high',
      stages: [/regex/, '{"timestamp":{"field":"time","format":"%m/%d/%Y %H:%M:%S"}}', /severity/, /body/],
    },
    {
      name: 'which number is the month, by the times that are nearer to now, with less confidence',
      input: lines(20, (i) => `11/01/2026 03:04:${10 + i} INFO a`),
      format: 'text',
      confidence: 'medium',
      stages: [/regex/, '{"timestamp":{"field":"time","format":"%d/%m/%Y %H:%M:%S"}}', /severity/, /body/],
    },
  ]) {
    test(name, () => {
      const detected = detectedOf(input);
      const { best, confidence: found } = detected.detection;
      assert.deepEqual([best?.name, found?.level], [format, confidence]);
      const written = stagesOf(detected);
      assert.equal(written.length, stages.length, written.join('\n'));
      for (const [i, stage] of stages.entries()) {
        if (typeof stage === 'string') assert.equal(written[i], stage);
        else assert.match(written[i]!, stage);
      }
      const { tally, fitting } = best!;
      assert.equal(fitting, tally.records);
    });
  }
});

describe('a detector finds nothing in', () => {
  for (const { name, input } of [
    { name: 'nothing', input: [] },
    { name: 'empty lines', input: ['', '', ''] },
    { name: 'sentences', input: lines(20, (i) => `The server has started ${i} times, and all is well.`) },
    { name: 'words with an equals sign here and there', input: lines(20, (i) => `set x=${i} and y=2 for it`) },
    { name: 'times without a day', input: lines(20, (i) => `${clock(i)} INFO a`) },
    { name: 'a table of numbers', input: lines(20, (i) => `${i} 20 300 4000 50000`) },
  ]) {
    test(name, () => assert.equal(detectedOf(input).detection.best, undefined));
  }
});

test('a detector is less sure of few lines', () => {
  const of = (count: number) =>
    detectedOf(lines(count, (i) => `{"level":30,"time":${i + 1_700_000_000_000},"pid":7,"hostname":"a","msg":"b"}`));
  assert.deepEqual(
    [1, 3, 20].map((count) => of(count).detection.confidence?.level),
    ['medium', 'medium', 'high'],
  );
});

test('a detector is less sure of one of two ready-made pipelines that fit alike, and goes by the name', async (t) => {
  const pipeline = 'detect: severity_text == "warn"\nstages:\n  - json\n  - severity: { field: l }\n';
  const parts = await detectorOf(folderOf(t, { apple: pipeline, plum: pipeline }));
  const input = Buffer.from('{"l":"warn"}\n'.repeat(50));
  for (const { name, expected } of [
    { name: '/var/log/app.log', expected: 'apple' },
    { name: '/var/log/plum/app.log', expected: 'plum' },
  ]) {
    const { best, confidence, second } = detectedBy(parts, input, name).detection;
    assert.deepEqual([best?.name, confidence?.level], [expected, 'medium']);
    assert.equal(second?.name, expected === 'plum' ? 'apple' : 'plum');
  }
});

test('a detector does not take records that a pipeline drops for some that fit', async (t) => {
  const pipeline = 'detect: "true"\nstages:\n  - json:\n    on_error: drop\n';
  const parts = await detectorOf(folderOf(t, { strict: pipeline }));
  const input = Buffer.from(`${'no JSON\n'.repeat(30)}{"a":1}\n`);
  assert.equal(detectedBy(parts, input).detection.best, undefined);
});

for (const { name, wrap } of [
  { name: 'cri', wrap: (line: string) => `2026-01-02T03:04:05.678901234Z stdout F ${line}` },
  {
    name: 'docker_json',
    wrap: (line: string) =>
      JSON.stringify({ log: `${line}\n`, stream: 'stdout', time: '2026-01-02T03:04:05.678901234Z' }),
  },
]) {
  test(`a detector looks inside the lines of a container: ${name}`, () => {
    const detected = detectedOf(lines(20, (i) => wrap(`Jan  2 ${clock(i)} gate sshd[${i}]: hi`)));
    assert.deepEqual([detected.container, detected.detection.best?.name], [name, 'syslog']);
  });
}

describe('a detector finds how lines are put together', () => {
  const java = (i: number): string[] => [
    `2026-01-02 ${clock(i)} ERROR it failed`,
    'java.lang.IllegalStateException: no pool',
    '\tat com.acme.Pool.take(Pool.java:12)',
    '\tat com.acme.Main.main(Main.java:7)',
  ];
  const xml = (i: number): string[] => [`2026-01-02 ${clock(i)} INFO got`, '<order>', `  <id>${i}</id>`, '</order>'];
  for (const { name, input, expected } of [
    { name: 'not at all', input: lines(20, (i) => `2026-01-02 ${clock(i)} INFO hi`), expected: undefined },
    { name: 'by the stack traces of a language', input: lines(10, java).flat(), expected: 'java' },
    {
      name: 'by how they begin, where no language fits',
      input: lines(10, xml).flat(),
      expected: { start: '^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d' },
    },
  ]) {
    test(name, () => {
      const { multiline, detection, unmatchedRecords } = detectedOf(input);
      assert.deepEqual(multiline, expected);
      assert.equal(detection.best?.name, 'text');
      assert.equal(unmatchedRecords, 0);
    });
  }
});

test('a detector tells the kinds of lines that do not fit, with a pattern that would', () => {
  const fit = lines(40, (i) => `{"level":"info","time":"2026-01-02T${clock(i)}Z","message":"a"}`);
  const others = lines(9, (i) => `pool ${i} of 10.0.0.${i} exhausted`);
  const { unmatched, unmatchedRecords } = detectedOf([...fit, ...others, 'Done.']);
  assert.equal(unmatchedRecords, 10);
  assert.deepEqual(unmatched, [
    {
      count: 9,
      template: 'pool <*> of <*> exhausted',
      example: 'pool 0 of 10.0.0.0 exhausted',
      pattern: 'pool <value> of <address> exhausted',
    },
    { count: 1, template: 'Done.', example: 'Done.', pattern: undefined },
  ]);
});

describe('a detector survives', () => {
  test('bytes of any kind, and is never sure of them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
        assert.notEqual(detectedOf(bytes).detection.confidence?.level, 'high');
      }),
      { numRuns: 200 },
    );
  });

  test('lines made of what logs are made of', () => {
    const word = fc.constantFrom(
      '{',
      '"a":',
      '}',
      '2026-01-02T03:04:05Z',
      'INFO',
      '[',
      ']',
      '=',
      ' ',
      '|',
      '<34>',
      'x',
    );
    fc.assert(
      fc.property(fc.array(fc.array(word, { maxLength: 12 }), { maxLength: 30 }), (words) => {
        const { detection, records, unmatchedRecords } = detectedOf(words.map((line) => line.join('')));
        assert.ok(unmatchedRecords <= records);
        assert.ok(detection.best === undefined || detection.confidence !== undefined);
      }),
      { numRuns: 200 },
    );
  });

  test('a line of a mebibyte, and NULs', () => {
    for (const input of [
      Buffer.alloc(1 << 20, 'a'),
      Buffer.alloc(1 << 20, '{"a":'),
      Buffer.alloc(1 << 20),
      Buffer.alloc(1 << 20, ' 1'),
    ]) {
      assert.equal(detectedOf(input).detection.best, undefined);
    }
  });
});
