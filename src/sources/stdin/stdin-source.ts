import type { Readable } from 'node:stream';
import split2 from 'split2';
import type { Clock } from '../../core/clock.ts';
import type { Lifetime, Output, Source } from '../../core/contracts.ts';
import { CountedLease } from '../../core/lease.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import type { Stream } from '../../core/stream.ts';
import { frameLines } from '../../framing/newline.ts';
import type { StreamAccount } from '../../ledger/stream-account.ts';
import { BoundLines, UNTERMINATED } from './bound-lines.ts';
import { claimedLines } from './claimed-lines.ts';
import { DRAIN_WAIT_MS, MAX_PIPE_BYTES } from './input-chunks.ts';

/** How long a line waits for others: nobody sees it, and a burst becomes one batch. */
const LINGER_MS = 5;
const MAX_BATCH_LINES = 1024;
const MAX_BATCH_BYTES = 64 * 1024;

const LF = 0x0a;

interface StdinSourceOptions {
  readonly input: Readable;
  readonly stream: Stream;
  readonly maxRecordBytes: number;
  readonly clock: Clock;
  readonly account: StreamAccount;
}

/**
 * Reads lines from a stream that cannot be read again, such as a pipe: so there is no checkpoint, and what is unread at
 * the end is lost.
 *
 * ```
 *  input --> BoundLines --> split2 --> batch --> frameLines() --> send()
 *            no line without end       lines, each with its LF
 * ```
 * Waiting for a batch stops reading, and with it the pipe and whoever writes into it. Memory is bounded by a few pieces
 * of input and `maxRecordBytes`.
 */
export class StdinSource implements Source {
  readonly #options: StdinSourceOptions;
  readonly #bounded: BoundLines;
  readonly #lines = split2('\n', { decodeStrings: false });
  /** The batch that is filled now, how many lines it has, and when it goes if it is not full before. */
  #batch: RecordBatch | undefined;
  #lineCount = 0;
  /** Bytes of the batches before. */
  #sentBytes = 0;
  #sendAtMs = 0;
  /** Whether the last line of the batch is the last of the input, and nothing ended it. */
  #isUnterminated = false;
  #failure: Error | undefined;
  #wake: () => void = () => {};

  constructor(options: StdinSourceOptions) {
    this.#options = options;
    options.account.name = options.stream.name;
    // What the last life had read and not delivered is gone: a pipe has nothing twice.
    options.account.agree();
    // A CRLF may follow the longest body, and a line that is cut must show that it was longer.
    this.#bounded = new BoundLines(options.maxRecordBytes + 2);
  }

