import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type Endpoint, type HttpLimits, HttpListener, text } from '../../src/serving/http-listener.ts';
import { askHttp } from '../harness/ask-http.ts';
import { until } from '../harness/files.ts';

const limit = { timeout: 30_000 };

async function open(t: TestContext, limits?: Partial<HttpLimits>) {
  const failures: string[] = [];
  const answers: string[] = [];
  const says = (path: string, body: string) => {
    answers.push(path);
    return text(body);
  };
  const listener = await HttpListener.listen(
    { host: undefined, port: 0 },
    {
      paths: new Map<string, Endpoint>([
        ['/ok', { method: 'GET', answer: (query) => says('/ok', `ok ${query.get('q')}`) }],
        ['/large', { method: 'GET', answer: () => says('/large', 'x'.repeat(2 ** 24)) }],
        ['/act', { method: 'POST', answer: async () => text('done') }],
        ['/broken', { method: 'GET', answer: () => Promise.reject(new Error('a bug')) }],
      ]),
      onError: (path, error) => failures.push(`${path}: ${error}`),
    },
    limits,
  );
  t.after(() => listener.close());
  return { port: Number(listener.address.split(':').at(-1)), failures, answers, listener };
}

/** A connection that says what it is told, and keeps what comes back. */
async function dial(t: TestContext, port: number, said: string) {
  const socket: Socket = connect({ host: '127.0.0.1', port });
  t.after(() => socket.destroy());
  const dialled = { socket, heard: '', isClosed: false };
  socket.on('error', () => {});
  socket.on('close', () => (dialled.isClosed = true));
  socket.setEncoding('latin1').on('data', (heard: string) => (dialled.heard += heard));
  await once(socket, 'connect');
  socket.write(said, 'latin1');
  return dialled;
}

for (const { name, method, path, headers, body, status, reply, allow } of [
  { name: 'a path', method: 'GET', path: '/ok?q=%31', status: 200, reply: 'ok 1' },
  { name: 'an address of another host', method: 'GET', path: '/ok', headers: { host: 'a.b' }, status: 200 },
  { name: 'only the head', method: 'HEAD', path: '/ok', status: 200, reply: '' },
  { name: 'an action', method: 'POST', path: '/act', status: 200, reply: 'done' },
  { name: 'an action with a small body', method: 'POST', path: '/act', body: '{}', status: 200, reply: 'done' },
  { name: 'an unknown path', method: 'GET', path: '/', status: 404, reply: 'Known: /ok /large /act /broken\n' },
  { name: 'a path that objects have', method: 'GET', path: '/__proto__', status: 404 },
  { name: 'a wrong method', method: 'DELETE', path: '/ok', status: 405, allow: 'GET, HEAD' },
  { name: 'an action that is only looked at', method: 'GET', path: '/act', status: 405, allow: 'POST' },
  { name: 'a large body', method: 'POST', path: '/act', body: 'x'.repeat(2000), status: 413 },
  {
    name: 'a body of unknown size',
    method: 'POST',
    path: '/act',
    headers: { 'transfer-encoding': 'chunked' },
    status: 413,
  },
  { name: 'huge headers', method: 'GET', path: '/ok', headers: { x: 'x'.repeat(9000) }, status: 431 },
] as {
  name: string;
  method: string;
  path: string;
  headers?: Record<string, string>;
  body?: string;
  status: number;
  reply?: string;
  allow?: string;
}[]) {
  test(`HttpListener answers ${status} to ${name}`, async (t) => {
    const { port } = await open(t);
    const replied = await askHttp(port, method, path, headers, body === undefined ? {} : { body });
    assert.equal(replied.status, status);
    if (reply !== undefined) assert.equal(replied.body, reply);
    assert.equal(replied.allow, allow);
  });
}

test('HttpListener answers 500 where an endpoint fails, says so, and goes on', async (t) => {
  const { port, failures } = await open(t);
  assert.equal((await askHttp(port, 'GET', '/broken')).status, 500);
  assert.deepEqual(failures, ['/broken: Error: a bug']);
  assert.equal((await askHttp(port, 'GET', '/ok')).status, 200);
});

