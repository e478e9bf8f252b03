import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { FakeClock } from '../../src/core/fake-clock.ts';
import { BearerToken, checkTokenFile } from '../../src/delivery/bearer-token.ts';
import { temporaryFolder } from '../harness/files.ts';

test('BearerToken.header() reads the file once a minute', async (t) => {
  const path = join(temporaryFolder(t), 'token');
  const clock = new FakeClock();
  const token = new BearerToken(path, clock);
  writeFileSync(path, 'first.token\n');
  assert.equal(await token.header(), 'Bearer first.token');
  writeFileSync(path, 'second');
  await clock.advance(59_999);
  assert.equal(await token.header(), 'Bearer first.token');
  await clock.advance(1);
  assert.equal(await token.header(), 'Bearer second');
});

test('ANS-11 BearerToken.header() reads the file at once, when the token was refused', async (t) => {
  const path = join(temporaryFolder(t), 'token');
  const token = new BearerToken(path, new FakeClock());
  writeFileSync(path, 'old');
  await token.header();
  writeFileSync(path, 'new');
  token.forget();
  assert.equal(await token.header(), 'Bearer new');
});

test('BearerToken.header() keeps a token that nobody refused, while the file is away, and no other', async (t) => {
  const path = join(temporaryFolder(t), 'token');
  const clock = new FakeClock();
  const token = new BearerToken(path, clock);
  writeFileSync(path, 'good');
  await token.header();
  rmSync(path);
  await clock.advance(60_000);
  assert.equal(await token.header(), 'Bearer good');
  token.forget();
  await assert.rejects(token.header(), /ENOENT/);
});

for (const text of ['', '\n', 'two words', 'a\nheader: injected', 'tok€n']) {
  test(`checkTokenFile() refuses ${JSON.stringify(text)}, and does not show it`, (t) => {
    const path = join(temporaryFolder(t), 'token');
    writeFileSync(path, text);
    assert.throws(() => checkTokenFile(path), /^Error: the file does not hold one token and nothing else$/);
  });
}
