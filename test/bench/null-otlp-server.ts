/**
 * An OTLP/HTTP backend that answers every request at once and keeps nothing: what a sender is measured against. It runs
 * as a process of its own, so its CPU seconds are not the sender's, and talks to its parent over IPC.
 *
 *     fork('null-otlp-server.ts')                 counts requests and bytes
 *     fork('null-otlp-server.ts', ['--decode'])   counts records, too
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { decodeLogs } from '../../src/codec/otlp/decode-logs.ts';

/** What arrived since the last report. `bytes`: request bodies as they came over the wire. */
export interface Received {
  requests: number;
  bytes: number;
  /** Only counted with `--decode`. */
  records: number;
  /** What CPU time the server has used for it; only the bare server says this and what follows. */
  cpuMs?: number;
  /** When the first of it came, in Unix milliseconds. */
  firstMs?: number;
  /** When the last of it was answered. */
  lastMs?: number;
}

/** What the server tells its parent. It reports when the parent sends any message. */
export type ServerMessage =
  | { readonly kind: 'listening'; readonly endpoint: string }
  /** A request came in, the first one since the last report. */
  | { readonly kind: 'first_request' }
  | { readonly kind: 'report'; readonly received: Received };

const decodes = process.argv.includes('--decode');
let received: Received = { requests: 0, bytes: 0, records: 0 };

const server = createServer((incoming, response) => {
  if (received.requests++ === 0) tell({ kind: 'first_request' });
  const chunks: Buffer[] = [];
  incoming.on('data', (chunk: Buffer) => {
    received.bytes += chunk.length;
    if (decodes) chunks.push(chunk);
  });
  incoming.on('end', () => {
    if (decodes) received.records += countRecords(Buffer.concat(chunks), incoming.headers['content-encoding']);
    response.writeHead(200, { 'content-type': 'application/x-protobuf', 'content-length': 0 }).end();
  });
});

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  tell({ kind: 'listening', endpoint: `http://127.0.0.1:${port}` });
});

process.on('message', () => {
  tell({ kind: 'report', received });
  received = { requests: 0, bytes: 0, records: 0 };
});
process.on('disconnect', () => process.exit());

function tell(message: ServerMessage): void {
  process.send?.(message);
}

function countRecords(body: Buffer, encoding: string | undefined): number {
  const { resourceLogs } = decodeLogs(encoding === 'gzip' ? gunzipSync(body) : body);
  return resourceLogs
    .flatMap(({ scopeLogs }) => scopeLogs)
    .reduce((count, { logRecords }) => count + logRecords.length, 0);
}
