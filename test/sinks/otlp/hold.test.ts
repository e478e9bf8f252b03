import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import { join } from 'node:path';
import { mock, type TestContext, test } from 'node:test';
import type { FakeClock } from '../../../src/core/fake-clock.ts';
import type { Metrics } from '../../../src/telemetry/metrics.ts';
import { type CertificateFiles, skipWithoutOpenssl, TestAuthority } from '../../delivery/certificates.ts';
import { ledger, NEVER } from '../../delivery/fixtures.ts';
import { httpServer, listen, socketServer, until } from '../../delivery/servers.ts';
import { temporaryFolder } from '../../harness/files.ts';
import { answers, receiver, reply, sinkOf, write } from './fixtures.ts';

// Every back-off is as long as it may be. Two shorter ones can end within one step of the clock, and a test that counts
// attempts would miss the one in between.
mock.method(Math, 'random', () => 1 - 2 ** -20);

const authority = skipWithoutOpenssl ? undefined : new TestAuthority();

/** Waits until `count` requests have been answered; then lets the back-off pass, but not the time-out of what follows. */
async function nextAttempt(own: { clock: FakeClock; metrics: Metrics }, count: number): Promise<void> {
  await until(() => answers(own.metrics) === count);
  await own.clock.untilSleeping();
  await own.clock.advance(1000 * 2 ** (count - 1));
}

for (const { id, status, headers = {}, named } of [
  { id: 'ANS-11', status: 401, named: /answered 401$/ },
  { id: 'ANS-11', status: 403, named: /answered 403$/ },
  { id: 'ANS-12', status: 404, named: /answered 404$/ },
  { id: 'ANS-12', status: 405, named: /answered 405$/ },
  { id: 'ANS-12', status: 407, named: /answered 407$/ },
  { id: 'ANS-12', status: 415, named: /answered 415$/ },
  { id: 'ANS-12', status: 421, named: /answered 421$/ },
  { id: 'ANS-12', status: 426, named: /answered 426$/ },
  ...[301, 302, 307, 308].map((status) => ({
    id: 'ANS-12',
    status,
    headers: { location: 'http://127.0.0.1:1/elsewhere' },
    named: new RegExp(`answered ${status}, a redirect to "http://127\\.0\\.0\\.1:1", which is not followed$`),
  })),
] as { id: string; status: number; headers?: Record<string, string>; named: RegExp }[]) {
  test(`${id} otlpSink holds while the receiver answers ${status}, says so once, and heals without a restart`, async (context) => {
    const refusal = reply(status, headers);
    const { received, listener } = receiver([refusal, refusal, refusal]);
    const server = await httpServer(context, listener);
    const own = sinkOf(context, { endpoint: `http://127.0.0.1:${server.port}` });
    const { sink, metrics, log } = own;
    const watched = write(sink, ['a', 'b']);
    const flushed = sink.flush(NEVER);
    await nextAttempt(own, 1);
    await nextAttempt(own, 2);
    assert.deepEqual([sink.state?.kind, watched.outcome], ['held', undefined]);
    await nextAttempt(own, 3);
    await flushed;
    assert.deepEqual([sink.state?.kind, watched.outcome], ['ready', 'delivered']);
    assert.deepEqual(received, Array(4).fill(['a', 'b']));
    assert.deepEqual(ledger(metrics), { delivered: 2 });
    assert.deepEqual(
      log.map(({ level }) => level),
      ['error', 'info'],
    );
    const { error, cure } = log[0] ?? {};
    assert.match(String(error), named);
    assert.match(String(error), new RegExp(`^Cannot deliver to "http://127\\.0\\.0\\.1:${server.port}/v1/logs": `));
    assert.match(String(cure), /^(Check|Choose|Put) /);
  });
}

test('ANS-11 otlpSink sends the token of a file, and reads it again when it has expired', async (context) => {
  const path = join(temporaryFolder(context), 'token');
  writeFileSync(path, 'old\n');
  const seen: (string | undefined)[] = [];
  const server = await httpServer(context, (request, response) => {
    seen.push(request.headers.authorization);
    reply(request.headers.authorization === 'Bearer new' ? 200 : 401)(request, response);
  });
  const own = sinkOf(context, { endpoint: `http://127.0.0.1:${server.port}`, bearer_token_file: path });
  const watched = write(own.sink, ['a']);
  const flushed = own.sink.flush(NEVER);
  await until(() => seen.length === 1);
  writeFileSync(path, 'new\n');
  await nextAttempt(own, 1);
  await flushed;
  assert.deepEqual([seen, watched.outcome], [['Bearer old', 'Bearer new'], 'delivered']);
  assert.doesNotMatch(JSON.stringify(own.log), /Bearer|"old"/);
});

