import assert from 'node:assert/strict';
import { request } from 'node:http';
import { type TestContext, test } from 'node:test';
import { askAgent } from '../../src/agent/admin-client.ts';
import { AdminServer } from '../../src/agent/admin-server.ts';
import { OperatorError } from '../../src/core/errors.ts';

async function open(t: TestContext) {
  const calls: string[] = [];
  const api = {
    ledger: () => ({ streams: [] }),
    unmatched: () => [],
    metrics: () => 'a 1\n',
    sendEagerly: () => calls.push('eager'),
  };
  const admin = await AdminServer.listen({ host: '127.0.0.1', port: 0 }, api);
  t.after(() => admin.close());
  return { address: { host: '127.0.0.1', port: Number(admin.address.split(':')[1]) }, calls };
}

/** A request with any method, path and headers: what came back, and which methods are allowed. */
function ask(port: number, method: string, path: string, headers: Record<string, string> = {}) {
  return new Promise<{ status?: number | undefined; body: string; allow?: string | undefined }>((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, async (response) => {
      let body = '';
      for await (const chunk of response.setEncoding('utf8')) body += String(chunk);
      resolve({ status: response.statusCode, body, allow: response.headers.allow });
    });
    sent.on('error', reject).end();
  });
}

test('AdminServer answers its endpoints, and no others', async (t) => {
  const { address, calls } = await open(t);
  const { port } = address;
  assert.deepEqual(await ask(port, 'GET', '/livez'), { status: 200, body: 'ok\n', allow: undefined });
  assert.equal((await ask(port, 'GET', '/ledger?x')).body, '{"streams":[]}\n');
  assert.equal((await ask(port, 'GET', '/unmatched')).body, '[]\n');
  assert.equal((await ask(port, 'GET', '/metrics')).body, 'a 1\n');
  assert.deepEqual(await ask(port, 'GET', '/-/drain'), { status: 405, body: 'Use POST\n', allow: 'POST' });
  assert.deepEqual(calls, []);
  assert.equal((await ask(port, 'POST', '/-/drain')).status, 200);
  assert.deepEqual(calls, ['eager']);
  assert.equal((await ask(port, 'GET', '/')).status, 404);
  assert.equal((await ask(port, 'GET', '/__proto__')).status, 404);
});

for (const { name, headers } of [
  { name: 'a web page', headers: { origin: 'https://example.com' } },
  { name: 'whoever asks for another host', headers: { host: 'example.com' } },
]) {
  test(`AdminServer refuses ${name}`, async (t) => {
    const { address, calls } = await open(t);
    for (const [method, path] of [
      ['POST', '/-/drain'],
      ['GET', '/ledger'],
    ] as const) {
      assert.equal((await ask(address.port, method, path, headers)).status, 403);
    }
    assert.deepEqual(calls, []);
  });
}

test('AdminServer.listen() says that the address is taken', async (t) => {
  const { address } = await open(t);
  const api = { ledger: () => ({}), unmatched: () => [], metrics: () => '', sendEagerly: () => {} };
  await assert.rejects(AdminServer.listen(address, api), (error) => {
    assert.ok(error instanceof OperatorError && error.code === 'ERR_ADMIN_LISTEN');
    assert.match(error.message, /^Cannot listen on admin address "127\.0\.0\.1:\d+": listen EADDRINUSE/);
    return true;
  });
});

test('askAgent() gives the answer, or says that there is none', async (t) => {
  const { address } = await open(t);
  assert.equal(await askAgent('GET', '/metrics', address), 'a 1\n');
  for (const [path, port, message] of [
    ['/other', address.port, /it answered with status 404/],
    ['/ledger', 1, /ECONNREFUSED/],
  ] as const) {
    await assert.rejects(askAgent('GET', path, { ...address, port }), { code: 'ERR_ADMIN_CONNECT', message });
  }
});
