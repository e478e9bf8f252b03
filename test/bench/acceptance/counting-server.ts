/**
 * An OTLP/HTTP backend that counts how often every numbered line arrives. It runs as a process of its own and talks to
 * its parent over IPC. It answers first and looks into what it took when it is asked for a report, so that it holds the
 * agent up as little as it can.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { decodeLogs } from '../../../src/codec/otlp/decode-logs.ts';
import { HOT_LINES_FROM, parseNumberedLine } from './numbered-lines.ts';

/** What arrived since the start. */
export interface Arrived {
  records: number;
  /** Different lines. */
  lines: number;
  /** Records that are no whole line. */
  foreign: number;
  /** How many lines a line came too late at most: behind so many higher numbers. */
  stepBack: number;
  /** The longest time from writing a line below `HOT_LINES_FROM` to its first arrival, in milliseconds. */
  latencyMs: number;
}

/** What the parent asks for. */
export type ToServer =
  /** From now on nobody listens. */
  | { readonly kind: 'go_away' }
  | { readonly kind: 'come_back' }
  /** Forgets everything. */
  | { readonly kind: 'reset' }
  | { readonly kind: 'report' };

/** What the server says; each answers one request. */
export type FromServer = { readonly kind: 'done'; readonly port: number; readonly arrived: Arrived };

interface Taken {
  readonly body: Buffer;
  readonly isCompressed: boolean;
  readonly unixMs: number;
}

const NOTHING: Arrived = { records: 0, lines: 0, foreign: 0, stepBack: 0, latencyMs: 0 };

let arrived = { ...NOTHING };
let seen = new Uint8Array(1 << 20);
let highest = 0;
let taken: Taken[] = [];

const server = createServer((incoming, response) => {
  const chunks: Buffer[] = [];
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
  incoming.on('end', () => {
    const isCompressed = incoming.headers['content-encoding'] === 'gzip';
    taken.push({ body: Buffer.concat(chunks), isCompressed, unixMs: Date.now() });
    response.writeHead(200, { 'content-type': 'application/x-protobuf', 'content-length': 0 }).end();
  });
});

function look({ body, isCompressed, unixMs }: Taken): void {
  for (const { scopeLogs } of decodeLogs(isCompressed ? gunzipSync(body) : body).resourceLogs) {
    for (const { logRecords } of scopeLogs) for (const record of logRecords) count(record.body, unixMs);
  }
}

function count(body: unknown, arrivedMs: number): void {
  const line = typeof body === 'string' ? parseNumberedLine(body) : undefined;
  arrived.records++;
  if (line === undefined) {
    arrived.foreign++;
    return;
  }
  const { number, unixMs } = line;
  if (number >= seen.length) {
    const more = new Uint8Array(2 * number);
    more.set(seen);
    seen = more;
  }
  if (seen[number] !== 0) return;
  seen[number] = 1;
  arrived.lines++;
  arrived.stepBack = Math.max(arrived.stepBack, highest - number);
  if (number < HOT_LINES_FROM) arrived.latencyMs = Math.max(arrived.latencyMs, arrivedMs - unixMs);
  highest = Math.max(highest, number);
}

let port = 0;

function tell(): void {
  const message: FromServer = { kind: 'done', port, arrived };
  process.send?.(message);
}

function comeBack(): void {
  server.listen(port, '127.0.0.1', () => {
    port = (server.address() as AddressInfo).port;
    tell();
  });
}

process.on('message', ({ kind }: ToServer) => {
  switch (kind) {
    case 'go_away':
      server.close(tell);
      server.closeAllConnections();
      break;
    case 'come_back':
      comeBack();
      break;
    case 'reset':
      arrived = { ...NOTHING };
      seen = new Uint8Array(1 << 20);
      highest = 0;
      taken = [];
      tell();
      break;
    case 'report':
      for (const request of taken.splice(0)) look(request);
      tell();
      break;
    default:
      kind satisfies never;
  }
});
process.on('disconnect', () => process.exit());
comeBack();
