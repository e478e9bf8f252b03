import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { SystemClock } from '../../src/core/clock.ts';
import { FakeClock } from '../../src/core/fake-clock.ts';
import type { HttpAnswer } from '../../src/delivery/http-answer.ts';
import { HttpClient, type HttpClientOptions, MAX_RESPONSE_BYTES } from '../../src/delivery/http-client.ts';
import { NEVER } from './fixtures.ts';
import { answering, bodyOf, httpServer, listen, socketServer, until } from './servers.ts';

const BODY = Buffer.from('a request');
/** More than the buffers of both sides of a loopback connection hold. */
const HUGE_BODY = Buffer.alloc(24 * 2 ** 20, 'x');

function clientOf(context: TestContext, url: string, options: Partial<HttpClientOptions> = {}): HttpClient {
  const client = new HttpClient({
    url: new URL(url),
    headers: { 'content-type': 'text/plain' },
    timeoutMs: 5000,
    maxIdleConnections: 4,
    clock: new SystemClock(),
    ...options,
  });
  context.after(() => client.close());
  return client;
}

/** What is worth comparing of an answer, in one line. */
function summary(answer: HttpAnswer): string {
  switch (answer.kind) {
    case 'answer':
      return `${answer.status} ${JSON.stringify(answer.body.toString())}${answer.isWhole ? '' : ' (cut)'}`;
    case 'response_too_large':
      return `${answer.status} too large`;
    case 'no_answer':
      return `${answer.error.failure}${answer.error.mayHaveArrived ? ', may have arrived' : ''}`;
  }
}

test('HttpClient.post() sends the body with its length and headers, and gives status, headers and body', async (context) => {
  const received: unknown[] = [];
  const server = await httpServer(context, async (request, response) => {
    const { method, url, headers } = request;
    received.push([method, url, headers['content-length'], headers['content-type'], headers['transfer-encoding']]);
    received.push((await bodyOf(request)).toString());
    response.writeHead(200, { 'x-peer': 'yes' }).end('done');
  });
  const answer = await clientOf(context, `${server.url}?key=1`).post(BODY, NEVER);
  assert.deepEqual(received, [['POST', '/v1/logs?key=1', '9', 'text/plain', undefined], 'a request']);
  assert.equal(summary(answer), '200 "done"');
  assert.equal(answer.kind === 'answer' && answer.headers['x-peer'], 'yes');
});

test('HttpClient.post() uses one connection for requests that follow each other', async (context) => {
  const server = await httpServer(context, answering(200));
  const client = clientOf(context, server.url);
  for (let i = 0; i < 10; i++) assert.equal(summary(await client.post(HUGE_BODY, NEVER)), '200 ""');
  assert.equal(server.connections(), 1);
});

test('ANS-12 HttpClient.post() follows no redirect', async (context) => {
  const server = await httpServer(context, answering(307, { location: 'http://127.0.0.1:1/elsewhere' }));
  assert.equal(summary(await clientOf(context, server.url).post(BODY, NEVER)), '307 ""');
  assert.equal(server.connections(), 1);
});

for (const { name, headers, body, expected } of [
  {
    name: 'decompresses gzip',
    headers: { 'content-encoding': 'gzip' },
    body: gzipSync('text'),
    expected: '200 "text"',
  },
  {
    name: 'calls a broken gzip body cut',
    headers: { 'content-encoding': 'gzip' },
    body: 'text',
    expected: '200 "" (cut)',
  },
  {
    name: 'calls a body in an unknown encoding cut',
    headers: { 'content-encoding': 'br' },
    body: 'x',
    expected: '200 "" (cut)',
  },
  {
    name: 'refuses a bomb',
    headers: { 'content-encoding': 'gzip' },
    body: gzipSync(Buffer.alloc(MAX_RESPONSE_BYTES + 1)),
    expected: '200 too large',
  },
  {
    name: 'takes a body at the limit',
    headers: { 'content-encoding': 'gzip' },
    body: gzipSync(Buffer.alloc(MAX_RESPONSE_BYTES)),
    expected: `200 ${JSON.stringify('\0'.repeat(MAX_RESPONSE_BYTES))}`,
  },
  {
    name: 'refuses a long body by its length',
    headers: {},
    body: Buffer.alloc(MAX_RESPONSE_BYTES + 1),
    expected: '200 too large',
  },
]) {
  test(`ANS-18 HttpClient.post() ${name}`, async (context) => {
    const server = await httpServer(context, answering(200, headers, body));
    assert.ok(summary(await clientOf(context, server.url).post(BODY, NEVER)) === expected);
  });
}

