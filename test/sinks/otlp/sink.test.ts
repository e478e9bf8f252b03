import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { decodeLogs } from '../../../src/codec/otlp/decode-logs.ts';
import { skipWithoutOpenssl, TestAuthority } from '../../delivery/certificates.ts';
import { ledger, NEVER } from '../../delivery/fixtures.ts';
import { answering, httpServer, listen, socketServer, until } from '../../delivery/servers.ts';
import { answers, plainBody, receiver, recordsOf, reply, sinkOf, write } from './fixtures.ts';
import { protobufSuccess } from './messages.ts';

const authority = skipWithoutOpenssl ? undefined : new TestAuthority();

for (const compression of ['gzip', 'zstd', 'none']) {
  test(`otlpSink sends protobuf with compression ${compression}`, async (context) => {
    const seen: IncomingMessage[] = [];
    const bodies: Buffer[] = [];
    const server = await httpServer(context, async (request, response) => {
      seen.push(request);
      bodies.push(await plainBody(request));
      response.end();
    });
    const endpoint = `http://127.0.0.1:${server.port}/base`;
    const { sink, metrics } = sinkOf(context, { endpoint, compression, headers: { Authorization: 'Bearer secret' } });
    const watched = write(sink, ['first', 'second']);
    await sink.flush(NEVER);
    const [request] = seen;
    assert.deepEqual([request?.method, request?.url, seen.length], ['POST', '/base/v1/logs', 1]);
    assert.equal(request?.headers['content-type'], 'application/x-protobuf');
    assert.equal(request?.headers['user-agent'], 'pillion/1.2.3');
    assert.equal(request?.headers.authorization, 'Bearer secret');
    const scopeLogs = decodeLogs(bodies[0]!).resourceLogs[0]?.scopeLogs[0];
    assert.deepEqual(scopeLogs?.scope, {
      name: 'pillion',
      version: '1.2.3',
      attributes: new Map(),
      droppedAttributesCount: 0,
    });
    assert.deepEqual(
      scopeLogs?.logRecords.map(({ body }) => body),
      ['first', 'second'],
    );
    assert.equal(watched.outcome, 'delivered');
    assert.deepEqual(ledger(metrics), { delivered: 2 });
    assert.equal(metrics.sum('pillion_sink_sent_bytes_total'), Number(request?.headers['content-length']));
  });
}

test('otlpSink sends JSON, and reads the answer in JSON', async (context) => {
  const bodies: unknown[] = [];
  const server = await httpServer(context, async (request, response) => {
    bodies.push([request.headers['content-type'], JSON.parse((await plainBody(request)).toString())]);
    const body = '{"partialSuccess":{"rejectedLogRecords":"1","errorMessage":"one is bad"}}';
    response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  });
  const { sink, metrics, log } = sinkOf(context, {
    endpoint: `http://127.0.0.1:${server.port}`,
    protocol: 'http/json',
  });
  write(sink, ['first', 'second']);
  await sink.flush(NEVER);
  const [contentType, request] = bodies[0] as [
    string,
    { resourceLogs: { scopeLogs: { logRecords: { body: unknown }[] }[] }[] },
  ];
  assert.equal(contentType, 'application/json');
  assert.deepEqual(
    request.resourceLogs[0]?.scopeLogs[0]?.logRecords.map(({ body }) => body),
    [{ stringValue: 'first' }, { stringValue: 'second' }],
  );
  assert.deepEqual(ledger(metrics), { delivered: 1, 'rejected partial_success': 1 });
  assert.equal(log[0]?.['message'], '"one is bad"');
});

test('otlpSink uses logs_endpoint as it is, and a user-agent of the user', async (context) => {
  const seen: unknown[] = [];
  const server = await httpServer(context, (request, response) => {
    seen.push([request.url, request.headers['user-agent']]);
    answering(200)(request, response);
  });
  const logs_endpoint = `http://127.0.0.1:${server.port}/own/path?key=1`;
  const { sink } = sinkOf(context, {
    endpoint: 'http://127.0.0.1:1',
    logs_endpoint,
    headers: { 'User-Agent': 'mine' },
  });
  write(sink, ['a']);
  await sink.flush(NEVER);
  assert.deepEqual(seen, [['/own/path?key=1', 'mine']]);
});

