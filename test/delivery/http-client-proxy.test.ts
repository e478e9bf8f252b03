import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { type TestContext, test } from 'node:test';
import { SystemClock } from '../../src/core/clock.ts';
import { HttpClient, type HttpClientOptions } from '../../src/delivery/http-client.ts';
import { startProxy } from '../harness/connect-proxy.ts';
import { skipWithoutOpenssl, TestAuthority } from './certificates.ts';
import { NEVER } from './fixtures.ts';
import { answering, httpServer, listen, socketServer } from './servers.ts';

const skip = skipWithoutOpenssl;
const authority = skip ? undefined : new TestAuthority();

function clientOf(context: TestContext, url: string, options: Partial<HttpClientOptions>): HttpClient {
  const common = { headers: {}, timeoutMs: 5000, maxIdleConnections: 2, clock: new SystemClock() };
  const client = new HttpClient({ url: new URL(url), ...common, ...options });
  context.after(() => client.close());
  return client;
}

async function post(client: HttpClient): Promise<string> {
  const answer = await client.post(Buffer.from('a request'), NEVER);
  return answer.kind === 'no_answer' ? `${answer.error.failure}: ${answer.error.message}` : String(answer.status);
}

/** A backend with TLS whose certificate is for a name that only the proxy knows. */
async function secureBackend(context: TestContext) {
  const { cert, key } = authority!.issue('proxied', 'DNS:backend.test');
  return listen(context, createServer({ cert: readFileSync(cert), key: readFileSync(key) }, answering(200)));
}

test('HttpClient.post() reaches a host by http through the proxy, which gets its password', async (t) => {
  const backend = await httpServer(t, answering(200));
  const proxy = await startProxy(t, 'user:p@ss');
  const env = { HTTP_PROXY: `http://user:p%40ss@127.0.0.1:${proxy.port}` };
  const url = `http://backend.test:${backend.port}/v1/logs`;
  const client = clientOf(t, url, { env });
  assert.deepEqual([await post(client), await post(client)], ['200', '200']);
  assert.deepEqual(proxy.requests, [`POST ${url}`, `POST ${url}`]);
});

test('HttpClient.post() reaches a host by https through a tunnel, and checks its certificate', { skip }, async (t) => {
  const backend = await secureBackend(t);
  const proxy = await startProxy(t, 'user:p@ss');
  const env = { https_proxy: `http://user:p%40ss@127.0.0.1:${proxy.port}` };
  const caFile = authority!.ca.cert;
  const client = clientOf(t, `https://backend.test:${backend.port}/v1/logs`, { env, tls: { caFile } });
  assert.deepEqual([await post(client), await post(client)], ['200', '200']);
  assert.deepEqual(proxy.requests, [`CONNECT backend.test:${backend.port}`]);
  const stranger = clientOf(t, `https://other.test:${backend.port}/v1/logs`, { env, tls: { caFile } });
  assert.match(await post(stranger), /^tls: .*Hostname\/IP does not match/);
});

test('HttpClient.post() goes past the proxy where NO_PROXY names the host', async (t) => {
  const backend = await httpServer(t, answering(200));
  const proxy = await startProxy(t);
  const env = { HTTP_PROXY: `http://127.0.0.1:${proxy.port}` };
  assert.equal(await post(clientOf(t, `http://127.0.0.1:${backend.port}`, { env })), '200');
  const byName = clientOf(t, 'http://backend.invalid', { env: { ...env, NO_PROXY: '.invalid' } });
  assert.match(await post(byName), /^dns: /);
  assert.deepEqual(proxy.requests, []);
});

test('HttpClient.post() says what the proxy answered, and not its password', async (t) => {
  const proxy = await startProxy(t, 'user:right');
  const env = { HTTPS_PROXY: `http://user:wrong-password@127.0.0.1:${proxy.port}` };
  assert.equal(
    await post(clientOf(t, 'https://backend.test:4318/x', { env })),
    'proxy: Cannot deliver to "https://backend.test:4318/x": proxy gives no connection (it answered 407)',
  );
});

for (const { name, proxy, expected } of [
  { name: 'is not there', proxy: 'http://127.0.0.1:9', expected: /^refused: / },
  { name: 'has no address', proxy: 'http://proxy.invalid', expected: /^dns: / },
])
  test(`HttpClient.post() says that a proxy ${name}`, async (t) => {
    assert.match(await post(clientOf(t, 'https://backend.test', { env: { HTTPS_PROXY: proxy } })), expected);
  });

test('HttpClient.post() gives up after the timeout, when the proxy hangs', async (t) => {
  const silent = await socketServer(t, () => {});
  const env = { HTTPS_PROXY: `http://127.0.0.1:${silent.port}` };
  const message = await post(clientOf(t, 'https://backend.test', { env, timeoutMs: 100 }));
  assert.match(message, /^proxy: .*within 100 ms/);
});
