import { closeSync, openSync, writeSync } from 'node:fs';
import { Random } from '../harness/random.ts';

/** Lines are collected up to this many characters before they are written. */
const CHUNK_CHARS = 4 * 1024 * 1024;
const FIRST_LINE_UNIX_MS = Date.UTC(2026, 0, 2, 3, 4, 5);

const LEVELS = ['info', 'info', 'info', 'info', 'info', 'info', 'info', 'info', 'debug', 'debug', 'warn', 'error'];
const SERVICES = ['checkout', 'payments', 'inventory', 'storefront', 'search'];
const METHODS = ['GET', 'GET', 'GET', 'GET', 'POST', 'POST', 'PUT', 'DELETE'];
const STATUSES = [200, 200, 200, 200, 200, 200, 201, 204, 301, 304, 400, 404, 429, 500, 503];
const RESOURCES = ['orders', 'products', 'customers', 'carts', 'refunds', 'shipments', 'suggestions'];
/** What the lines say: mostly plain, some with escapes, some beyond ASCII, as logs are. `#` becomes a number. */
const MESSAGES = [
  'request completed',
  'request completed',
  'request completed after # retries',
  'order # accepted',
  'order # left the house',
  'cache miss for key product:#, loading it',
  'cart # updated',
  'reserved # items in warehouse eu-central-1b',
  'session renewed for # seconds',
  'upstream answered slower than its budget of # ms',
  'second factor asked for, challenge # was sent',
  'flag new-checkout is on for cohort #',
  'page rendered in # us',
  'cannot parse field "amount": unexpected token at position #',
  'connection to db-replica-# was lost\nretrying with back-off',
  'Bestellung # für Zürich bestätigt',
].map((message) => JSON.stringify(message).split('#'));

/** What the generator wrote. */
export interface GeneratedLog {
  readonly lines: number;
  readonly bytes: number;
}

/**
 * Writes a log of `lines` JSON lines with ten fields each, 271 bytes a line on average, to `path`. The same arguments
 * give the same bytes. About 1 µs a line.
 */
export function generateJsonLog(path: string, lines: number): GeneratedLog {
  const numbers = new Random(20260102);
  const random = (): number => numbers.next();
  const pick = <T>(choices: readonly T[]): T => numbers.pick(choices);
  const digits = (number: number, count: number): string => String(number % 10 ** count).padStart(count, '0');
  const hex = (): string => random().toString(16).padStart(8, '0');
  const file = openSync(path, 'w');
  let unixMs = FIRST_LINE_UNIX_MS;
  let bytes = 0;
  let chunk = '';
  try {
    for (let line = 1; line <= lines; line++) {
      unixMs += random() % 5;
      const time = new Date(unixMs).toISOString();
      const message = pick(MESSAGES).join(String(random() % 100_000));
      const path = `/${pick(RESOURCES)}/${random() % 1_000_000}`;
      const durationMs = (random() % 2_000_000) / 1000;
      const userId = `7${digits(random(), 9)}${digits(random(), 9)}`;
      chunk +=
        `{"time":"${time}","level":"${pick(LEVELS)}","msg":${message},"service":"${pick(SERVICES)}",` +
        `"trace_id":"${hex()}${hex()}${hex()}${hex()}","method":"${pick(METHODS)}","path":"${path}",` +
        `"status":${pick(STATUSES)},"duration_ms":${durationMs},"user_id":${userId}}\n`;
      if (chunk.length >= CHUNK_CHARS || line === lines) {
        bytes += writeWhole(file, Buffer.from(chunk));
        chunk = '';
      }
    }
  } finally {
    closeSync(file);
  }
  return { lines, bytes };
}

function writeWhole(file: number, bytes: Buffer): number {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
  return bytes.length;
}