test('ANS-01 otlpSink takes every 2xx for delivered, with an empty message, {} or no body', async (context) => {
  const answers = [
    reply(200),
    reply(200, { 'content-type': 'application/json' }, '{}'),
    reply(200, { 'content-type': 'application/x-protobuf' }),
    reply(202),
    reply(204),
  ];
  const { received, listener } = receiver(answers);
  const server = await httpServer(context, listener);
  const { sink, metrics, log } = sinkOf(context, { endpoint: `http://127.0.0.1:${server.port}` });
  for (const line of ['a', 'b', 'c', 'd', 'e']) {
    write(sink, [line]);
    await sink.flush(NEVER);
  }
  assert.deepEqual(received, [['a'], ['b'], ['c'], ['d'], ['e']]);
  assert.deepEqual([ledger(metrics), log], [{ delivered: 5 }, []]);
});

test('ANS-02 otlpSink takes a 2xx with HTML or a broken message for delivered, counts it, and warns once a minute', async (context) => {
  const html = reply(200, { 'content-type': 'text/html' }, '<html>');
  const { received, listener } = receiver([html, reply(200, {}, protobufSuccess(3, 'no').subarray(0, -1)), html]);
  const server = await httpServer(context, listener);
  const { sink, clock, metrics, log } = sinkOf(context, { endpoint: `http://127.0.0.1:${server.port}` });
  for (const { line, warnings } of [
    { line: 'a', warnings: 1 },
    { line: 'b', warnings: 1 },
    { line: 'c', warnings: 2 },
  ]) {
    if (line === 'c') await clock.advance(60_000);
    write(sink, [line]);
    await sink.flush(NEVER);
    assert.equal(log.length, warnings);
  }
  assert.deepEqual(received, [['a'], ['b'], ['c']]);
  assert.deepEqual(ledger(metrics), { delivered: 3 });
  assert.equal(metrics.sum('pillion_sink_response_unreadable_total'), 3);
  assert.ok(log.every(({ level }) => level === 'warn'));
});

for (const { id, name, answer, written, expected, level } of [
  {
    id: 'ANS-03',
    name: 'a partial success',
    answer: reply(200, {}, protobufSuccess(3, 'bad')),
    expected: { delivered: 1, 'rejected partial_success': 3 },
    level: 'error',
  },
  { id: 'ANS-13', name: '501', answer: reply(501), expected: { 'rejected http_501': 4 }, level: 'error' },
  {
    id: 'ANS-11',
    name: '401, and on_refused is drop',
    answer: reply(401),
    written: { on_refused: 'drop' },
    expected: { 'rejected http_401': 4 },
    level: 'error',
  },
  {
    id: 'ANS-12',
    name: 'a redirect, and on_refused is drop',
    answer: reply(302, { location: 'http://127.0.0.1:1/' }),
    written: { on_refused: 'drop' },
    expected: { 'rejected http_302': 4 },
    level: 'error',
  },
  {
    id: 'ANS-18',
    name: 'a huge body',
    answer: reply(200, { 'content-encoding': 'gzip' }, gzipSync(Buffer.alloc(5 * 2 ** 20))),
    expected: { 'rejected response_too_large': 4 },
    level: 'error',
  },
]) {
  test(`${id} otlpSink counts ${JSON.stringify(expected)}, when the peer answers ${name}, and sends nothing again`, async (context) => {
    const { received, listener } = receiver([answer]);
    const server = await httpServer(context, listener);
    const { sink, metrics, log } = sinkOf(context, { endpoint: `http://127.0.0.1:${server.port}`, ...written });
    write(sink, ['a', 'b', 'c', 'd']);
    await sink.flush(NEVER);
    assert.equal(received.length, 1);
    assert.deepEqual(ledger(metrics), expected);
    assert.equal(log[0]?.['level'], level);
  });
}

