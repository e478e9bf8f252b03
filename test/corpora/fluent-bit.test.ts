import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startFileSource } from '../harness/files.ts';
import { objectOf, textOf } from './expected-record.ts';

const folder = join(import.meta.dirname, '../../../shared/corpora/fluent-bit/runtime-data/tail');
const missing = existsSync(folder) ? false : 'the corpora of Fluent Bit are not there';

/** What Fluent Bit makes of a file: the line of each record. */
function linesOf(name: string): string[] {
  const records = readFileSync(join(folder, 'out', `${name}.out`), 'utf8').split('\n');
  return records.flatMap((record) => (record === '' ? [] : textOf(objectOf(JSON.parse(record))['log'])));
}

for (const { name, options } of [
  { name: 'generic_enc_gb18030', options: { encoding: 'gb18030' } },
  { name: 'generic_enc_gbk', options: { encoding: 'gbk' } },
  { name: 'generic_enc_sjis', options: { encoding: 'shift_jis' } },
  { name: 'generic_enc_win1251', options: { encoding: 'windows-1251' } },
  { name: 'generic_enc_win1252', options: { encoding: 'windows-1252' } },
  { name: 'generic_enc_win1256', options: { encoding: 'windows-1256' } },
  { name: 'dockermode', options: { format: 'docker_json' } },
  { name: 'dockermode_splitted_multiple_lines', options: { format: 'docker_json', multiline: { start: '^\\d{4}-' } } },
]) {
  test(`the records of Fluent Bit's ${name}.log are those that Fluent Bit finds`, { skip: missing }, async (t) => {
    const path = join(folder, 'log', `${name}.log`);
    const source = startFileSource(t, { options: { include: [path], ...options } });
    await source.drain();
    const expected = linesOf(name).map((line) => line.replace(/\n$/, ''));
    // Of most files all records but the last are told.
    assert.deepEqual(source.bodies.slice(0, expected.length), expected);
    assert.ok(source.bodies.length - expected.length <= 1);
  });
}
