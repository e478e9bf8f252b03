import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proxyFor } from '../../src/delivery/proxy.ts';

const PROXY = 'http://proxy:3128/';

for (const { url, env, expected } of [
  { url: 'http://a.example', env: {}, expected: undefined },
  { url: 'http://a.example', env: { HTTP_PROXY: PROXY }, expected: PROXY },
  { url: 'https://a.example', env: { HTTP_PROXY: PROXY }, expected: undefined },
  { url: 'https://a.example', env: { HTTPS_PROXY: PROXY }, expected: PROXY },
  { url: 'https://a.example', env: { https_proxy: 'proxy:3128' }, expected: PROXY },
  { url: 'https://a.example', env: { HTTPS_PROXY: PROXY, https_proxy: 'http://other' }, expected: PROXY },
  { url: 'https://a.example', env: { HTTPS_PROXY: ' ', https_proxy: PROXY }, expected: PROXY },
  { url: 'https://a.example', env: { HTTPS_PROXY: 'http://u:p%40@[::1]:3128' }, expected: 'http://u:p%40@[::1]:3128/' },
])
  test(`proxyFor() finds ${expected ?? 'none'} for ${url} with ${JSON.stringify(env)}`, () => {
    assert.equal(proxyFor(new URL(url), env)?.url, expected);
  });

for (const [list, url, isDirect] of [
  ['', 'https://localhost:4318', true],
  ['', 'https://127.0.0.9', true],
  ['', 'https://[::1]', true],
  ['', 'https://10.1.2.3', false],
  ['*', 'https://a.example', true],
  ['a.example', 'https://a.example', true],
  ['a.example', 'https://A.Example.', true],
  ['A.EXAMPLE', 'https://a.example', true],
  ['a.example', 'https://b.a.example', true],
  ['a.example', 'https://ba.example', false],
  ['.a.example', 'https://b.a.example', true],
  ['.a.example', 'https://a.example', false],
  ['*.a.example', 'https://b.a.example', true],
  ['*.a.example', 'https://a.example', false],
  ['x, a.example ,y', 'https://a.example', true],
  ['x a.example', 'https://a.example', true],
  ['a.example:443', 'https://a.example', true],
  ['a.example:4318', 'https://a.example', false],
  ['a.example:4318', 'https://a.example:4318', true],
  ['10.1.2.3', 'https://10.1.2.3', true],
  ['10.1.2.3:443', 'https://10.1.2.3', true],
  ['10.0.0.0/8', 'https://10.1.2.3', true],
  ['10.0.0.0/16', 'https://10.1.2.3', false],
  ['10.0.0.0/99', 'https://10.1.2.3', false],
  ['2.3', 'https://10.1.2.3', false],
  ['fd00::/8', 'https://[fd12::1]:4318', true],
  ['fd12::1', 'https://[fd12:0::1]', true],
  ['[fd12::1]:4318', 'https://[fd12::1]:4318', true],
  ['[fd12::1]:4318', 'https://[fd12::1]', false],
  ['10.0.0.0/8', 'https://ten.example', false],
  ['10.0.0.0/8', 'https://[fd12::1]', false],
  [',,', 'https://a.example', false],
  ['[', 'https://a.example', false],
] as const)
  test(`proxyFor() reaches ${url} ${isDirect ? 'without' : 'through'} the proxy with NO_PROXY=${JSON.stringify(list)}`, () => {
    assert.equal(proxyFor(new URL(url), { HTTPS_PROXY: PROXY, no_proxy: list }) === undefined, isDirect);
  });

for (const { proxy, isNamed } of [
  { proxy: 'http://proxy:3128', isNamed: true },
  { proxy: 'http://10.0.0.1:3128', isNamed: false },
  { proxy: 'http://[fd12::1]:3128', isNamed: false },
])
  test(`proxyFor() says whether ${proxy} has to be looked up`, () => {
    assert.equal(proxyFor(new URL('http://a.example'), { HTTP_PROXY: proxy })?.isNamed, isNamed);
  });

for (const text of ['socks5://user:secret@proxy', 'http://', 'http://user:secret@'])
  test(`proxyFor() refuses ${text}, and does not show it`, () => {
    assert.throws(() => proxyFor(new URL('http://a.example'), { HTTP_PROXY: text }), {
      message: 'HTTP_PROXY does not hold the URL of an HTTP proxy',
    });
  });
