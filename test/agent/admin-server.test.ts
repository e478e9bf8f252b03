import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { askAgent } from '../../src/agent/admin-client.ts';
import { type AdminApi, listenForAdmin } from '../../src/agent/admin-server.ts';
import { OperatorError } from '../../src/core/errors.ts';
import { askHttp } from '../harness/ask-http.ts';

function apiOf(calls: string[] = []): AdminApi {
  return {
    ledger: () => ({ streams: [] }),
    unmatched: () => [],
    health: () => [{ name: 'sink backend', status: 'noted', detail: 'held', cause: 'status 401' }],
    metrics: () => 'a 1\n',
    reload: undefined,
    sendEagerly: () => calls.push('eager'),
    onError: (path, error) => assert.fail(`${path}: ${error}`),
  };
}

async function open(t: TestContext) {
  const calls: string[] = [];
  const admin = await listenForAdmin({ host: '127.0.0.1', port: 0 }, apiOf(calls));
  t.after(() => admin.close());
  return { address: { host: '127.0.0.1', port: Number(admin.address.split(':')[1]) }, calls };
}

test('listenForAdmin() answers its endpoints, and no others', async (t) => {
  const { address, calls } = await open(t);
  const { port } = address;
  assert.deepEqual(await askHttp(port, 'GET', '/livez'), { status: 200, body: 'ok\n', allow: undefined });
  assert.equal((await askHttp(port, 'GET', '/readyz?verbose')).body, 'ok\n[!] sink backend: held: status 401\n');
  assert.equal((await askHttp(port, 'GET', '/ledger?x')).body, '{"streams":[]}\n');
  assert.equal((await askHttp(port, 'GET', '/unmatched')).body, '[]\n');
  assert.equal((await askHttp(port, 'GET', '/metrics')).body, 'a 1\n');
  assert.deepEqual(await askHttp(port, 'GET', '/-/drain'), { status: 405, body: 'Use POST\n', allow: 'POST' });
  assert.deepEqual(calls, []);
  assert.equal((await askHttp(port, 'POST', '/-/drain')).status, 200);
  assert.deepEqual(calls, ['eager']);
  assert.equal((await askHttp(port, 'GET', '/')).status, 404);
  assert.equal((await askHttp(port, 'GET', '/__proto__')).status, 404);
});

for (const { name, headers } of [
  { name: 'a web page', headers: { origin: 'https://example.com' } },
  { name: 'whoever asks for another host', headers: { host: 'example.com' } },
]) {
  test(`listenForAdmin() refuses ${name}`, async (t) => {
    const { address, calls } = await open(t);
    for (const [method, path] of [
      ['POST', '/-/drain'],
      ['GET', '/ledger'],
    ] as const) {
      assert.equal((await askHttp(address.port, method, path, headers)).status, 403);
    }
    assert.deepEqual(calls, []);
  });
}

test('listenForAdmin() says that the address is taken', async (t) => {
  const { address } = await open(t);
  await assert.rejects(listenForAdmin(address, apiOf()), (error) => {
    assert.ok(error instanceof OperatorError && error.code === 'ERR_ADMIN_LISTEN');
    assert.match(error.message, /^Cannot listen on admin address "127\.0\.0\.1:\d+": listen EADDRINUSE/);
    return true;
  });
});

test('askAgent() gives the answer, or says that there is none', async (t) => {
  const { address } = await open(t);
  assert.deepEqual(await askAgent('GET', '/metrics', address), { status: 200, body: 'a 1\n' });
  assert.equal((await askAgent('GET', '/other', address, [404])).status, 404);
  for (const [path, port, message] of [
    ['/other', address.port, /it answered with status 404/],
    ['/ledger', 1, /ECONNREFUSED/],
  ] as const) {
    await assert.rejects(askAgent('GET', path, { ...address, port }), { code: 'ERR_ADMIN_CONNECT', message });
  }
});
