import { Random } from '../harness/random.ts';
import { type GeneratedLog, writeLog } from './write-log.ts';

const FIRST_LINE_UNIX_MS = Date.UTC(2026, 0, 2, 3, 4, 5);
const METHODS = ['GET', 'GET', 'GET', 'GET', 'POST', 'POST', 'PUT', 'DELETE'];
const STATUSES = [200, 200, 200, 200, 200, 200, 201, 204, 301, 304, 400, 404, 429, 500, 503];
const RESOURCES = ['orders', 'products', 'customers', 'carts', 'refunds', 'shipments', 'suggestions'];
const REFERERS = ['-', '-', 'https://shop.example.com/', 'https://www.example.org/search?q=pillion'];
const USER_AGENTS = [
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:142.0) Gecko/20100101 Firefox/142.0',
  'curl/8.14.1',
  'kube-probe/1.33',
];

/**
 * Writes `lines` lines of an access log in the combined format, as nginx does, to `path`; with the seconds that each
 * request took behind it, if wanted. The same arguments give the same bytes.
 */
export function generateAccessLog(
  path: string,
  lines: number,
  { withDuration = false }: { readonly withDuration?: boolean } = {},
): GeneratedLog {
  const numbers = new Random(20260103);
  const random = (): number => numbers.next();
  const pick = <T>(choices: readonly T[]): T => numbers.pick(choices);
  const octet = (): number => random() % 256;
  let unixMs = FIRST_LINE_UNIX_MS;
  return writeLog(path, lines, () => {
    unixMs += random() % 5;
    const query = random() % 3 === 0 ? `?page=${random() % 100}&sort=price` : '';
    const request = `${pick(METHODS)} /api/${pick(RESOURCES)}/${random() % 1_000_000}${query} HTTP/1.1`;
    const user = random() % 10 === 0 ? `user${random() % 1000}` : '-';
    const duration = withDuration ? ` ${(random() % 2000) / 1000}` : '';
    return (
      `${octet()}.${octet()}.${octet()}.${octet()} - ${user} [${clfTime(unixMs)}] "${request}" ${pick(STATUSES)} ` +
      `${random() % 100_000} "${pick(REFERERS)}" "${pick(USER_AGENTS)}"${duration}`
    );
  });
}

/** `02/Jan/2026:03:04:05 +0000` */
function clfTime(unixMs: number): string {
  const [, day, month, year, time] = /, (\d+) (\w+) (\d+) ([\d:]+)/.exec(new Date(unixMs).toUTCString())!;
  return `${day}/${month}/${year}:${time} +0000`;
}