test('ANS-18 HttpClient.post() refuses an endless body, and takes no more of it than the limit', async (context) => {
  let written = 0;
  const server = await httpServer(context, (_request, response) => {
    const chunk = Buffer.alloc(64 * 1024);
    const write = (): void => {
      while (!response.destroyed && response.write(chunk)) written += chunk.length;
    };
    response.writeHead(503).on('drain', write);
    write();
  });
  assert.equal(summary(await clientOf(context, server.url).post(BODY, NEVER)), '503 too large');
  assert.ok(written < 8 * MAX_RESPONSE_BYTES, `${written} bytes written`);
});

for (const { name, answer, expected } of [
  { name: 'nothing', answer: '', expected: 'reset, may have arrived' },
  { name: 'half a status line', answer: 'HTTP/1.1 20', expected: 'reset, may have arrived' },
  { name: 'what is no HTTP', answer: 'SSH-2.0-OpenSSH_9.6\r\n', expected: 'protocol, may have arrived' },
  {
    name: 'endless headers',
    answer: `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}`,
    expected: 'protocol, may have arrived',
  },
  {
    name: 'a body that is cut',
    answer: 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf',
    expected: '200 "" (cut)',
  },
  {
    name: 'an error whose body is cut',
    answer: 'HTTP/1.1 400 Bad\r\ncontent-length: 100\r\n\r\nhalf',
    expected: '400 "" (cut)',
  },
  {
    name: 'a broken chunk',
    answer: 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
    expected: '200 "" (cut)',
  },
  { name: 'a body that ends with the connection', answer: 'HTTP/1.1 200 OK\r\n\r\nall', expected: '200 "all"' },
]) {
  test(`ANS-18 HttpClient.post() gives '${expected}', when the peer answers ${name} and closes`, async (context) => {
    const server = await socketServer(context, (socket) => socket.once('data', () => socket.end(answer)));
    assert.equal(summary(await clientOf(context, server.url).post(BODY, NEVER)), expected);
  });
}

test('ANS-14 HttpClient.post() names a connection that is refused, and says that nothing was sent', async (context) => {
  const server = await httpServer(context, answering(200));
  await server.close();
  const answer = await clientOf(context, server.url).post(BODY, NEVER);
  assert.equal(summary(answer), 'refused');
  assert.match(
    answer.kind === 'no_answer' ? answer.error.message : '',
    /^Cannot deliver to "http:\/\/127\.0\.0\.1:\d+\/v1\/logs": connection refused \("connect ECONNREFUSED/,
  );
});

test('ANS-21 HttpClient.post() names a host that has no address', async (context) => {
  // Longer than a label may be, so every resolver says no without asking anybody.
  const client = clientOf(context, `http://${'x'.repeat(70)}.invalid:4318/v1/logs`);
  assert.equal(summary(await client.post(BODY, NEVER)), 'dns');
});

test('ANS-14 HttpClient.post() names a connection that is reset in the middle of the body, and says that not all was sent', async (context) => {
  const server = await socketServer(context, (socket) => socket.once('data', () => socket.resetAndDestroy()));
  assert.equal(summary(await clientOf(context, server.url).post(HUGE_BODY, NEVER)), 'reset');
});

for (const status of [413, 429, 401]) {
  test(`ANS-19 HttpClient.post() gives ${status}, when it comes before the body is read and the connection closes`, async (context) => {
    const server = await socketServer(context, (socket) => {
      socket.once('data', () => {
        socket.pause();
        socket.write(`HTTP/1.1 ${status} No\r\nretry-after: 7\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`, () =>
          socket.destroy(),
        );
      });
    });
    const client = clientOf(context, server.url);
    for (let i = 0; i < 20; i++) {
      const body = Buffer.from(HUGE_BODY);
      const answer = await client.post(body, NEVER);
      // Frees the memory: who still writes from it does not get away with it.
      body.buffer.transfer(0);
      assert.equal(summary(answer), `${status} ""`);
      assert.equal(answer.kind === 'answer' && answer.headers['retry-after'], '7');
    }
  });
}

test('ANS-19 HttpClient.post() destroys the connection, when the answer came before the whole body was sent', async (context) => {
  const closed: Promise<unknown>[] = [];
  const server = await socketServer(context, (socket) => {
    closed.push(once(socket, 'close'));
    socket.once('data', () => {
      socket.pause();
      socket.write('HTTP/1.1 429 No\r\ncontent-length: 0\r\n\r\n', () => socket.resume());
    });
  });
  assert.equal(summary(await clientOf(context, server.url).post(HUGE_BODY, NEVER)), '429 ""');
  await Promise.all(closed);
  assert.equal(server.connections(), 1);
});

test('ANS-16 HttpClient.post() gives up after the timeout, and hears no late answer', async (context) => {
  const clock = new FakeClock();
  let socket: Socket | undefined;
  const server = await httpServer(context, (request) => {
    socket = request.socket;
  });
  const pending = clientOf(context, server.url, { clock, timeoutMs: 10_000 }).post(BODY, NEVER);
  await until(() => socket !== undefined);
  await clock.advance(10_000);
  const answer = await pending;
  assert.equal(summary(answer), 'timeout, may have arrived');
  assert.match(answer.kind === 'no_answer' ? answer.error.message : '', /timed out \(no answer within 10000 ms\)$/);
  await until(() => socket?.destroyed === true);
  assert.equal(clock.sleeping, 0);
});

test('HttpClient.post() lets the status count, when only the body of the answer does not come in time', async (context) => {
  const clock = new FakeClock();
  let isWritten = false;
  const server = await httpServer(context, (_request, response) => {
    response.writeHead(200, { 'content-length': '10' });
    response.write('half', () => {
      isWritten = true;
    });
  });
  const pending = clientOf(context, server.url, { clock, timeoutMs: 10_000 }).post(BODY, NEVER);
  await until(() => isWritten);
  // On loopback what is written is there to be read; the client needs a turn or two to read it.
  for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
  await clock.advance(10_000);
  assert.equal(summary(await pending), '200 "" (cut)');
});

test('HttpClient.post() destroys the connection and answers at once, when its signal aborts', async (context) => {
  let socket: Socket | undefined;
  const server = await httpServer(context, (request) => {
    socket = request.socket;
  });
  const stop = new AbortController();
  const pending = clientOf(context, server.url).post(BODY, stop.signal);
  await until(() => socket !== undefined);
  stop.abort();
  assert.equal(summary(await pending), 'aborted, may have arrived');
  await until(() => socket?.destroyed === true);
});

test('HttpClient.post() sends nothing, when its signal has aborted already', async (context) => {
  const server = await httpServer(context, answering(200));
  assert.equal(summary(await clientOf(context, server.url).post(BODY, AbortSignal.abort())), 'aborted');
  assert.equal(server.connections(), 0);
});

test('ANS-17 HttpClient.post() says that a kept connection was stale, and makes a new one the next time', async (context) => {
  // Answers the first request of a connection, and closes it when a second one comes: the race of a server's own
  // time-out on idle connections, lost every time.
  const server = await socketServer(context, (socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
      socket.once('data', () => socket.destroy());
    });
  });
  const client = clientOf(context, server.url);
  const summaries: string[] = [];
  for (let i = 0; i < 4; i++) summaries.push(summary(await client.post(BODY, NEVER)));
  assert.deepEqual(summaries, ['200 ""', 'stale, may have arrived', '200 ""', 'stale, may have arrived']);
  assert.equal(server.connections(), 2);
});

