import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer, type ServerOptions } from 'node:https';
import { type TestContext, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { SystemClock } from '../../src/core/clock.ts';
import { FakeClock } from '../../src/core/fake-clock.ts';
import { HttpClient, type HttpClientOptions } from '../../src/delivery/http-client.ts';
import { checkTlsFiles } from '../../src/delivery/tls-files.ts';
import { type CertificateFiles, skipWithoutOpenssl, TestAuthority } from './certificates.ts';
import { NEVER } from './fixtures.ts';
import { answering, listen, socketServer, type TestServer, until } from './servers.ts';

const BODY = Buffer.from('a request');
const skip = skipWithoutOpenssl;

// What takes tens of milliseconds to make is made once for all tests.
const authority = skip ? undefined : new TestAuthority();
const stranger = skip ? undefined : new TestAuthority();
const LOOPBACK = 'IP:127.0.0.1';

function tlsTest(name: string, run: (context: TestContext, authority: TestAuthority) => Promise<void> | void): void {
  test(name, { skip }, (context) => {
    if (authority !== undefined) return run(context, authority);
  });
}

/** An HTTPS server with the certificate; `clientCa`: it wants one of that authority from its clients too. */
function httpsServer(
  context: TestContext,
  files: CertificateFiles,
  options: { readonly clientCa?: string; readonly listener?: RequestListener; readonly more?: ServerOptions } = {},
): Promise<TestServer> {
  const mutual = options.clientCa === undefined ? {} : { ca: readFileSync(options.clientCa), requestCert: true };
  const own = { cert: readFileSync(files.cert), key: readFileSync(files.key) };
  return listen(context, createServer({ ...own, ...mutual, ...options.more }, options.listener ?? answering(200)));
}

function clientOf(
  context: TestContext,
  port: number,
  tls: NonNullable<HttpClientOptions['tls']>,
  options: Partial<HttpClientOptions> = {},
): HttpClient {
  const client = new HttpClient({
    url: new URL(`https://127.0.0.1:${port}/v1/logs`),
    headers: {},
    timeoutMs: 5000,
    maxIdleConnections: 2,
    tls,
    clock: new SystemClock(),
    ...options,
  });
  context.after(() => client.close());
  return client;
}

/** The status of the answer, or the message of the failure. */
async function post(client: HttpClient): Promise<number | string> {
  const answer = await client.post(BODY, NEVER);
  if (answer.kind !== 'no_answer') return answer.status;
  return `${answer.error.failure}: ${answer.error.message}`;
}

tlsTest(
  'HttpClient.post() reaches a server whose certificate its own authority has signed',
  async (context, authority) => {
    const server = await httpsServer(context, authority.issue('server', LOOPBACK));
    const client = clientOf(context, server.port, { caFile: authority.ca.cert });
    assert.deepEqual([await post(client), await post(client), server.connections()], [200, 200, 1]);
  },
);

tlsTest('HttpClient.post() checks the certificate for the name that it is told', async (context, authority) => {
  const server = await httpsServer(context, authority.issue('named', 'DNS:collector.example'));
  const caFile = authority.ca.cert;
  assert.equal(await post(clientOf(context, server.port, { caFile, serverName: 'collector.example' })), 200);
  assert.match(
    String(await post(clientOf(context, server.port, { caFile }))),
    /^tls: Cannot deliver to "https:\/\/127\.0\.0\.1:\d+\/v1\/logs": TLS failed \("Hostname\/IP does not match/,
  );
});

tlsTest(
  'ANS-20 HttpClient.post() sends nothing to a server that it cannot verify, and names the cause',
  async (context, authority) => {
    let requests = 0;
    const listener: RequestListener = (_request, response) => {
      requests++;
      response.end();
    };
    const caFile = authority.ca.cert;
    const expired = await httpsServer(context, authority.issue('expired', LOOPBACK, { isExpired: true }), { listener });
    const foreign = await httpsServer(context, stranger!.issue('foreign', LOOPBACK), { listener });
    const old = await httpsServer(context, authority.issue('old', LOOPBACK), {
      listener,
      more: { maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' },
    });
    const plain = await socketServer(context, (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'));
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    context.after(() => delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']);
    for (const { server, cause } of [
      { server: expired, cause: /^tls: .*certificate has expired/ },
      { server: foreign, cause: /^tls: .*unable to verify|^tls: .*unable to get local issuer/ },
      { server: old, cause: /^tls: .*(protocol version|unsupported protocol|handshake failure)/i },
      { server: plain, cause: /^tls: .*wrong version number/i },
    ]) {
      assert.match(String(await post(clientOf(context, server.port, { caFile }))), cause);
    }
    assert.equal(requests, 0);
  },
);

tlsTest('ANS-20 HttpClient.post() gives up after the timeout, when the handshake hangs', async (context, authority) => {
  const clock = new FakeClock();
  let hasHello = false;
  const server = await socketServer(context, (socket) => {
    socket.once('data', () => {
      hasHello = true;
    });
  });
  const client = clientOf(context, server.port, { caFile: authority.ca.cert }, { clock });
  const pending = client.post(BODY, NEVER);
  await until(() => hasHello);
  await clock.advance(5000);
  const answer = await pending;
  assert.ok(answer.kind === 'no_answer');
  assert.match(answer.error.message, /TLS failed \(no handshake within 5000 ms\)$/);
  assert.equal(answer.error.mayHaveArrived, false);
});

tlsTest(
  'ANS-20 HttpClient.post() shows its certificate, and uses a new one from the same files after a failure',
  async (context, authority) => {
    const server = await httpsServer(context, authority.issue('mutual', LOOPBACK), { clientCa: authority.ca.cert });
    const [certFile, keyFile] = [authority.path('rotated.crt'), authority.path('rotated.key')];
    const use = ({ cert, key }: CertificateFiles): void => {
      copyFileSync(cert, certFile);
      copyFileSync(key, keyFile);
    };
    use(stranger!.issue('wrong-client', 'DNS:client'));
    const client = clientOf(context, server.port, { caFile: authority.ca.cert, certFile, keyFile });
    assert.match(String(await post(client)), /^(tls|reset): /);
    use(authority.issue('right-client', 'DNS:client'));
    assert.equal(await post(client), 200);
  },
);

tlsTest(
  'ANS-20 HttpClient.post() fails without a connection, while a file is missing or broken, and heals',
  async (context, authority) => {
    const server = await httpsServer(context, authority.issue('healing', LOOPBACK));
    const caFile = authority.path('replaced-ca.crt');
    const client = clientOf(context, server.port, { caFile });
    assert.match(String(await post(client)), /^tls: Cannot deliver .*ENOENT/);
    copyFileSync(authority.ca.cert, caFile);
    assert.equal(await post(client), 200);
  },
);

tlsTest(
  'ANS-20 HttpClient.post() shows a new certificate a minute after it was replaced, though the old one was not refused',
  async (context, authority) => {
    const shown: string[] = [];
    const server = await httpsServer(context, authority.issue('watching', LOOPBACK), {
      clientCa: authority.ca.cert,
      listener: (request, response) => {
        shown.push(String((request.socket as TLSSocket).getPeerCertificate().subject.CN));
        answering(200)(request, response);
      },
    });
    const [certFile, keyFile] = [authority.path('renewed.crt'), authority.path('renewed.key')];
    const [old, renewed] = [authority.issue('old-client', 'DNS:client'), authority.issue('new-client', 'DNS:client')];
    copyFileSync(old.cert, certFile);
    copyFileSync(old.key, keyFile);
    const clock = new FakeClock();
    const client = clientOf(context, server.port, { caFile: authority.ca.cert, certFile, keyFile }, { clock });
    assert.equal(await post(client), 200);
    // Half of the pair is replaced: the old one goes on.
    copyFileSync(renewed.cert, certFile);
    await clock.advance(60_000);
    assert.equal(await post(client), 200);
    copyFileSync(renewed.key, keyFile);
    await clock.advance(1000);
    assert.equal(await post(client), 200);
    assert.deepEqual(shown, ['old-client', 'old-client', 'new-client']);
  },
);

tlsTest('checkTlsFiles() finds each file that cannot be used', (_context, authority) => {
  const { cert: certFile, key: keyFile } = authority.issue('checked', LOOPBACK);
  const { key: otherKey } = authority.issue('other', LOOPBACK);
  const notPem = authority.path('not.pem');
  writeFileSync(notPem, 'hello');
  const missing = authority.path('missing.pem');
  rmSync(missing, { force: true });
  const caFile = authority.ca.cert;
  for (const { files, expected } of [
    { files: {}, expected: [] },
    { files: { caFile, certFile, keyFile }, expected: [] },
    { files: { caFile: notPem, certFile: missing }, expected: ['certFile', 'caFile'] },
    { files: { certFile: notPem, keyFile }, expected: ['certFile'] },
    { files: { certFile, keyFile: notPem }, expected: ['keyFile'] },
    { files: { certFile, keyFile: otherKey }, expected: ['keyFile'] },
  ]) {
    assert.deepEqual(
      checkTlsFiles(files).map(({ file }) => file),
      expected,
    );
  }
});
