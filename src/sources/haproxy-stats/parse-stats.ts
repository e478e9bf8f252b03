import type { Json } from '../../mapping/json.ts';
import { ScrapeFailure } from '../scrape-failure.ts';

/** Rows beyond these are those of no proxy that anybody has. */
const MAX_ROWS = 20_000;

const TYPES: Readonly<Record<string, string>> = { '0': 'frontend', '1': 'backend', '2': 'server', '3': 'listener' };

const RESPONSES: Readonly<Record<string, string>> = {
  hrsp_1xx: '1xx',
  hrsp_2xx: '2xx',
  hrsp_3xx: '3xx',
  hrsp_4xx: '4xx',
  hrsp_5xx: '5xx',
  hrsp_other: 'other',
};

/**
 * Reads the statistics of HAProxy as CSV into a list of rows, by the names in its first line; empty cells are not there.
 * `type` is a word, `status` has nothing behind its first words, and `responses` holds the counts by class of status.
 * Throws a `ScrapeFailure`.
 */
export function parseStats(body: Buffer): Json {
  const text = body.toString('utf8');
  const rows = csvRows(text.startsWith('# ') ? text.slice(2) : text);
  const names = rows.shift() ?? [];
  if (!names.includes('pxname') || !names.includes('svname') || !names.includes('type'))
    throw new ScrapeFailure('parse', 'Answer is no CSV of the statistics of HAProxy');
  return rows.filter((cells) => cells.length > 1).map((cells) => rowOf(names, cells));
}

function rowOf(names: readonly string[], cells: readonly string[]): Json {
  const filled = names.flatMap((name, i): [string, Json][] => {
    const cell = cells[i] ?? '';
    return cell === '' ? [] : [[name, cell]];
  });
  const row = Object.fromEntries(filled);
  const responses = filled.flatMap(([name, cell]): [string, Json][] => {
    const code = RESPONSES[name];
    return code === undefined ? [] : [[code, cell]];
  });
  const { type, status } = row;
  return {
    ...row,
    ...(responses.length === 0 ? {} : { responses: Object.fromEntries(responses) }),
    type: TYPES[String(type)] ?? String(type),
    // `UP 1/3` is on its way to be down, `MAINT (via a/b)` says by whom.
    ...(typeof status === 'string' ? { status: status.replace(/ (?:\d+\/\d+|\(.*)$/, '') } : {}),
  };
}

/** Cells of RFC 4180, in which a quote stands for itself when it is doubled. */
function csvRows(text: string): string[][] {
  const rows: string[][] = [];
  const cell = /(?:"([^"]*(?:""[^"]*)*)"|([^",\n\r]*))(,|\r?\n|$)/y;
  let row: string[] = [];
  for (let at = 0; at < text.length && rows.length <= MAX_ROWS; ) {
    cell.lastIndex = at;
    const match = cell.exec(text);
    if (match === null) throw new ScrapeFailure('parse', 'Answer has a quote where none can be');
    const [whole, quoted, plain = '', end] = match;
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end !== ',') {
      rows.push(row);
      row = [];
    }
    at += whole.length;
  }
  if (row.length > 0) rows.push(row);
  return rows;
}