  async run(output: Output, { drain, stop }: Lifetime): Promise<void> {
    const close = this.#open(drain, stop);
    try {
      await this.#read(output, drain, stop);
    } catch (error) {
      if (!stop.aborted) throw error;
    } finally {
      close();
    }
    if (this.#failure !== undefined) throw new Error('Cannot read standard input', { cause: this.#failure });
  }

  async #read(output: Output, drain: AbortSignal, stop: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    let drainWaitMs = DRAIN_WAIT_MS;
    for (;;) {
      await this.#takeLines(output, stop);
      if (this.#lines.readableEnded || stop.aborted) break;
      const lingerMs = this.#batch === undefined ? Number.POSITIVE_INFINITY : this.#sendAtMs - clock.nowMs();
      if (lingerMs <= 0) {
        this.#send(output);
        continue;
      }
      const isDraining = drain.aborted && !this.#bounded.writableEnded;
      const waitStartMs = clock.nowMs();
      await this.#change(isDraining ? Math.min(lingerMs, drainWaitMs) : lingerMs);
      if (!isDraining) continue;
      drainWaitMs -= clock.nowMs() - waitStartMs;
      if (drainWaitMs <= 0) this.#endInput();
    }
    this.#send(output);
  }

  /** Moves all lines that are there into batches. */
  async #takeLines(output: Output, stop: AbortSignal): Promise<void> {
    for (let line = this.#lines.read() as string | null; line !== null; line = this.#lines.read() as string | null) {
      const isFull = this.#batch !== undefined && this.#batch.byteLength + line.length >= MAX_BATCH_BYTES;
      if (isFull || this.#lineCount >= MAX_BATCH_LINES) this.#send(output);
      if (this.#batch === undefined) {
        this.#batch = await output.rent(this.#options.stream, stop);
        this.#sendAtMs = this.#options.clock.nowMs() + LINGER_MS;
      }
      this.#append(this.#batch, line);
    }
  }

  #append(batch: RecordBatch, line: string): void {
    this.#isUnterminated = line.endsWith(UNTERMINATED);
    const length = this.#isUnterminated ? line.length - 1 : line.length;
    batch.reserve(length + 1);
    batch.byteLength += batch.bytes.write(line, batch.byteLength, length, 'latin1');
    if (!this.#isUnterminated) batch.bytes[batch.byteLength++] = LF;
    this.#lineCount++;
  }

  #send(output: Output): void {
    const batch = this.#batch;
    if (batch === undefined) return;
    this.#batch = undefined;
    this.#lineCount = 0;
    const { maxRecordBytes, account } = this.#options;
    const framed = frameLines(batch, 0, batch.byteLength, {
      resume: 'line',
      maxRecordBytes,
      maxRecords: Number.POSITIVE_INFINITY,
      isFinal: this.#isUnterminated,
      hasHoles: false,
      offset: 0,
    });
    batch.inputOffset = this.#sentBytes;
    this.#sentBytes += framed.consumed;
    account.saw(framed.consumed);
    const range = account.claim(claimedLines(batch.count, framed));
    const lease = new CountedLease((outcome) => {
      if (outcome !== 'abandoned') range.commit();
    }, range);
    if (batch.count > 0) {
      output.send(batch, lease);
      return;
    }
    lease.settle('dropped');
    output.giveBack(batch);
  }

  /** Lets the input flow; returns what undoes it. */
  #open(drain: AbortSignal, stop: AbortSignal): () => void {
    const { input } = this.#options;
    const wake = (): void => this.#wake();
    const end = (): void => this.#endInput();
    const fail = (error: Error): void => {
      this.#failure = error;
      this.#endInput();
    };
    let leftBytes = MAX_PIPE_BYTES;
    const countDown = (chunk: Buffer): void => {
      leftBytes -= chunk.length;
      if (leftBytes <= 0) this.#endInput();
    };
    const startDrain = (): void => {
      input.on('data', countDown);
      wake();
    };
    input.on('error', fail).on('close', end);
    this.#lines.on('readable', wake).on('end', wake);
    input.pipe(this.#bounded).pipe(this.#lines);
    if (input.readableEnded || input.destroyed) end();
    if (drain.aborted) startDrain();
    drain.addEventListener('abort', startDrain, { once: true });
    stop.addEventListener('abort', wake, { once: true });
    return () => {
      this.#endInput();
      // `fail` stays: an error that comes later would end the process if nobody listened.
      input.off('close', end).off('data', countDown);
      // Nobody reads it any more, and while it is open the process would not end.
      input.destroy();
      drain.removeEventListener('abort', startDrain);
      stop.removeEventListener('abort', wake);
      this.#options.account.skip('oversize_rest', this.#bounded.skippedBytes);
    };
  }

  /** Takes nothing more out of the input; what was taken is read to its end. */
  #endInput(): void {
    if (this.#bounded.writableEnded) return;
    this.#options.input.unpipe(this.#bounded);
    this.#bounded.end();
  }

  /** Resolves with more lines, the end of the input, a signal, or after `ms`. */
  async #change(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const timer = new AbortController();
    if (ms < Number.POSITIVE_INFINITY) void this.#options.clock.sleep(ms, timer.signal).then(resolve);
    await promise;
    timer.abort();
  }
}
