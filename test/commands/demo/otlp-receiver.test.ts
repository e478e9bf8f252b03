import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { DecodedLogs } from '../../../src/codec/otlp/decode-logs.ts';
import { createOtlpReceiver } from '../../../src/commands/demo/otlp-receiver.ts';
import { encodeLogsReference } from '../../harness/otlp-reference.ts';

const EMPTY: DecodedLogs = {
  resourceLogs: [{ resource: { attributes: new Map(), droppedAttributesCount: 0 }, scopeLogs: [], schemaUrl: 'here' }],
};
const body = Buffer.from(encodeLogsReference(EMPTY));

let received: { logs: DecodedLogs; bytes: number }[] = [];
const server = createOtlpReceiver((logs, bytes) => received.push({ logs, bytes }));
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
after(() => server.close());

function post(path: string, headers: Record<string, string>, content: Uint8Array): Promise<Response> {
  received = [];
  const bytes = new Uint8Array(content);
  return fetch(base + path, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf', ...headers },
    body: bytes,
  });
}

for (const { encoding, content } of [
  { encoding: 'identity', content: body },
  { encoding: 'gzip', content: gzipSync(body) },
  { encoding: 'zstd', content: zstdCompressSync(body) },
]) {
  test(`createOtlpReceiver() decodes a body with encoding ${encoding}`, async () => {
    const response = await post('/v1/logs', { 'content-encoding': encoding }, content);
    assert.deepEqual([response.status, (await response.bytes()).length], [200, 0]);
    assert.deepEqual(received, [{ logs: EMPTY, bytes: content.length }]);
  });
}

for (const { name, status, path = '/v1/logs', headers = {}, content = body } of [
  { name: 'another path', status: 404, path: '/v1/traces' },
  { name: 'another content type', status: 415, headers: { 'content-type': 'application/json' } },
  { name: 'a body that is no protobuf', status: 400, content: Buffer.from('{}') },
  { name: 'a body that is no gzip', status: 400, headers: { 'content-encoding': 'gzip' } },
  { name: 'an unknown encoding', status: 400, headers: { 'content-encoding': 'rot13' } },
  {
    name: 'a body that grows beyond 64 MiB',
    status: 400,
    headers: { 'content-encoding': 'gzip' },
    content: gzipSync(Buffer.alloc(64 * 1024 * 1024 + 1), { level: 1 }),
  },
  { name: 'a body over 64 MiB', status: 413, content: Buffer.alloc(64 * 1024 * 1024 + 1) },
]) {
  test(`createOtlpReceiver() answers ${status} to ${name}`, async () => {
    const response = await post(path, headers, content);
    await response.bytes();
    assert.equal(response.status, status);
    assert.deepEqual(received, []);
  });
}
