import assert from 'node:assert/strict';
import { appendFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { checkOptions } from '../../../src/component/check-options.ts';
import { RecordFlag } from '../../../src/core/record-batch.ts';
import { fileSource } from '../../../src/sources/file/index.ts';
import { startFileSource, temporaryFolder, until } from '../../harness/files.ts';

const lines = ['one', '二', '😀 \u0a0a', 'é'];
const text = lines.map((line) => `${line}\r\n`).join('');

function utf16be(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}

for (const { name, encoding, bytes } of [
  { name: 'UTF-16LE by its mark', encoding: 'utf-8', bytes: Buffer.from(`\ufeff${text}`, 'utf16le') },
  { name: 'UTF-16BE by its mark', encoding: 'utf-8', bytes: utf16be(`\ufeff${text}`) },
  { name: 'UTF-16LE by setting', encoding: 'utf-16', bytes: Buffer.from(text, 'utf16le') },
  { name: 'UTF-16BE by setting', encoding: 'utf-16be', bytes: utf16be(text) },
  { name: 'UTF-8 by its mark, beside another setting', encoding: 'utf-16le', bytes: Buffer.from(`\ufeff${text}`) },
]) {
  test(`LIN-11 LIN-10 a file in ${name} is read byte by byte as it grows, and over a restart`, async (t) => {
    const path = join(temporaryFolder(t), 'app.log');
    const options = { include: [path], encoding };
    const half = bytes.indexOf(name.startsWith('UTF-8') ? 0xe4 : 0x4e);
    const first = startFileSource(t, { options });
    writeFileSync(path, '');
    for (let at = 0; at < half; at += 3) {
      appendFileSync(path, bytes.subarray(at, Math.min(half, at + 3)));
      await new Promise((resolve) => setTimeout(resolve, 12));
    }
    await first.sent(1);
    await first.stop();
    const second = startFileSource(t, { options, restored: first.section.stored });
    appendFileSync(path, bytes.subarray(half));
    await second.sent(3);
    await second.drain();
    assert.deepEqual([...first.bodies, ...second.bodies], lines);
    const sources = [first, second];
    const readBytes = sources.reduce((sum, source) => sum + source.sum('pillion_source_read_bytes_total'), 0);
    assert.equal(readBytes, encodedLength(name));
    assert.equal(
      first.sum('pillion_source_skipped_bytes_total', { reason: 'bom' }),
      bytes.length - encodedLength(name),
    );
  });
}

function encodedLength(name: string): number {
  return name.startsWith('UTF-8') ? Buffer.byteLength(text) : 2 * text.length;
}

for (const { name, encoding, encode } of [
  { name: 'UTF-16LE by its mark', encoding: 'utf-8', encode: (text: string) => Buffer.from(text, 'utf16le') },
  { name: 'UTF-16BE by its mark', encoding: 'utf-8', encode: utf16be },
  { name: 'UTF-16LE by setting', encoding: 'utf-16', encode: (text: string) => Buffer.from(text, 'utf16le') },
]) {
  for (const { end, flags } of [
    { end: 'old\n', flags: 0 },
    { end: 'ol\u0a00', flags: RecordFlag.Continuation },
  ]) {
    test(`DSC-02 LIN-11 a file in ${name} that is read from its end on, behind ${JSON.stringify(end)}`, async (t) => {
      const path = join(temporaryFolder(t), 'app.log');
      writeFileSync(path, encode((encoding === 'utf-8' ? '\ufeff' : '') + end));
      const source = startFileSource(t, { options: { include: [path], encoding, start_at: 'end' } });
      await until('it is open', () => source.messages.includes('Reading a file.'));
      appendFileSync(path, encode('one\r\ntwo\r\n'));
      await source.sent(2);
      await source.drain();
      assert.deepEqual(
        source.output.records.map((record) => [record.body, record.flags]),
        [
          ['one', flags],
          ['two', 0],
        ],
      );
    });
  }
}

test('LIN-10 a mark counts at byte 0 of each generation, and is data elsewhere', async (t) => {
  const path = join(temporaryFolder(t), 'app.log');
  writeFileSync(path, '\ufeffone\n\ufefftwo\n');
  const source = startFileSource(t, { options: { include: [path] } });
  await source.sent(2);
  truncateSync(path);
  await until('the truncation is seen', () => source.messages.some((text) => String(text).includes('truncated')));
  writeFileSync(path, Buffer.from('\ufeffthree\n\ufefffour\n', 'utf16le'));
  await source.sent(4);
  assert.deepEqual(source.bodies, ['one', '\ufefftwo', 'three', '\ufefffour']);
  assert.equal(source.sum('pillion_source_skipped_bytes_total', { reason: 'bom' }), 3 + 2);
});

test('LIN-11 Shift_JIS by setting, also compressed; what is no character becomes U+FFFD and is marked', async (t) => {
  const folder = temporaryFolder(t);
  const bytes = Buffer.from([0x95, 0x5c, 0x0a, 0x61, 0xff, 0x0a]);
  writeFileSync(join(folder, 'a.log'), bytes);
  writeFileSync(join(folder, 'b.gz'), gzipSync(bytes));
  const source = startFileSource(t, { options: { include: [join(folder, '*')], encoding: 'sjis' } });
  await source.sent(4);
  assert.deepEqual(source.bodies, ['表', 'a\ufffd', '表', 'a\ufffd']);
  assert.deepEqual(
    source.output.records.map(({ flags }) => flags !== 0),
    [false, true, false, true],
  );
});

test('LIN-11 LIN-08 a preallocated file in UTF-16 is read as it is written', async (t) => {
  for (const encode of [(text: string) => Buffer.from(text, 'utf16le'), utf16be]) {
    const path = join(temporaryFolder(t), 'app.log');
    const encoding = encode === utf16be ? 'utf-16be' : 'utf-16le';
    const source = startFileSource(t, { options: { include: [path], encoding } });
    const content = Buffer.alloc(5000);
    let end = 0;
    for (const line of lines) {
      end += encode(`${line}\n`).copy(content, end);
      writeFileSync(path, content, { flag: end < 20 ? 'w' : 'r+' });
      await until('the line', () => source.bodies.at(-1) === line);
    }
    assert.deepEqual(source.bodies, lines);
  }
});

test('a source refuses an encoding that nobody knows', () => {
  const checked = checkOptions(fileSource.options, { include: '*.log', encoding: 'utf-9' }, []);
  assert.ok(checked.ok);
  assert.deepEqual(
    fileSource.check!(checked.options).map(({ message, path }) => [message, path]),
    [['Cannot read encoding "utf-9": it is no label of the Encoding Standard', ['encoding']]],
  );
});
