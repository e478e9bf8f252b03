import type { Clock } from '../core/clock.ts';
import type { Counter, Metrics } from '../telemetry/metrics.ts';
import { Columns, unansweredOf } from './columns.ts';
import { type Amounts, addAmounts, type GoneReason, parseAmounts, parseCount, type SkipReason } from './reasons.ts';
import { type Claimed, StreamAccount, type Totals } from './stream-account.ts';

/** The streams that are no more, added up. */
export interface Finished {
  streams: number;
  seenBytes: number;
  goneUnknown: number;
  readonly gone: Amounts;
  readonly columns: Columns;
}

/**
 * The books of one source: an account for each stream that is known, and one sum for those that are finished, so that
 * they stay small however many files come and go. It counts for the metrics of the source, too.
 */
export class SourceLedger {
  readonly source: string;
  readonly #metrics: Metrics;
  readonly #accounts = new Map<string, StreamAccount>();
  readonly #finished: Finished;
  #routes: readonly string[] = [];
  /** What shows how much is in flight, by route. */
  readonly #flights = new Map<string, Metrics>();
  readonly #totals: Totals;

  /** `routes` are the ways that each record takes (see `routeName()`); `stored` is what the last life left. */
  constructor(options: {
    readonly source: string;
    readonly routes: readonly string[];
    readonly metrics: Metrics;
    readonly clock: Clock;
    readonly stored?: unknown;
  }) {
    const { source, routes, metrics, clock } = options;
    this.source = source;
    this.#metrics = metrics;
    this.#totals = this.#createTotals(clock);
    const stored = (options.stored ?? {}) as Record<string, unknown>;
    this.#finished = parseFinished(stored['finished']);
    for (const [id, account] of Object.entries(stored['streams'] ?? {})) {
      this.#accounts.set(id, new StreamAccount(id, this.#totals, account));
    }
    this.useRoutes(routes);
    this.#observe();
  }

  /** From now on each record takes these ways. What was read before takes the ways that it took then. */
  useRoutes(routes: readonly string[]): void {
    this.#routes = routes;
    const { source } = this;
    for (const route of routes) {
      if (this.#flights.has(route)) continue;
      const [pipeline = '', sink = ''] = route.split('/');
      const metrics = this.#metrics.scope();
      metrics.gauge('pillion_in_flight_records', { source, pipeline, sink }, () => this.#inFlight(route));
      this.#flights.set(route, metrics);
    }
    for (const [route, metrics] of this.#flights) {
      if (routes.includes(route) || this.#inFlight(route) > 0) continue;
      metrics.retire();
      this.#flights.delete(route);
    }
  }

  /** Takes what the books show out of the metrics; what they have counted stays. */
  retire(): void {
    for (const metrics of [this.#metrics, ...this.#flights.values()]) metrics.retire();
  }

  /** Nobody follows its streams now: another one takes that over. */
  leavePlaces(): void {
    for (const account of this.#accounts.values()) account.places.clear();
  }

  /** Gives up what was read and not committed, of every stream: it will be read again. */
  reopen(): void {
    for (const account of this.#accounts.values()) account.reopen();
  }

  /** The account of a stream; it goes on where the last life left it. */
  account(id: string): StreamAccount {
    let account = this.#accounts.get(id);
    if (account === undefined) this.#accounts.set(id, (account = new StreamAccount(id, this.#totals)));
    return account;
  }

  /** All accounts, in the order in which they were opened. */
  accounts(): Iterable<StreamAccount> {
    return this.#accounts.values();
  }

  get finished(): Finished {
    return this.#finished;
  }

  /** Closes every account whose stream is not `kept`; one with open ranges waits until they are settled. O(accounts). */
  closeExcept(kept: (id: string) => boolean): void {
    for (const account of this.#accounts.values()) {
      if (account.isSettled && !kept(account.id)) this.close(account);
    }
  }

  /** Adds a stream that nobody will read again to the finished ones. What is unread of it is gone. */
  close(account: StreamAccount): void {
    if (account.unreadBytes > 0) account.lose('deleted', account.unreadBytes);
    this.#accounts.delete(account.id);
    const { gone, columns } = this.#finished;
    this.#finished.streams++;
    this.#finished.seenBytes += account.seenBytes;
    this.#finished.goneUnknown += account.goneUnknown;
    addAmounts(gone, account.gone);
    columns.add(account.settled);
  }

  /** As the checkpoint holds it. */
  toStored(): unknown {
    const { columns, ...finished } = this.#finished;
    const streams: Record<string, unknown> = {};
    for (const [id, account] of this.#accounts) streams[id] = account.toStored();
    return { streams, finished: { ...finished, columns: columns.toStored() } };
  }

  #sumOver(amountOf: (account: StreamAccount) => number): number {
    let sum = 0;
    for (const account of this.#accounts.values()) sum += amountOf(account);
    return sum;
  }

  #inFlight(route: string): number {
    return this.#sumOver((account) => unansweredOf(account.open().route(route)));
  }

  /** Has looked up what the books say in sum when somebody looks at the metrics. */
  #observe(): void {
    const { source } = this;
    this.#metrics.gauge('pillion_ledger_unaccounted_bytes', { source }, () =>
      this.#sumOver((account) => account.unaccountedBytes),
    );
    this.#metrics.gauge('pillion_ledger_unaccounted_records', { source }, () =>
      this.#sumOver(({ settled: { routes } }) =>
        Object.values(routes).reduce((sum, route) => sum + unansweredOf(route), 0),
      ),
    );
  }

  #createTotals(clock: Clock): Totals {
    const { source } = this;
    const metrics = this.#metrics;
    const seenBytes = metrics.counter('pillion_source_seen_bytes_total', { source });
    const readBytes = metrics.counter('pillion_source_read_bytes_total', { source });
    const records = metrics.counter('pillion_source_records_total', { source });
    const emptyLines = metrics.counter('pillion_dropped_records_total', { source, reason: 'empty_line' });
    const skippedOf = (reason: string): Counter =>
      metrics.counter('pillion_source_skipped_bytes_total', { source, reason });
    const skipped = (reason: SkipReason, bytes: number): void => {
      if (bytes > 0) skippedOf(reason).add(bytes);
    };
    return {
      routes: () => this.#routes,
      clock,
      claimed: (range: Claimed) => {
        let skippedBytes = 0;
        for (const [reason, bytes] of Object.entries(range.skipped)) {
          skippedBytes += bytes;
          if (bytes > 0) skippedOf(reason).add(bytes);
        }
        readBytes.add(range.bytes - skippedBytes);
        records.add(range.records);
        emptyLines.add(range.emptyLines);
      },
      seen: (bytes) => seenBytes.add(bytes),
      skipped,
      gone: (reason: GoneReason, bytes) => {
        if (bytes > 0) metrics.counter('pillion_source_gone_bytes_total', { source, reason }).add(bytes);
      },
      goneUnknown: () => metrics.counter('pillion_source_gone_unknown_total', { source }).add(1),
    };
  }
}

function parseFinished(stored: unknown): Finished {
  const { streams, seenBytes, goneUnknown, gone, columns } = (stored ?? {}) as Record<string, unknown>;
  return {
    streams: parseCount(streams),
    seenBytes: parseCount(seenBytes),
    goneUnknown: parseCount(goneUnknown),
    gone: parseAmounts(gone),
    columns: Columns.parse(columns),
  };
}
