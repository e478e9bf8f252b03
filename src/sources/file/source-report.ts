import type { Clock } from '../../core/clock.ts';
import { messageOf } from '../../core/errors.ts';
import type { SourceLedger } from '../../ledger/source-ledger.ts';
import type { StreamAccount } from '../../ledger/stream-account.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { RefusalReason } from './open-file.ts';

/** A file as the log speaks of it. */
export interface Reported {
  readonly path: string;
  /** Where the reader is, in bytes. */
  readonly offset: number;
  readonly account: StreamAccount;
}

/** A trouble with one file is said again after this long. */
const REPEAT_MS = 60_000;
const MAX_TROUBLES = 1000;

/** What a file source says of itself: in its books, and in the agent's log. Nothing here is per record. */
export class SourceReport {
  readonly ledger: SourceLedger;
  readonly #source: string;
  readonly #metrics: Metrics;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #refused = new Map<string, RefusalReason>();
  readonly #troubles = new Map<string, number>();

  constructor(ledger: SourceLedger, metrics: Metrics, logger: Logger, clock: Clock) {
    this.ledger = ledger;
    this.#source = ledger.source;
    this.#metrics = metrics;
    this.#logger = logger;
    this.#clock = clock;
  }

  /** Has the followed files counted when somebody looks. */
  observe(files: () => Iterable<{ readonly unreadBytes: number; readonly isOpen: boolean }>): void {
    const labels = { source: this.#source };
    this.#metrics.gauge(
      'pillion_source_files',
      labels,
      () => Array.from(files()).filter(({ isOpen }) => isOpen).length,
    );
    this.#metrics.gauge('pillion_source_unread_bytes', labels, () =>
      Array.from(files()).reduce((sum, { unreadBytes }) => sum + unreadBytes, 0),
    );
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

  /** A file became shorter than what was read of it; `goneBytes` had been seen and not been read. */
  truncated(file: Reported, goneBytes: number): void {
    file.account.lose('truncated', goneBytes);
    const fields = { ...this.#fields(file), gone_bytes: goneBytes };
    if (goneBytes === 0) this.#logger.info(fields, 'A file was truncated: it is read from its beginning.');
    else this.#logger.error(fields, 'A file was truncated before it was read to its end.');
  }

  /** A file has other content before the offset: it was truncated, and has grown past the offset unseen. */
  rewritten(file: Reported): void {
    file.account.loseUnknown();
    this.#logger.warn(this.#fields(file), 'A file was rewritten: it is read from its beginning.');
  }

  /** A stream's file vanished while nobody had it open; at least `goneBytes` had not been read. */
  vanished(file: Reported, goneBytes: number): void {
    file.account.lose('deleted', goneBytes);
    const fields = { ...this.#fields(file), gone_bytes: goneBytes };
    if (goneBytes > 0) this.#logger.error(fields, 'A file is gone that was not read to its end.');
    else this.#logger.info(fields, 'A file is gone.');
  }

  /** A file is not read; counted and said once until that changes. */
  refused(path: string, reason: RefusalReason, error?: unknown): void {
    if (this.#refused.get(path) === reason) return;
    this.#refused.set(path, reason);
    this.#metrics.counter('pillion_source_refused_files_total', { source: this.#source, reason }).add(1);
    const fields = { source: this.#source, path, reason, ...(error === undefined ? {} : { error: messageOf(error) }) };
    this.#logger.warn(fields, 'A file is not read.');
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
    this.#logger.warn({ source: this.#source, path, error: messageOf(error) }, what);
  }

  #fields({ path, offset }: Reported) {
    return { source: this.#source, path, offset };
  }
}