test('ANS-17 HttpClient.post() drops all idle connections with the first stale one, as after a restart of the peer', async (context) => {
  let isClosing = false;
  const respond = (socket: Socket): void => {
    socket.on('data', () => {
      if (isClosing) socket.destroy();
      else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
    });
  };
  const server = await socketServer(context, respond);
  const client = clientOf(context, server.url);
  await Promise.all([client.post(BODY, NEVER), client.post(BODY, NEVER), client.post(BODY, NEVER)]);
  assert.equal(server.connections(), 3);
  isClosing = true;
  assert.equal(summary(await client.post(BODY, NEVER)), 'stale, may have arrived');
  isClosing = false;
  assert.equal(summary(await client.post(BODY, NEVER)), '200 ""');
  assert.equal(server.connections(), 4);
});

test('HttpClient.post() reaches the peer again, when it is back on its port', async (context) => {
  const first = await httpServer(context, answering(200));
  const client = clientOf(context, first.url);
  assert.equal(summary(await client.post(BODY, NEVER)), '200 ""');
  await first.close();
  assert.match(summary(await client.post(BODY, NEVER)), /^(refused|stale)/);
  const { createServer } = await import('node:http');
  await listen(context, createServer(answering(200)), first.port);
  assert.equal(summary(await client.post(BODY, NEVER)), '200 ""');
});

test('HttpClient.post() keeps nothing of a body, while its connection is kept', async (context) => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const server = await httpServer(context, answering(200));
  const client = clientOf(context, server.url);
  const post = async (): Promise<WeakRef<Buffer>> => {
    const body = Buffer.alloc(2 ** 20);
    await client.post(body, NEVER);
    return new WeakRef(body);
  };
  const bodies = [await post(), await post()];
  for (let turn = 0; turn < 20 && bodies.some((body) => body.deref() !== undefined); turn++) {
    await new Promise(setImmediate);
    collectGarbage();
  }
  assert.deepEqual(
    bodies.map((body) => body.deref()),
    [undefined, undefined],
  );
  assert.equal(server.connections(), 1);
});
