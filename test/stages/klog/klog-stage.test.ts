import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { klogStage } from '../../../src/stages/klog/index.ts';
import { plainRecord } from '../../harness/batch.ts';
import { cpuMsOf } from '../../harness/cpu-time.ts';
import { assertExample, optionErrors, processObjects, processTexts } from '../stage-fixture.ts';

test('the example of klog holds', () => assertExample(klogStage));

const HEAD = 'I0102 03:04:05.678901       1 a.go:79]';
const WHERE = { 'thread.id': 1, 'code.file.path': 'a.go', 'code.line.number': 79 };

for (const { name, text, options, body, attributes = {} } of [
  { name: 'a text', text: 'it is ready: a=1', body: 'it is ready: a=1' },
  { name: 'no text', text: '', body: '' },
  { name: 'a text of two lines', text: 'one\ntwo', body: 'one\ntwo' },
  { name: 'a text in quotes that goes on', text: '"a" is b=1', body: '"a" is b=1' },
  { name: 'a text in quotes with a wrong pair', text: '"a" b=1 c', body: '"a" b=1 c' },
  { name: 'a text in quotes with a wrong value', text: '"a" b="c', body: '"a" b="c' },
  { name: 'a quote without end', text: '"a b=1', body: '"a b=1' },
  { name: 'a message alone', text: '"it is \\"ready\\""', body: 'it is "ready"' },
  { name: 'pairs', text: '"m" a="b c" d=1 e=', body: 'm', attributes: { a: 'b c', d: '1', e: '' } },
  { name: 'the last value of a key that comes twice', text: '"m" a="1" a="2"', body: 'm', attributes: { a: '2' } },
  {
    name: 'structs, maps and lists',
    text: '"m" a={X:1 Y:{Z:2}} b=map[x:1 y:2] c=[1 2] d=<nil> e=x',
    body: 'm',
    attributes: { a: '{X:1 Y:{Z:2}}', b: 'map[x:1 y:2]', c: '[1 2]', d: '<nil>', e: 'x' },
  },
  { name: 'a bracket without end', text: '"m" a={x b=1 c=(', body: 'm', attributes: { a: '{x', b: '1', c: '(' } },
  {
    name: 'a text of several lines as a value',
    text: '"m" a=<\n\tone\n\t\ttwo\n > b="c" d=<\n\tx\n >',
    body: 'm',
    attributes: { a: 'one\n\ttwo', b: 'c', d: 'x' },
  },
  { name: 'an empty text of several lines', text: '"m" a=<\n > b=1', body: 'm', attributes: { a: '', b: '1' } },
  {
    name: 'types',
    text: '"m" a=1 b=0.1 c=true d="1"',
    options: { types: true },
    body: 'm',
    attributes: { a: 1, b: 0.1, c: true, d: '1' },
  },
]) {
  test(`klog reads ${name}`, () => {
    const batch = processTexts(klogStage, options ?? {}, [`${HEAD} ${text}`]);
    assert.deepEqual(batch.failures, []);
    const record = plainRecord(batch, 0);
    assert.deepEqual([record.body, record.attributes], [body, { ...attributes, ...WHERE }]);
    assert.deepEqual([record.severityNumber, record.severityText], [9, 'I']);
    assert.equal(record.timeUnixNano, BigInt(Date.UTC(2026, 0, 2, 3, 4, 5)) * 1_000_000n + 678_901_000n);
  });
}

for (const { letter, number } of [
  { letter: 'I', number: 9 },
  { letter: 'W', number: 13 },
  { letter: 'E', number: 17 },
  { letter: 'F', number: 21 },
]) {
  test(`klog reads ${letter} as ${number}`, () => {
    const batch = processTexts(klogStage, {}, [HEAD.replace('I', letter)]);
    assert.equal(plainRecord(batch, 0).severityNumber, number);
  });
}

for (const { written, timezone, expected } of [
  { written: '0103 03:04:05.000000', timezone: 'UTC', expected: '2026-01-03T03:04:05.000Z' },
  { written: '0104 03:04:05.000000', timezone: 'UTC', expected: '2025-01-04T03:04:05.000Z' },
  { written: '0229 03:04:05.000000', timezone: 'UTC', expected: '2024-02-29T03:04:05.000Z' },
  { written: '0701 03:04:05.5', timezone: 'Europe/Berlin', expected: '2025-07-01T01:04:05.500Z' },
]) {
  test(`klog reads ${written} in ${timezone} as ${expected}`, () => {
    const batch = processTexts(klogStage, { timezone }, [HEAD.replace('0102 03:04:05.678901', written)]);
    const ms = Number(plainRecord(batch, 0).timeUnixNano / 1_000_000n);
    assert.equal(new Date(ms).toISOString(), expected);
  });
}

for (const line of [
  '',
  'I',
  'not a klog line',
  HEAD.replace('I', 'X'),
  HEAD.replace('0102', '0230'),
  HEAD.replace('0102', '0000'),
  HEAD.replace('03:04', '24:04'),
  HEAD.replace('03:04', '03-04'),
  HEAD.replace(' 1 ', ' x '),
  HEAD.replace(' 1 ', ' 01 '),
  HEAD.replace(' 1 ', ` ${'9'.repeat(29)} `),
  HEAD.replace('79]', '79'),
  HEAD.replace('79]', ']'),
  HEAD.replace('79]', 'x]'),
  HEAD.replace('a.go:', ''),
]) {
  test(`klog leaves ${JSON.stringify(line)} as it was`, () => {
    const batch = processTexts(klogStage, {}, [line, '79] "m"']);
    assert.deepEqual(batch.failures[0], { record: 0, reason: 'no header of klog' });
    const { body, attributes, timeUnixNano, severityNumber } = plainRecord(batch, 0);
    assert.deepEqual([body, attributes, timeUnixNano, severityNumber], [line, {}, 0n, 0]);
  });
}

