import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadAddresses } from '../../src/config/load-addresses.ts';

for (const { name, text, admin, health } of [
  { name: 'none', text: 'sources: { app: { type: file } }', admin: undefined, health: undefined },
  {
    name: 'the usual ones',
    text: 'admin: {}\nhealth: {}',
    admin: { host: '127.0.0.1', port: 9595 },
    health: { host: undefined, port: 9596 },
  },
  {
    name: 'a variable',
    text: `health: { listen: "\${POD_IP}:1" }`,
    admin: undefined,
    health: { host: '10.0.0.7', port: 1 },
  },
  {
    name: 'IPv6',
    text: 'health: { listen: "[::]:9596" }',
    admin: undefined,
    health: { host: '::', port: 9596 },
  },
  {
    name: 'one in a file with errors elsewhere',
    text: `health: {}\nsinks: { backend: { type: "\${MISSING}" } }\nunknown: 1`,
    admin: undefined,
    health: { host: undefined, port: 9596 },
  },
]) {
  test(`loadAddresses() finds ${name}`, () => {
    const env = { POD_IP: '10.0.0.7' };
    assert.deepEqual(loadAddresses({ text, file: 'a.yaml', env }), { ok: true, admin, health });
  });
}

for (const { text, message } of [
  { text: 'health: { listen: "9596" }', message: /^Cannot use "9596" for "listen": expected an address and a port/ },
  { text: 'health: { listen: "a.example:9596" }', message: /expected an address and a port/ },
  { text: 'health: { listen: ":70000" }', message: /expected a port up to 65535/ },
  { text: 'admin: { listen: "0.0.0.0:9595" }', message: /expected a loopback address/ },
  { text: 'health: {', message: /./ },
]) {
  test(`loadAddresses() says what is wrong with ${text}`, () => {
    const loaded = loadAddresses({ text, file: 'a.yaml', env: {} });
    assert.ok(!loaded.ok);
    assert.match(loaded.errors[0]!.error.message, message);
    assert.equal(loaded.errors[0]!.line, 1);
  });
}

for (const { text, hint } of [
  { text: 'health: { listen: 9596 }', hint: 'Write it with its colon: ":9596"' },
  { text: 'health: { listen: "9596" }', hint: 'Write it with its colon: ":9596"' },
  { text: 'admin: { listen: 9595 }', hint: 'Write it with its colon: "127.0.0.1:9595"' },
]) {
  test(`loadAddresses() says how the port in ${text} is written, which then is right`, () => {
    const loaded = loadAddresses({ text, file: 'a.yaml', env: {} });
    assert.ok(!loaded.ok);
    assert.equal(loaded.errors[0]!.error.hint, hint);
    const mended = text.replace(/"?\d+"?/, hint.replace(/^[^"]*/, ''));
    assert.ok(loadAddresses({ text: mended, file: 'a.yaml', env: {} }).ok);
  });
}
