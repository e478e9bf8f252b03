import { Random } from '../harness/random.ts';
import { type GeneratedLog, writeLog } from './write-log.ts';

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

/**
 * Writes a log of `lines` JSON lines with ten fields each, 271 bytes a line on average, to `path`. The same arguments
 * give the same bytes. About 1 µs a line. `wrap` puts something around each line.
 */
export function generateJsonLog(
  path: string,
  lines: number,
  wrap: (line: string, isoTime: string) => string = (line) => line,
): GeneratedLog {
  const numbers = new Random(20260102);
  const random = (): number => numbers.next();
  const pick = <T>(choices: readonly T[]): T => numbers.pick(choices);
  const digits = (number: number, count: number): string => String(number % 10 ** count).padStart(count, '0');
  const hex = (): string => random().toString(16).padStart(8, '0');
  let unixMs = FIRST_LINE_UNIX_MS;
  return writeLog(path, lines, () => {
    unixMs += random() % 5;
    const time = new Date(unixMs).toISOString();
    const message = pick(MESSAGES).join(String(random() % 100_000));
    const path = `/${pick(RESOURCES)}/${random() % 1_000_000}`;
    const durationMs = (random() % 2_000_000) / 1000;
    const userId = `7${digits(random(), 9)}${digits(random(), 9)}`;
    const line =
      `{"time":"${time}","level":"${pick(LEVELS)}","msg":${message},"service":"${pick(SERVICES)}",` +
      `"trace_id":"${hex()}${hex()}${hex()}${hex()}","method":"${pick(METHODS)}","path":"${path}",` +
      `"status":${pick(STATUSES)},"duration_ms":${durationMs},"user_id":${userId}}`;
    return wrap(line, time);
  });
}

/** The same as the container runtime writes it: each line with its time and stream in front, in the form of CRI. */
export function generateCriLog(path: string, lines: number): GeneratedLog {
  return generateJsonLog(path, lines, (line, time) => `${time.slice(0, -1)}456789Z stdout F ${line}`);
}
