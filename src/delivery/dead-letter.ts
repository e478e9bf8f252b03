import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '../core/clock.ts';
import { messageOf } from '../core/errors.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Counter, Metrics } from '../telemetry/metrics.ts';
import { LogLimiter } from './log-limiter.ts';

/** A record that nobody will take. */
export interface DeadRecord {
  /** The name of the stream that it comes from. */
  readonly stream: string;
  /** A request with nothing but the record; a view that is valid until the next record is asked for. */
  readonly body: Uint8Array;
}

/** Where rejected records are set aside. */
export interface DeadLetter {
  /** Reads `records` and resolves when nothing more is done about them, whatever came of it. Never rejects. */
  setAside(records: Iterable<DeadRecord>, reason: string, error: Error): Promise<void>;
}

export interface DeadLetterFileOptions {
  /** Whose records they are, such as `{ sink: 'backend' }`: a label of the metrics, and part of each line. */
  readonly origin: Readonly<Record<string, string>>;
  readonly path: string;
  /** The file does not grow beyond this. */
  readonly maxBytes: number;
  /** Gives the function that makes JSON, on one line, of a request. Called when it is first needed. */
  readonly loadJson: () => Promise<(body: Uint8Array) => string>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Lines are written as soon as they are so long together. */
const WRITE_BYTES = 256 * 1024;

/** A FIFO or device in place of the file blocks nobody, and a link is not followed. */
const FLAGS = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;

const NEWLINE = 0x0a;

/**
 * A file of rejected records, one JSON object a line: `time`, the origin, `reason`, `error`, `stream`, and as `request` what
 * can be sent again as it is.
 *
 * The file is opened for each group of records, so it can be moved away at any time. When it is full, it keeps what it
 * has: what comes then is counted and not set aside. A failure is counted and said, and stops nothing.
 */
export class DeadLetterFile implements DeadLetter {
  readonly #options: DeadLetterFileOptions;
  readonly #limiter: LogLimiter;
  readonly #written: Counter;
  #toJson: ((body: Uint8Array) => string) | undefined;
  /** Settles when those who came before are through: lines do not mix, and the size stays true. */
  #last: Promise<void> = Promise.resolve();

  constructor(options: DeadLetterFileOptions) {
    this.#options = options;
    this.#limiter = new LogLimiter(options.clock);
    this.#written = options.metrics.counter('pillion_dead_letter_records_total', options.origin);
    void this.#lookForFolder();
  }

  /** Says at the start what would otherwise show at the first record, which is lost then. */
  async #lookForFolder(): Promise<void> {
    const { path, logger } = this.#options;
    const what = 'The folder of a dead-letter file is not there: as long as it is not, records cannot be set aside.';
    await stat(dirname(path)).catch((error: unknown) => logger.warn({ path, error: messageOf(error) }, what));
  }

  setAside(records: Iterable<DeadRecord>, reason: string, error: Error): Promise<void> {
    this.#last = this.#last.then(() => this.#append(records, reason, error));
    return this.#last;
  }

  async #append(records: Iterable<DeadRecord>, reason: string, error: Error): Promise<void> {
    let file: FileHandle | undefined;
    const pending = records[Symbol.iterator]();
    let lines: string[] = [];
    let lost = 0;
    try {
      this.#toJson ??= await this.#options.loadJson();
      file = await open(this.#options.path, FLAGS, 0o600);
      let size = await endOf(file);
      let isFull = false;
      let bytes = 0;
      for (let next = pending.next(); !next.done; next = pending.next()) {
        const line = this.#lineOf(next.value, this.#toJson, reason, error);
        const lineBytes = Buffer.byteLength(line);
        // From the first one that does not fit: what is set aside is a whole beginning, not a choice by size.
        isFull ||= size + bytes + lineBytes > this.#options.maxBytes;
        if (isFull) {
          lost++;
          continue;
        }
        lines.push(line);
        bytes += lineBytes;
        if (bytes < WRITE_BYTES) continue;
        await this.#write(file, lines);
        size += bytes;
        [lines, bytes] = [[], 0];
      }
      await this.#write(file, lines);
      lines = [];
      // It must be there before the checkpoint says that the records need not be read again.
      await file.datasync();
      if (lost > 0) this.#lose(lost, 'full', 'its file is full');
    } catch (failure) {
      lost += lines.length;
      for (let next = pending.next(); !next.done; next = pending.next()) lost++;
      this.#lose(lost, 'failed', messageOf(failure));
    }
    await file?.close().catch(() => {});
  }

  async #write(file: FileHandle, lines: readonly string[]): Promise<void> {
    if (lines.length === 0) return;
    await file.appendFile(lines.join(''));
    this.#written.add(lines.length);
  }

  #lineOf({ stream, body }: DeadRecord, toJson: (body: Uint8Array) => string, reason: string, error: Error): string {
    const time = new Date(this.#options.clock.unixMs()).toISOString();
    const head = JSON.stringify({ time, ...this.#options.origin, reason, error: error.message, stream });
    return `${head.slice(0, -1)},"request":${toJson(body)}}\n`;
  }

  #lose(records: number, reason: 'full' | 'failed', detail: string): void {
    const { metrics, logger, origin, path } = this.#options;
    metrics.counter('pillion_dead_letter_lost_records_total', { ...origin, reason }).add(records);
    if (this.#limiter.pass(reason) === undefined) return;
    logger.error({ path, records, error: detail }, 'Records could not be set aside.');
  }
}

/** The size of the file, in which a line that a crash or a full disk has cut is ended first. */
async function endOf(file: FileHandle): Promise<number> {
  const stats = await file.stat();
  if (!stats.isFile()) throw new Error('not a regular file');
  if (stats.size === 0) return 0;
  const last = Buffer.alloc(1);
  await file.read(last, 0, 1, stats.size - 1);
  if (last[0] === NEWLINE) return stats.size;
  await file.appendFile('\n');
  return stats.size + 1;
}