test('HttpListener without a host answers on IPv4 and on IPv6', async (t) => {
  const { port } = await open(t);
  assert.equal((await askHttp(port, 'GET', '/ok')).status, 200);
  assert.equal((await askHttp(port, 'GET', '/ok', {}, { host: '::1' })).status, 200);
});

test(
  'HttpListener answers at once while hundreds of connections say nothing, and closes the oldest of them',
  limit,
  async (t) => {
    const { port } = await open(t);
    const silent = await Promise.all(Array.from({ length: 300 }, () => dial(t, port, 'GET /ok HTTP/1.1\r\n')));
    assert.equal((await askHttp(port, 'GET', '/ok')).status, 200);
    await until('the oldest are closed', () => silent.filter(({ isClosed }) => isClosed).length >= 300 - 64);
    assert.ok(silent.some(({ isClosed }) => !isClosed));
  },
);

for (const { name, said } of [
  { name: 'a request that never ends', said: 'GET /ok HTTP/1.1\r\nhost: a\r\nx: ' },
  { name: 'a body that never comes', said: 'POST /act HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nx' },
  { name: 'an answer that nobody reads', said: 'GET /large HTTP/1.1\r\nhost: a\r\n\r\n' },
  { name: 'a connection that says nothing', said: '' },
]) {
  test(`HttpListener waits for ${name} only so long`, limit, async (t) => {
    const { port, listener } = await open(t, { requestMs: 200, silenceMs: 400 });
    const client = await dial(t, port, said);
    client.socket.pause();
    await until('it is there', () => listener.connections === 1);
    await until('it is closed', () => listener.connections === 0);
  });
}

for (const said of [
  '\r\n\r\n\0\0',
  'CONNECT a:1 HTTP/1.1\r\nhost: a\r\n\r\n',
  'SSH-2.0-x\r\n',
  '\x16\x03\x01\x02\x00\x01',
]) {
  test(`HttpListener closes a connection that begins with ${JSON.stringify(said)}`, limit, async (t) => {
    const { port } = await open(t);
    const client = await dial(t, port, said);
    await until('it is closed', () => client.isClosed);
    assert.equal((await askHttp(port, 'GET', '/ok')).status, 200);
  });
}

test(
  'HttpListener makes one answer at a time for a connection whose requests come at once, in their order',
  limit,
  async (t) => {
    const { port, answers } = await open(t);
    const client = await dial(t, port, '');
    client.socket.pause();
    const paths = ['/large', '/large', '/ok?q=1', '/', '/ok?q=2'];
    client.socket.write(paths.map((path) => `GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`).join(''));
    await until('the first is answered', () => answers.length > 0);
    // Another connection is answered meanwhile, so whatever came with the first request has been looked at.
    assert.equal((await askHttp(port, 'GET', '/ok')).status, 200);
    assert.deepEqual(answers, ['/large', '/ok']);
    client.socket.resume();
    await until('the last is answered', () => client.heard.endsWith('ok 2'));
    assert.deepEqual(client.heard.match(/HTTP\/1.1 \d+|ok \d/g), [
      'HTTP/1.1 200',
      'HTTP/1.1 200',
      'HTTP/1.1 200',
      'ok 1',
      'HTTP/1.1 404',
      'HTTP/1.1 200',
      'ok 2',
    ]);
  },
);

test(
  'HttpListener closes a connection on which very many requests come at once, and answers none',
  limit,
  async (t) => {
    const { port, answers } = await open(t);
    const client = await dial(t, port, 'GET /large HTTP/1.1\r\nhost: a\r\n\r\n'.repeat(2000));
    await until('it is closed', () => client.isClosed);
    assert.deepEqual(answers, []);
  },
);

test('HttpListener treats an upgrade as an ordinary request', async (t) => {
  const { port } = await open(t);
  const client = await dial(
    t,
    port,
    'GET /ok HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
  );
  await until('it is answered', () => client.heard.startsWith('HTTP/1.1 200'));
});