test('klog keeps and replaces what the record had', () => {
  const log = `${HEAD} \\"m\\" a=\\"new\\"`;
  const batch = processObjects(klogStage, { field: 'log' }, [`{"a":"old","thread.id":"x","log":"${log}","b":1}`]);
  const { body, attributes } = plainRecord(batch, 0);
  assert.deepEqual([body, attributes], ['m', { b: 1, a: 'new', ...WHERE }]);
});

test('klog keeps what the record had when its message is only like one with pairs', () => {
  const log = `${HEAD} \\"m\\" a=\\"new\\" x`;
  const batch = processObjects(klogStage, { field: 'log' }, [`{"a":"old","log":"${log}"}`]);
  const { body, attributes } = plainRecord(batch, 0);
  assert.deepEqual([body, attributes], ['"m" a="new" x', { a: 'old', ...WHERE }]);
});

const corpora = join(import.meta.dirname, '../../../../shared/corpora');
const missing = existsSync(join(corpora, 'klog')) ? false : 'the corpora are not there';

interface DocumentedLine {
  readonly line: string;
  readonly message?: string;
  readonly thread?: number;
  readonly file?: string;
  readonly line_no?: number;
  readonly fields?: Readonly<Record<string, string>>;
}

test('klog reads what the documentation of Kubernetes shows', { skip: missing }, () => {
  const cases = JSON.parse(readFileSync(join(corpora, 'klog/system-logs.json'), 'utf8')) as DocumentedLine[];
  for (const { line, message, thread, file, line_no: lineNumber, fields } of cases) {
    const batch = processTexts(klogStage, {}, [line]);
    assert.equal(batch.failures.length, line.startsWith('{') ? 1 : 0);
    if (line.startsWith('{')) continue;
    const { body, attributes } = plainRecord(batch, 0);
    const { 'thread.id': id, 'code.file.path': path, 'code.line.number': number, ...pairs } = attributes;
    if (message !== undefined) assert.equal(body, message);
    if (thread !== undefined) assert.equal(id, thread);
    if (file !== undefined) assert.deepEqual([path, number], [file, lineNumber]);
    if (fields !== undefined) assert.deepEqual(pairs, fields);
  }
});

interface VectorCase {
  readonly args: { readonly value: string };
  readonly ok?: { readonly id: number; readonly file: string; readonly line: number; readonly message: string };
}

test("klog reads what Vector's tests read", { skip: missing }, () => {
  const cases = JSON.parse(readFileSync(join(corpora, 'vector/vrl-parse/klog.json'), 'utf8')) as VectorCase[];
  for (const { args, ok } of cases) {
    const batch = processTexts(klogStage, {}, [args.value]);
    assert.equal(batch.failures.length, ok === undefined ? 1 : 0, args.value);
    if (ok === undefined) continue;
    const { body, attributes, timeUnixNano } = plainRecord(batch, 0);
    assert.equal(body, ok.message);
    assert.deepEqual(attributes, { 'thread.id': ok.id, 'code.file.path': ok.file, 'code.line.number': ok.line });
    assert.equal(timeUnixNano, BigInt(Date.UTC(2025, 4, 5, 17, 59, 40)) * 1_000_000n + 692_994_000n);
  }
});

test('klog never throws and reads a line the same at every place', () => {
  const piece = fc.oneof(
    fc.constantFrom('"m"', ' a=', '"', '\\', '{', '}', '=<\n', '\n >', '\t', ' ', '\0', 'ü', HEAD),
    fc.string({ maxLength: 3 }),
  );
  const anyLine = fc.array(piece, { maxLength: 12 }).map((pieces) => `${HEAD} ${pieces.join('')}`);
  fc.assert(
    fc.property(fc.array(anyLine, { minLength: 1, maxLength: 5 }), (lines) => {
      const batch = processTexts(klogStage, {}, lines);
      assert.deepEqual(batch.failures, []);
      for (const [i, line] of lines.entries()) {
        assert.deepEqual(plainRecord(batch, i), plainRecord(processTexts(klogStage, {}, [line]), 0));
      }
    }),
  );
});

for (const { name, text } of [
  { name: 'open brackets', text: `"m"${' a={'.repeat(250_000)}` },
  { name: 'open blocks', text: `"m"${' a=<\n'.repeat(200_000)}` },
  { name: 'quotes', text: '"'.repeat(1_000_000) },
  { name: 'keys, all different', text: `"m" ${Array.from({ length: 100_000 }, (_, i) => `k${i}=v`).join(' ')}` },
  { name: 'brackets', text: `"m" a=${'['.repeat(500_000)}${']'.repeat(500_000)}` },
]) {
  test(`klog reads a megabyte of ${name} in less than a second`, () => {
    assert.ok(cpuMsOf(() => processTexts(klogStage, {}, [`${HEAD} ${text}`])) < 1000);
  });
}

test('klog refuses an unknown zone', () => {
  assert.deepEqual(
    optionErrors(klogStage, { timezone: 'Mars' }).map((error) => error.path),
    [['timezone']],
  );
});
