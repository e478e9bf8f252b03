import type { Clock } from '../../core/clock.ts';
import { messageOf } from '../../core/errors.ts';
import type { GoneReason } from '../../ledger/reasons.ts';
import type { SourceLedger } from '../../ledger/source-ledger.ts';
import type { StreamAccount } from '../../ledger/stream-account.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Counter, Metrics } from '../../telemetry/metrics.ts';
import type { RefusalReason } from './open-file.ts';

/** A file as the log speaks of it. */
export interface Reported {
  readonly path: string;
  /** Where the reader is, in bytes. */
  readonly offset: number;
  readonly account: StreamAccount;
}

/** A followed file as it is counted. */
export interface Observed {
  readonly unreadBytes: number;
  /** How long ago bytes were seen that are not read yet; 0: there are none. */
  lagMs(nowMs: number): number;
  readonly isOpen: boolean;
  /** What it takes of its volume, in bytes. */
  readonly diskBytes: number;
}

/** A file without a name that is held open. */
export interface ObservedDeleted {
  readonly generation: { readonly size: number };
  /** Since when, in milliseconds of the clock. */
  readonly deletedMs: number | undefined;
}

/** What the configuration says by which a file is removed. */
export type RemovalRule = 'remove_after' | 'remove_delivered' | 'drop_oldest';

/** What each rule removes a file for, in words. */
const REMOVED: Record<RemovalRule, string> = {
  remove_after: 'A rotated file was removed: all of it is delivered.',
  remove_delivered: 'A delivered file was removed to make space.',
  drop_oldest: 'A rotated file was removed to make space.',
};

/** A trouble with one file is said again after this long. */
const REPEAT_MS = 60_000;
const MAX_TROUBLES = 1000;

/** What a file source says of itself: in its books, and in the agent's log. Nothing here is per record. */
export class SourceReport {
  readonly ledger: SourceLedger;
  readonly ungroupedRecords: Counter;
  readonly failedRecords: Counter;
  /** What the configuration calls the source: streams have their ids by it, whoever reads them. */
  readonly source: string;
  /** What reads the source: the name in logs and labels. */
  readonly #reader: string;
  readonly #metrics: Metrics;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #refused = new Map<string, RefusalReason>();
  readonly #troubles = new Map<string, number>();
  #leftOut = 0;

