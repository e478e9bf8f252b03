import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { formatErrors } from '../../src/config/format-errors.ts';
import { MAX_CONFIG_BYTES, readConfigFile } from '../../src/config/read-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'pillion-'));
after(() => rmSync(folder, { recursive: true }));

async function read(file: string): Promise<string> {
  const read = await readConfigFile(file);
  return read.ok ? `text: ${read.text}` : formatErrors(read.errors, '').replaceAll(`${folder}/`, '').trimEnd();
}

function fileOf(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

const UTF8 = 'ERR_CONFIG_SYNTAX)\n  hint: Save it as UTF-8';

for (const { name, content, expected } of [
  { name: 'the text', content: 'a: ä\n', expected: 'text: a: ä\n' },
  { name: 'the text without its byte-order mark', content: '\ufeffa: 1\n', expected: 'text: a: 1\n' },
  { name: 'an empty text', content: '', expected: 'text: ' },
  {
    name: 'as much as is allowed',
    content: 'a'.repeat(MAX_CONFIG_BYTES),
    expected: `text: ${'a'.repeat(MAX_CONFIG_BYTES)}`,
  },
  {
    name: 'no more than that',
    content: 'a'.repeat(MAX_CONFIG_BYTES + 1),
    expected:
      'x.yaml: Configuration is larger than 1 MiB (ERR_CONFIG_READ)\n  hint: Check the path: this looks like something else',
  },
  {
    name: 'no bytes that are not UTF-8, and says where they are',
    content: Buffer.from('state: /ä\nresource: { a: ä\u00e4', 'latin1'),
    expected: `x.yaml:1:9: File is not valid UTF-8 (${UTF8}`,
  },
  {
    name: 'no character that is cut',
    content: Buffer.concat([Buffer.from('a: ä\nb: ä\n'), Buffer.from('c: ä').subarray(0, -1)]),
    expected: `x.yaml:3:4: File is not valid UTF-8 (${UTF8}`,
  },
  {
    name: 'no UTF-16',
    content: Buffer.from('\ufeffa: 1\n', 'utf16le'),
    expected: `x.yaml: File is not valid UTF-8 (${UTF8}: this is UTF-16`,
  },
])
  test(`readConfigFile() reads ${name}`, async () => assert.equal(await read(fileOf('x.yaml', content)), expected));

test('readConfigFile() says that there is no such file', async () => {
  const expected = 'missing.yaml: Cannot find the configuration file (ERR_CONFIG_READ)\n  hint: Check the path';
  assert.equal(await read(join(folder, 'missing.yaml')), expected);
});

test('readConfigFile() says that it is a folder', async () => {
  assert.match(
    await read(folder),
    /Cannot read a folder as a configuration \(ERR_CONFIG_READ\)\n {2}hint: Name a file in it$/,
  );
});

test('readConfigFile() says that it is not allowed to read', {
  skip: process.getuid?.() === 0 && 'platform: root may read all',
}, async () => {
  const file = fileOf('secret.yaml', 'a: 1\n');
  chmodSync(file, 0);
  assert.match(await read(file), /permission denied \(ERR_CONFIG_READ\)/);
});

test('readConfigFile() reads a pipe to its end', async () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const writer = spawn('sh', ['-c', `{ printf 'a: '; printf '1\\n'; } > '${pipe}'`]);
  assert.equal(await read(pipe), 'text: a: 1\n');
  writer.kill();
});

test('readConfigFile() does not read without end', async () => {
  assert.match(await read('/dev/zero'), /^\/dev\/zero: Configuration is larger than 1 MiB/);
});