test('ANS-12 otlpSink sends nothing to where a redirect leads', async (context) => {
  const elsewhere = await httpServer(context, reply(200));
  const server = await httpServer(context, reply(307, { location: elsewhere.url }));
  const own = sinkOf(context, {
    endpoint: `http://127.0.0.1:${server.port}`,
    headers: { authorization: 'Bearer secret' },
  });
  write(own.sink, ['a']);
  void own.sink.flush(NEVER);
  await nextAttempt(own, 1);
  await until(() => answers(own.metrics) === 2);
  assert.equal(elsewhere.connections(), 0);
});

test('ANS-21 otlpSink holds while a name has no address, at start and later', async (context) => {
  // Longer than a label may be, so every resolver says no without asking anybody.
  const own = sinkOf(context, { endpoint: `http://${'x'.repeat(70)}.invalid:4318` });
  const watched = write(own.sink, ['a']);
  const flushed = own.sink.flush(NEVER);
  await nextAttempt(own, 1);
  await until(() => answers(own.metrics) === 2);
  assert.deepEqual([own.sink.state?.kind, watched.outcome], ['held', undefined]);
  assert.match(String(own.log[0]?.['error']), /: name not resolved \("getaddrinfo/);
  assert.match(String(own.log[0]?.['cure']), /name resolution/);
  assert.equal(own.log.length, 1);
  await own.sink.close();
  await flushed;
});

/** A receiver over TLS that shows `files`. */
function tlsReceiver(context: TestContext, files: CertificateFiles, port = 0) {
  const { received, listener } = receiver();
  const own = { cert: readFileSync(files.cert), key: readFileSync(files.key) };
  return listen(context, createHttpsServer(own, listener), port).then((server) => ({ server, received }));
}

test('ANS-20 otlpSink holds while the receiver has an unknown authority, and uses a new one from disk', {
  skip: skipWithoutOpenssl,
}, async (context) => {
  if (authority === undefined) return;
  const stranger = new TestAuthority();
  const { server, received } = await tlsReceiver(context, authority.issue('server', 'IP:127.0.0.1'));
  const ca = join(temporaryFolder(context), 'ca.crt');
  copyFileSync(stranger.ca.cert, ca);
  const own = sinkOf(context, { endpoint: `https://127.0.0.1:${server.port}`, tls: { ca_file: ca } });
  const watched = write(own.sink, ['a']);
  const flushed = own.sink.flush(NEVER);
  await nextAttempt(own, 1);
  await until(() => answers(own.metrics) === 2);
  assert.deepEqual([own.sink.state?.kind, received.length], ['held', 0]);
  assert.match(
    String(own.log[0]?.['error']),
    /TLS failed \(".*(unable to verify|unable to get local issuer|signature)/,
  );
  copyFileSync(authority.ca.cert, ca);
  await nextAttempt(own, 2);
  await flushed;
  assert.deepEqual([received, watched.outcome, ledger(own.metrics)], [[['a']], 'delivered', { delivered: 1 }]);
});

test('ANS-20 otlpSink holds while a TLS handshake hangs', { skip: skipWithoutOpenssl }, async (context) => {
  let hellos = 0;
  const server = await socketServer(context, (socket) => socket.once('data', () => hellos++));
  const own = sinkOf(context, { endpoint: `https://127.0.0.1:${server.port}` });
  write(own.sink, ['a']);
  const flushed = own.sink.flush(NEVER);
  await until(() => hellos === 1);
  await own.clock.advance(10_000);
  await until(() => answers(own.metrics) === 1);
  assert.equal(own.sink.state?.kind, 'held');
  assert.match(String(own.log[0]?.['error']), /TLS failed \(no handshake within 10000 ms\)$/);
  await own.sink.close();
  await flushed;
});
