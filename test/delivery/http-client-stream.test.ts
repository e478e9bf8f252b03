import assert from 'node:assert/strict';
import type { RequestListener, ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import { SystemClock } from '../../src/core/clock.ts';
import { FakeClock } from '../../src/core/fake-clock.ts';
import { HttpClient, type HttpClientOptions } from '../../src/delivery/http-client.ts';
import { NEVER } from './fixtures.ts';
import { answering, httpServer, socketServer, until } from './servers.ts';

function clientOf(context: TestContext, port: number, options: Partial<HttpClientOptions> = {}): HttpClient {
  const url = new URL(`http://127.0.0.1:${port}/base`);
  const common = {
    url,
    headers: { 'x-of-all': '1' },
    timeoutMs: 5000,
    maxIdleConnections: 1,
    clock: new SystemClock(),
  };
  const client = new HttpClient({ ...common, ...options });
  context.after(() => client.close());
  return client;
}

test('HttpClient.send() asks for another path with headers of its own', async (t) => {
  const seen: unknown[] = [];
  const server = await httpServer(t, (request, response) => {
    const { accept, 'x-of-all': all, 'content-length': length } = request.headers;
    seen.push([request.method, request.url, accept, all, length]);
    response.end('body');
  });
  const answer = await clientOf(t, server.port).send(
    { method: 'GET', path: '/pods?a=b', headers: { accept: 'x' } },
    NEVER,
  );
  assert.equal(answer.kind === 'answer' && answer.body.toString(), 'body');
  assert.deepEqual(seen, [['GET', '/pods?a=b', 'x', '1', undefined]]);
});

test('HttpClient.open() gives the parts of an answer as they come, until its end', async (t) => {
  let answering: ServerResponse | undefined;
  const server = await httpServer(t, (_request, response) => {
    answering = response;
    response.flushHeaders();
  });
  const opened = await clientOf(t, server.port).open({ method: 'GET', path: '/watch' }, NEVER);
  assert.ok(opened.kind === 'stream');
  const parts = opened.parts[Symbol.asyncIterator]();
  answering?.write('one');
  assert.equal(String((await parts.next()).value), 'one');
  answering?.end('two');
  assert.equal(String((await parts.next()).value), 'two');
  assert.equal((await parts.next()).done, true);
});

test('HttpClient.open() ends with its signal, before the answer and behind its head', async (t) => {
  const stop = new AbortController();
  let isAsked = false;
  const silent = await httpServer(t, () => (isAsked = true));
  const opening = clientOf(t, silent.port).open({ method: 'GET' }, stop.signal);
  await until(() => isAsked);
  stop.abort();
  assert.equal((await opening).kind, 'failed');

  const later = new AbortController();
  const server = await httpServer(t, (_request, response) => response.flushHeaders());
  const opened = await clientOf(t, server.port).open({ method: 'GET' }, later.signal);
  assert.ok(opened.kind === 'stream');
  const next = opened.parts[Symbol.asyncIterator]().next();
  later.abort();
  await assert.rejects(next);
});

for (const { name, listener, expected } of [
  { name: 'another status', listener: answering(410), expected: { kind: 'refused', status: 410 } },
] as { name: string; listener: RequestListener; expected: unknown }[])
  test(`HttpClient.open() says that there is ${name}`, async (t) => {
    const server = await httpServer(t, listener);
    assert.deepEqual(await clientOf(t, server.port).open({ method: 'GET' }, NEVER), expected);
  });

test('HttpClient.open() fails where nobody answers in time, or at all', async (t) => {
  const clock = new FakeClock();
  let isThere = false;
  const silent = await socketServer(t, () => (isThere = true));
  const opening = clientOf(t, silent.port, { clock }).open({ method: 'GET' }, NEVER);
  await until(() => isThere);
  await clock.advance(5000);
  const opened = await opening;
  assert.match(opened.kind === 'failed' ? opened.error.message : '', /^Cannot read from .*no answer within 5000 ms/);
  await silent.close();
  assert.equal((await clientOf(t, silent.port).open({ method: 'GET' }, NEVER)).kind, 'failed');
});

test('HttpClient.open() throws to its reader where the connection breaks', async (t) => {
  const server = await socketServer(t, (socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n');
      setImmediate(() => socket.destroy());
    });
  });
  const opened = await clientOf(t, server.port).open({ method: 'GET' }, NEVER);
  assert.ok(opened.kind === 'stream');
  await assert.rejects(async () => {
    for await (const part of opened.parts) assert.equal(String(part), 'abc');
  });
});
