import { Columns, unansweredOf } from './columns.ts';
import type { Ledger } from './ledger.ts';
import type { Amounts } from './reasons.ts';
import type { Finished } from './source-ledger.ts';
import type { StreamAccount } from './stream-account.ts';

/** Records of one route, in the columns of the ledger. */
export interface RouteReport {
  readonly pipeline: string;
  readonly sink: string;
  readonly framed: number;
  readonly delivered: number;
  readonly dropped: Amounts;
  readonly rejected: Amounts;
  readonly in_flight: number;
  readonly abandoned: number;
  /** 0, or there is a bug. */
  readonly unaccounted: number;
}

/** Bytes, in the columns of the ledger. */
export interface BytesReport {
  readonly seen: number;
  readonly read: number;
  readonly skipped: Amounts;
  readonly gone: Amounts;
  readonly unread: number;
  /** 0, or there is a bug. */
  readonly unaccounted: number;
}

/** The books of one stream, or of several added up. */
export interface BooksReport {
  readonly bytes: BytesReport;
  /** How often something was lost whose size nobody can know. */
  readonly gone_unknown: number;
  readonly records: number;
  readonly routes: readonly RouteReport[];
}

/** The books of one stream, over all its lives. */
export interface StreamReport extends BooksReport {
  readonly source: string;
  readonly stream: string;
  readonly path: string;
  /** Last size seen, and how far it is read and committed, in bytes; null: nobody follows it now. */
  readonly size: number | null;
  readonly offset: number | null;
  readonly committed_offset: number | null;
  /** How long ago the oldest bytes were read that are not committed; 0: there are none. */
  readonly lag_seconds: number;
}

/** Streams that are no more, added up. */
export interface FinishedReport extends BooksReport {
  readonly source: string;
  readonly streams: number;
}

/** The ledger as `GET /ledger` shows it. */
export interface LedgerReport {
  readonly streams: readonly StreamReport[];
  readonly finished: readonly FinishedReport[];
}

/** Reads all books at one moment. O(streams). */
export function reportLedger(ledger: Ledger, nowMs: number): LedgerReport {
  const streams: StreamReport[] = [];
  const finished: FinishedReport[] = [];
  for (const source of ledger.sources()) {
    for (const account of source.accounts()) streams.push(reportStream(source.source, account, nowMs));
    finished.push(reportFinished(source.source, source.finished));
  }
  return { streams, finished };
}

function reportStream(source: string, account: StreamAccount, nowMs: number): StreamReport {
  const [place] = Array.from(account.places, (look) => look());
  const { oldestOpenMs, unreadBytes, unaccountedBytes } = account;
  const open = account.open();
  const all = new Columns();
  all.add(account.settled);
  all.add(open);
  return {
    source,
    stream: account.id,
    path: account.name,
    size: place?.size ?? null,
    offset: place?.offset ?? null,
    committed_offset: place?.committedOffset ?? null,
    lag_seconds: oldestOpenMs === undefined ? 0 : Math.max(0, nowMs - oldestOpenMs) / 1000,
    bytes: {
      seen: account.seenBytes,
      read: all.readBytes,
      skipped: all.skipped,
      gone: account.gone,
      unread: unreadBytes,
      unaccounted: unaccountedBytes,
    },
    gone_unknown: account.goneUnknown,
    records: all.framed,
    routes: reportRoutes(all, open),
  };
}

function reportFinished(source: string, { streams, seenBytes, gone, goneUnknown, columns }: Finished): FinishedReport {
  const { readBytes, skipped, framed } = columns;
  const rest = [readBytes, ...Object.values(skipped), ...Object.values(gone)].reduce((a, b) => a - b, seenBytes);
  const bytes = { seen: seenBytes, read: readBytes, skipped, gone, unread: 0, unaccounted: rest };
  return { source, streams, bytes, gone_unknown: goneUnknown, records: framed, routes: reportRoutes(columns) };
}

/** `open`: what of the columns belongs to ranges that are not committed, whose records may be on their way. */
function reportRoutes(all: Columns, open = new Columns()): RouteReport[] {
  return Object.entries(all.routes).map(([name, columns]) => {
    const [pipeline = '', sink = ''] = name.split('/');
    const { framed, delivered, abandoned, dropped, rejected } = columns;
    const openColumns = open.routes[name];
    const inFlight = openColumns === undefined ? 0 : unansweredOf(openColumns);
    const unaccounted = unansweredOf(columns) - inFlight;
    return { pipeline, sink, framed, delivered, dropped, rejected, in_flight: inFlight, abandoned, unaccounted };
  });
}