for (const status of [429, 502, 503, 504, 408, 425]) {
  test(`ANS-05 otlpSink sends the same records again, when the peer answers ${status}`, async (context) => {
    const { received, listener } = receiver([reply(status), reply(status)]);
    const server = await httpServer(context, listener);
    const { sink, clock, metrics } = sinkOf(context, { endpoint: `http://127.0.0.1:${server.port}` });
    write(sink, ['a', 'b']);
    const flushed = sink.flush(NEVER);
    for (const attempt of [1, 2]) {
      await until(() => answers(metrics) === attempt);
      // Longer than the back-off, shorter than the time-out of the next attempt.
      await clock.advance(2000);
    }
    await flushed;
    assert.deepEqual(received, Array(3).fill(['a', 'b']));
    assert.deepEqual(ledger(metrics), { delivered: 2, resent: 4 });
  });
}

test('ANS-06 DRN-03 otlpSink waits as long as Retry-After says, but no longer once it is flushed', async (context) => {
  const throttled = reply(429, { 'retry-after': '60' });
  const { received, listener } = receiver([throttled, throttled]);
  const server = await httpServer(context, listener);
  const retry = { initial_interval: '10ms' };
  const { sink, clock, metrics } = sinkOf(context, { endpoint: `http://127.0.0.1:${server.port}`, retry });
  write(sink, ['a']);
  await clock.advance(1000);
  await until(() => answers(metrics) === 1);
  await clock.advance(59_999);
  assert.equal(received.length, 1);
  await clock.advance(20);
  await until(() => answers(metrics) === 2);
  await sink.flush(NEVER);
  assert.equal(received.length, 3);
  assert.ok(clock.nowMs() < 62_000);
});

test('ANS-10 ANS-19 otlpSink halves a request that the peer finds too large, before or after it has read it', async (context) => {
  const received: unknown[][] = [];
  const server = await httpServer(context, async (request, response) => {
    if (Number(request.headers['content-length']) > 400_000) {
      response.writeHead(413, { connection: 'close' }).end(() => request.socket.destroy());
      return;
    }
    const records = await recordsOf(request);
    if (records.length > 2) response.writeHead(413).end();
    else {
      received.push(records);
      response.end();
    }
  });
  const endpoint = `http://127.0.0.1:${server.port}`;
  const { sink, metrics } = sinkOf(context, { endpoint, compression: 'none', max_request_size: '16MiB' });
  const lines = Array.from({ length: 8 }, (_, i) => `${i} `.padEnd(i === 0 ? 500_000 : 100_000, '.'));
  const watched = write(sink, lines);
  await sink.flush(NEVER);
  assert.deepEqual(received.flat(), lines.slice(1));
  assert.equal(watched.outcome, 'rejected');
  assert.deepEqual(ledger(metrics), { delivered: 7, 'rejected too_large': 1 });
});

test('ANS-14 ANS-16 otlpSink sends again, when the connection is reset in mid-body, and when no answer comes in time', async (context) => {
  const { received, listener } = receiver();
  let attempts = 0;
  let isRead = false;
  const server = await httpServer(context, (request, response) => {
    attempts++;
    if (attempts === 1) request.once('data', () => request.socket.resetAndDestroy());
    else if (attempts === 2) {
      request.resume().on('end', () => {
        isRead = true;
      });
    } else void listener(request, response);
  });
  const endpoint = `http://127.0.0.1:${server.port}`;
  const { sink, clock, metrics, log } = sinkOf(context, { endpoint, max_request_size: '64MiB', compression: 'none' });
  const lines = Array.from({ length: 200 }, (_, i) => `${i} `.padEnd(100_000, '.'));
  write(sink, lines);
  const flushed = sink.flush(NEVER);
  await until(() => answers(metrics) === 1);
  await clock.advance(1000);
  await until(() => isRead);
  await clock.advance(10_000);
  await until(() => answers(metrics) === 2);
  await clock.advance(2000);
  await flushed;
  assert.deepEqual(received, [lines]);
  assert.deepEqual(ledger(metrics), { delivered: 200, resent: 200 });
  assert.match(String(log[0]?.['error']), /connection closed without an answer/);
});

