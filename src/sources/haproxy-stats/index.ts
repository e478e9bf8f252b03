import { httpTarget } from '../http-targets.ts';
import { statusPageOptions, statusPageSource } from '../status-page.ts';
import { HAPROXY_MAPPINGS } from './mappings.ts';
import { parseStats } from './parse-stats.ts';

/** Frontends, backends and servers of HAProxy. */
export const haproxyStatsSource = statusPageSource({
  type: 'haproxy_stats',
  summary:
    'Asks HAProxy for its statistics as CSV, and reads what frontends, backends and servers do out of it, with `up`.',
  options: statusPageOptions({
    doc: 'Where HAProxy shows its statistics (`stats uri`): URLs, or `host:port` for `http://host:port/stats`. `;csv` is added.',
    default: 'http://localhost:8404/stats',
  }),
  kind: {
    urlOf: statsUrl,
    example: 'http://localhost:8404/stats',
    accept: 'text/csv, text/plain;q=0.5, */*;q=0.1',
    parse: parseStats,
    mappings: HAPROXY_MAPPINGS,
  },
});

/** HAProxy takes what stands behind a semicolon as a wish for a form. */
function statsUrl(target: string): URL | null {
  const url = httpTarget(target, '/stats');
  if (url !== null && !url.pathname.includes(';csv')) url.pathname += ';csv';
  return url;
}
