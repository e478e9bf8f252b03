import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Language } from '../../../src/framing/multiline/languages.ts';
import { frameInput, framingOf } from '../../harness/framed.ts';

const corpora = join(import.meta.dirname, '../../../../shared/corpora');
const missing = existsSync(join(corpora, 'runtime-traces')) ? false : 'the corpora of stack traces are not there';

/** What the corpora call a language, and what we call it. */
const LANGUAGE: Record<string, Language> = {
  java: 'java',
  js: 'node',
  python: 'python',
  php: 'php',
  go: 'go',
  csharp: 'dotnet',
  ruby: 'ruby',
  dart: 'dart',
  rust: 'rust',
};

interface Case {
  readonly file: string;
  readonly language: string;
  readonly records: number;
}

function cases(folder: string): Case[] {
  const index: unknown = JSON.parse(readFileSync(join(corpora, folder, 'index.json'), 'utf8'));
  const list = (Array.isArray(index) ? index : (index as { cases: Case[] }).cases) as Case[];
  return list.flatMap((entry) =>
    LANGUAGE[entry.language] === undefined ? [] : [{ ...entry, file: join(folder, entry.file) }],
  );
}

const all = missing ? [] : [...cases('runtime-traces'), ...cases('detect-exceptions')];

for (const { file, language, records } of all) {
  test(`judges take ${file} as ${records} record${records === 1 ? '' : 's'}`, { skip: missing }, () => {
    const text = readFileSync(join(corpora, file), 'utf8');
    const framed = frameInput(framingOf('plain', LANGUAGE[language]), text);
    assert.equal(framed.records.length, records, framed.records.map(({ body }) => body).join('\n=====\n'));
    // Nothing but blank lines is outside of a record.
    const joined = framed.records.map(({ body }) => body).join('\n');
    assert.equal(joined.replaceAll('\n', ''), text.replaceAll('\n', ''));
  });
}

const PLAIN = 'This is not an exception.\n';

/** The traces that stand between ordinary lines and other traces as records of their own. */
const traces = missing ? [] : cases('detect-exceptions');

for (const { file, language } of traces) {
  test(`judges tell ${file} from what stands around it`, { skip: missing }, () => {
    const trace = readFileSync(join(corpora, file), 'utf8').replace(/\n*$/, '\n');
    const framed = frameInput(framingOf('plain', LANGUAGE[language]), PLAIN + trace + PLAIN + trace + trace);
    const bodies = framed.records.map(({ body }) => `${body}\n`);
    assert.deepEqual(bodies, [PLAIN, trace, PLAIN, trace, trace]);
  });
}

/** Bytes of a container's file that hold `lines`: the lines of its application, long ones in parts. */
const CONTAINERS: Record<string, (lines: readonly string[]) => string> = {
  cri: (lines) =>
    lines
      .flatMap((line) =>
        [...splitEvery(line, 50).map((part) => ['P', part]), ['F', '']]
          .slice(0, -1)
          .map((part, i, parts) => [i === parts.length - 1 ? 'F' : 'P', part[1]]),
      )
      .map(([tag, part]) => `2026-11-20T12:35:39.000000001Z stderr ${tag} ${part}\n`)
      .join(''),
  docker_json: (lines) =>
    lines
      .flatMap((line) => splitEvery(`${line}\n`, 50))
      .map((log) => `${JSON.stringify({ log, stream: 'stderr', time: '2026-11-20T12:35:39.000000001Z' })}\n`)
      .join(''),
};

function splitEvery(text: string, length: number): string[] {
  const parts: string[] = [];
  for (let at = 0; at === 0 || at < text.length; at += length) parts.push(text.slice(at, at + length));
  return parts;
}

for (const format of ['plain', 'cri', 'docker_json'] as const) {
  test(`CRI-02 MUL-01 traces of all languages are one record each in a ${format} file, however its bytes arrive`, {
    skip: missing,
  }, () => {
    for (const { file, language, records } of all) {
      const text = readFileSync(join(corpora, file), 'utf8').replace(/\n$/, '');
      const input = CONTAINERS[format]?.(text.split('\n')) ?? `${text}\n`;
      const framing = framingOf(format, LANGUAGE[language]);
      const whole = frameInput(framing, input);
      const plain = frameInput(framingOf('plain', LANGUAGE[language]), `${text}\n`);
      assert.equal(whole.records.length, records, file);
      assert.deepEqual(
        whole.records.map(({ body }) => body),
        plain.records.map(({ body }) => body),
      );
      for (const cuts of [[1], [97], [1000, 3, 250]]) {
        if (cuts[0] === 1 && input.length > 3000) continue;
        const { records, consumed, resume, counts } = frameInput(framing, input, { cuts });
        assert.deepEqual({ records, consumed, resume, counts }, whole, `${file} by ${cuts}`);
      }
    }
  });
}