test('ANS-17 otlpSink sends again at once, when the peer closes a kept connection just as it is used', async (context) => {
  let connections = 0;
  const server = await socketServer(context, (socket) => {
    connections++;
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
      socket.once('data', () => socket.destroy());
    });
  });
  const { sink, clock, metrics, log } = sinkOf(context, { endpoint: `http://127.0.0.1:${server.port}` });
  for (const line of ['a', 'b', 'c']) {
    write(sink, [line]);
    await sink.flush(NEVER);
  }
  assert.deepEqual(ledger(metrics), { delivered: 3, resent: 2 });
  assert.deepEqual([connections, clock.nowMs(), log], [3, 0, []]);
});

test('otlpSink.flush() abandons what a silent peer leaves unanswered, as soon as its signal aborts', async (context) => {
  const { received, listener } = receiver();
  let isSilent = false;
  const server = await httpServer(context, (request, response) => {
    if (!isSilent) void listener(request, response);
  });
  const { sink, metrics } = sinkOf(context, {
    endpoint: `http://127.0.0.1:${server.port}`,
    max_request_records: 2,
    max_in_flight: 2,
  });
  write(sink, ['a']);
  await sink.flush(NEVER);
  isSilent = true;
  const watched = write(sink, ['b', 'c', 'd', 'e', 'f', 'g', 'h']);
  const stop = new AbortController();
  const flushed = sink.flush(stop.signal);
  await until(() => server.connections() === 2);
  stop.abort();
  await flushed;
  assert.deepEqual([received, watched.outcome], [[['a']], 'abandoned']);
  assert.deepEqual(ledger(metrics), { delivered: 1, abandoned: 7 });
});

test('otlpSink never logs credentials', async (context) => {
  const server = await httpServer(context, answering(401, { 'content-type': 'text/plain' }, 'who are you'));
  const logs_endpoint = `http://127.0.0.1:${server.port}/?api_key=secret`;
  const { sink, log } = sinkOf(context, { logs_endpoint, headers: { authorization: 'Bearer secret' } });
  write(sink, ['a']);
  void sink.flush(NEVER);
  await until(() => log.length > 0);
  assert.match(
    String(log[0]?.['error']),
    /^Cannot deliver to "http:\/\/127\.0\.0\.1:\d+\/": answered 401, "who are you"$/,
  );
  assert.doesNotMatch(JSON.stringify(log), /secret/);
});

test('otlpSink says that a port is usually another protocol', (context) => {
  const { log } = sinkOf(context, { endpoint: 'http://127.0.0.1:4317' });
  assert.match(String(log[0]?.['msg']), /gRPC/);
});

test('otlpSink delivers over TLS, to an authority and with a certificate from files', {
  skip: skipWithoutOpenssl,
}, async (context) => {
  if (authority === undefined) return;
  const [own, client] = [authority.issue('server', 'DNS:collector.example'), authority.issue('client', 'DNS:client')];
  const { received, listener } = receiver();
  const [cert, key, ca] = [own.cert, own.key, authority.ca.cert].map((file) => readFileSync(file));
  const server = await listen(context, createHttpsServer({ cert, key, ca, requestCert: true }, listener));
  const { sink } = sinkOf(context, {
    endpoint: `https://127.0.0.1:${server.port}`,
    tls: { ca_file: authority.ca.cert, cert_file: client.cert, key_file: client.key, server_name: 'collector.example' },
  });
  const watched = write(sink, ['a']);
  await sink.flush(NEVER);
  assert.deepEqual([received, watched.outcome], [[['a']], 'delivered']);
});