  constructor(ledger: SourceLedger, metrics: Metrics, logger: Logger, clock: Clock, source = ledger.source) {
    this.ledger = ledger;
    this.source = source;
    this.#reader = ledger.source;
    const labels = { source: this.#reader };
    this.ungroupedRecords = metrics.counter('pillion_source_ungrouped_records_total', labels);
    this.failedRecords = metrics.counter('pillion_source_failed_records_total', labels);
    this.#metrics = metrics;
    this.#logger = logger;
    this.#clock = clock;
  }

  /** Has the followed files counted when somebody looks; `deleted`: those without a name, oldest first. */
  observe(files: () => Iterable<Observed>, deleted: () => readonly ObservedDeleted[]): void {
    const labels = { source: this.#reader };
    this.#metrics.gauge('pillion_source_space_bytes', labels, () =>
      Array.from(files()).reduce((sum, { diskBytes }) => sum + diskBytes, 0),
    );
    this.#metrics.gauge('pillion_source_deleted_files', labels, () => deleted().length);
    this.#metrics.gauge('pillion_source_deleted_bytes', labels, () =>
      deleted().reduce((sum, { generation }) => sum + generation.size, 0),
    );
    this.#metrics.gauge('pillion_source_deleted_oldest_seconds', labels, () => {
      const [oldest] = deleted();
      return oldest === undefined ? 0 : (this.#clock.nowMs() - (oldest.deletedMs ?? this.#clock.nowMs())) / 1000;
    });
    this.#metrics.gauge(
      'pillion_source_files',
      labels,
      () => Array.from(files()).filter(({ isOpen }) => isOpen).length,
    );
    this.#metrics.gauge('pillion_source_lag_seconds', labels, () => {
      const nowMs = this.#clock.nowMs();
      return Array.from(files()).reduce((most, file) => Math.max(most, file.lagMs(nowMs)), 0) / 1000;
    });
    this.#metrics.gauge('pillion_source_unread_bytes', labels, () =>
      Array.from(files()).reduce((sum, { unreadBytes }) => sum + unreadBytes, 0),
    );
  }

  /** There is no file yet, as it is before an application has begun, or with a pattern that is wrong. */
  nothingYet(include: readonly string[]): void {
    this.#logger.info({ source: this.#reader, include }, 'No file matches yet.');
  }

  /** The agent's own state lies in a folder in which it looks for logs. */
  exposedState(folder: string): void {
    const what = 'The state folder lies among the logs: whoever writes there can change what counts as delivered.';
    this.#logger.warn({ source: this.#reader, folder }, what);
  }

  opened(file: Reported): void {
    this.#refused.delete(file.path);
    this.#logger.info(this.#fields(file), 'Reading a file.');
  }

  renamed(file: Reported): void {
    this.#logger.info(this.#fields(file), 'A file was renamed: it is read to its end.');
  }

  deleted(file: Reported): void {
    this.#logger.info(this.#fields(file), 'A file was deleted: it is read to its end.');
  }

  finished(file: Reported): void {
    this.#logger.info(this.#fields(file), 'A file is finished.');
  }

  /** A file became shorter than what was read of it. */
  truncated(file: Reported): void {
    this.#logger.info(this.#fields(file), 'A file was truncated: it is read from its beginning.');
  }

  /** A file has other content before the offset: it was truncated, and has grown past the offset unseen. */
  rewritten(file: Reported): void {
    this.#logger.warn(this.#fields(file), 'A file was rewritten: it is read from its beginning.');
  }

  /** No copy has the bytes of a file that was truncated; `goneBytes` of them had been seen and not been read. */
  truncatedAway(file: Reported, goneBytes: number): void {
    file.account.lose('truncated', goneBytes);
    if (goneBytes === 0) return;
    const fields = { ...this.#fields(file), gone_bytes: goneBytes };
    this.#logger.error(fields, 'A file was truncated before it was read to its end.');
  }

  /** No copy has the bytes of a file that was rewritten; nobody knows how many were not read. */
  rewrittenAway(file: Reported): void {
    file.account.loseUnknown();
  }

  /** A file turned out to be a copy: reading goes on where the stream was. */
  copied(file: Reported): void {
    this.#logger.info(this.#fields(file), 'A file is a copy of a known one: only what is missing is read.');
  }

  /** A file begins like a known one: it is not read before it is known what it is. */
  doubted(file: Reported): void {
    this.#logger.info(this.#fields(file), 'A file may be a copy of a known one: it waits until that is known.');
  }

  /** A compressed file cannot be inflated to its end; `goneBytes` of it, compressed, are left. */
  corrupt(file: Reported, goneBytes: number, error: Error): void {
    // Nobody can know what they would have held.
    file.account.saw(goneBytes);
    file.account.lose('corrupt', goneBytes);
    file.account.loseUnknown();
    const fields = { ...this.#fields(file), gone_compressed_bytes: goneBytes, error: messageOf(error) };
    this.#logger.error(fields, 'A compressed file is damaged or cut off: it is read up to there.');
  }

  /** A stream's file vanished while nobody had it open; at least `goneBytes` had not been read. */
  vanished(file: Reported, goneBytes: number): void {
    file.account.lose('deleted', goneBytes);
    const fields = { ...this.#fields(file), gone_bytes: goneBytes };
    if (goneBytes > 0) this.#logger.error(fields, 'A file is gone that was not read to its end.');
    else this.#logger.info(fields, 'A file is gone.');
  }

  /** Has what is free counted when somebody looks. */
  observeFree(bytes: () => number): void {
    this.#metrics.gauge('pillion_source_space_free_bytes', { source: this.#reader }, bytes);
  }

  /** The files take more than they may (`size`), or too little is free beside them (`free`). */
  spaceExceeded(limit: 'size' | 'free', bytes: number, limitBytes: number): void {
    this.#metrics.counter('pillion_source_space_exceeded_total', { source: this.#reader, limit }).add(1);
    const fields = { source: this.#reader, bytes, limit_bytes: limitBytes };
    const isFree = limit === 'free';
    this.#logger.warn(
      fields,
      isFree ? 'The disk of the files is nearly full.' : 'The files take more space than they may.',
    );
  }

  /** It is not known how much is free where a file lies. */
  unmeasured(path: string, error: unknown): void {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    this.trouble('The free space beside a file cannot be measured.', path, error);
  }

  /** A file was removed that took `bytes` of its volume; what was unread in it is counted by `givenUp()`. */
  removed(file: Reported, rule: RemovalRule, bytes: number): void {
    const labels = { source: this.#reader, rule };
    this.#metrics.counter('pillion_source_removed_files_total', labels).add(1);
    this.#metrics.counter('pillion_source_freed_bytes_total', labels).add(bytes);
    this.#logger.info({ ...this.#fields(file), bytes }, REMOVED[rule]);
  }

  /** A read of the file was under way when the source had to end. */
  stuck(file: Reported): void {
    this.#logger.error(this.#fields(file), 'A read of a file does not end: the rest of it is left for the next start.');
  }

  /** An open file was given up to keep to a limit, with `goneBytes` unread in it. */
  givenUp(file: Reported, reason: GoneReason, goneBytes: number): void {
    file.account.lose(reason, goneBytes);
    const fields = { ...this.#fields(file), reason, gone_bytes: goneBytes };
    if (goneBytes > 0) this.#logger.error(fields, 'A deleted file was given up before it was read to its end.');
    else this.#logger.warn(fields, 'A deleted file was given up.');
  }

  /** A file is left to others from now on; what was unread in it is passed over. */
  excluded(file: Reported & Observed): void {
    file.account.pass('excluded', file.unreadBytes);
    this.leftAlone(file.path);
  }

  /** A file is left to others; that is as it should be, so it is counted and hardly said. */
  leftAlone(path: string): void {
    if (this.#refuse(path, 'excluded')) this.#logger.debug({ source: this.#reader, path }, 'A file is left to others.');
  }

  /** A file is not read; counted and said once until that changes. */
  refused(path: string, reason: RefusalReason, error?: unknown): void {
    if (!this.#refuse(path, reason)) return;
    const fields = { source: this.#reader, path, reason, ...(error === undefined ? {} : { error: messageOf(error) }) };
    this.#logger.warn(fields, 'A file is not read.');
  }

  /** Counts a refusal that is new. */
  #refuse(path: string, reason: RefusalReason): boolean {
    if (this.#refused.get(path) === reason) return false;
    this.#refused.set(path, reason);
    this.#metrics.counter('pillion_source_refused_files_total', { source: this.#reader, reason }).add(1);
    return true;
  }

  /** So many files are not read because more than `maxFiles` are there; counted when that number grows. */
  leftOut(count: number, maxFiles: number): void {
    if (count > this.#leftOut) {
      const labels = { source: this.#reader, reason: 'too_many_files' };
      this.#metrics.counter('pillion_source_refused_files_total', labels).add(count - this.#leftOut);
      const what = new Error(`Cannot follow ${count} more files: max_files is ${maxFiles}`);
      this.trouble('Files are not read until there is room for them.', '', what);
    }
    this.#leftOut = count;
  }

  /** Forgets refusals of names that `isThere` does not know: what has that name next is another file. */
  forgetRefusals(isThere: (path: string) => boolean): void {
    for (const path of this.#refused.keys()) if (!isThere(path)) this.#refused.delete(path);
  }

  /** Something does not work now and is tried again; said once a minute. */
  trouble(what: string, path: string, error: unknown): void {
    const id = `${what} ${path}`;
    const nowMs = this.#clock.nowMs();
    if (nowMs < (this.#troubles.get(id) ?? Number.NEGATIVE_INFINITY)) return;
    if (this.#troubles.size >= MAX_TROUBLES) this.#troubles.clear();
    this.#troubles.set(id, nowMs + REPEAT_MS);
    this.#logger.warn({ source: this.#reader, path, error: messageOf(error) }, what);
  }

  #fields({ path, offset }: Reported) {
    return { source: this.#reader, path, offset };
  }
}
