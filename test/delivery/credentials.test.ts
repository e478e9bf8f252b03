import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { FakeClock } from '../../src/core/fake-clock.ts';
import { basicAuth, bearerToken, headerFromFile } from '../../src/delivery/credentials.ts';
import { checkSecretFile, headerValueIn, lineIn, tokenIn } from '../../src/delivery/secret-file.ts';
import { temporaryFolder } from '../harness/files.ts';
import { NEVER } from './fixtures.ts';

test('bearerToken() reads the file once a minute', async (t) => {
  const path = join(temporaryFolder(t), 'token');
  const clock = new FakeClock();
  const token = bearerToken(path, clock);
  writeFileSync(path, 'first.token\n');
  assert.deepEqual(await token.headers(NEVER), { authorization: 'Bearer first.token' });
  writeFileSync(path, 'second');
  await clock.advance(59_999);
  assert.deepEqual(await token.headers(NEVER), { authorization: 'Bearer first.token' });
  await clock.advance(1);
  assert.deepEqual(await token.headers(NEVER), { authorization: 'Bearer second' });
  assert.deepEqual(token.secrets, ['second', 'second', 'first.token', 'first.token']);
});

test('ANS-11 bearerToken() reads the file at once, when the token was refused', async (t) => {
  const path = join(temporaryFolder(t), 'token');
  const token = bearerToken(path, new FakeClock());
  writeFileSync(path, 'old');
  await token.headers(NEVER);
  writeFileSync(path, 'new');
  token.forget();
  assert.deepEqual(await token.headers(NEVER), { authorization: 'Bearer new' });
});

test('bearerToken() keeps a token that nobody refused, while the file is away, and no other', async (t) => {
  const path = join(temporaryFolder(t), 'token');
  const clock = new FakeClock();
  const token = bearerToken(path, clock);
  writeFileSync(path, 'good');
  await token.headers(NEVER);
  rmSync(path);
  await clock.advance(60_000);
  assert.deepEqual(await token.headers(NEVER), { authorization: 'Bearer good' });
  token.forget();
  await assert.rejects(token.headers(NEVER), /ENOENT/);
});

test('basicAuth() joins user and password in UTF-8, and knows what to hide', async (t) => {
  const path = join(temporaryFolder(t), 'password');
  writeFileSync(path, 'pä:ss wörd \n');
  const basic = basicAuth('user', path, new FakeClock());
  const value = Buffer.from('user:pä:ss wörd ').toString('base64');
  assert.deepEqual(await basic.headers(NEVER), { authorization: `Basic ${value}` });
  assert.deepEqual(basic.secrets, ['pä:ss wörd ', value]);
});

test('headerFromFile() sends the line of the file', async (t) => {
  const path = join(temporaryFolder(t), 'key');
  writeFileSync(path, ' key with = and , \r\n');
  const header = headerFromFile('X-API-Key', path, new FakeClock());
  assert.deepEqual(await header.headers(NEVER), { 'x-api-key': 'key with = and ,' });
});

for (const { name, parse, texts } of [
  { name: 'tokenIn', parse: tokenIn, texts: ['', '\n', 'two words', 'a\nheader: injected', 'tok€n'] },
  { name: 'lineIn', parse: lineIn, texts: ['', '\n', 'two\nlines', 'a\0b', 'a\u001bb'] },
  { name: 'headerValueIn', parse: headerValueIn, texts: ['', ' \n', 'a\r\nheader: injected', 'key€'] },
])
  for (const text of texts)
    test(`checkSecretFile() with ${name}() refuses ${JSON.stringify(text)}, and does not show it`, (t) => {
      const path = join(temporaryFolder(t), 'secret');
      writeFileSync(path, text);
      assert.throws(() => checkSecretFile(path, parse), /^Error: the file (does not hold|holds what)/);
    });
