import { numberOf } from './cast.ts';
import type { Json } from './json.ts';
import { compileValue, type ValueReader } from './reader.ts';

/** Where a document says when its application began to count: one of the two. */
export interface StartMapping {
  /** How long ago that was, in seconds. */
  readonly uptime?: string | undefined;
  /** When that was: seconds since 1970, or a text by RFC 3339. */
  readonly time?: string | undefined;
  /** What makes seconds of the number. */
  readonly scale?: number;
}

/** The moment of a reading. */
export interface ReadingMoment {
  readonly unixMs: number;
  /** Of a clock that nobody sets. */
  readonly nowMs: number;
  /** How long it took to get the document: the uptime is of some moment in that time. */
  readonly tookMs: number;
}

/** Uptimes are often in whole seconds. */
const TOLERANCE_MS = 2000;

const TEXT_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)$/i;

/** Finds out when an application began to count, from one document to the next. */
export class StartTime {
  readonly #uptime: ValueReader | undefined;
  readonly #time: ValueReader | undefined;
  readonly #scale: number;
  /** In milliseconds since 1970; undefined: unknown. */
  #startUnixMs: number | undefined;
  /** The same on the clock that nobody sets, by the last document. */
  #startMs: number | undefined;

  /** Throws a `PathError`. */
  constructor({ uptime, time, scale = 1 }: StartMapping) {
    const none = new Map<string, number>();
    this.#uptime = uptime === undefined ? undefined : compileValue(uptime, none);
    this.#time = time === undefined ? undefined : compileValue(time, none);
    this.#scale = scale;
  }

  /** The start in milliseconds since 1970, by this document or an earlier one; undefined: none has said it. */
  next(document: Json, moment: ReadingMoment): number | undefined {
    const scope = [document];
    if (this.#time !== undefined) this.#takeTime(this.#time(scope) ?? null, moment);
    else if (this.#uptime !== undefined) this.#takeUptime(numberOf(this.#uptime(scope) ?? null), moment);
    return this.#startUnixMs;
  }

  #takeTime(written: Json, { unixMs }: ReadingMoment): void {
    const isText = typeof written === 'string' && TEXT_TIME.test(written);
    const startUnixMs = isText ? Date.parse(written) : 1000 * this.#scale * (numberOf(written) ?? Number.NaN);
    // A start that is yet to come is that of another clock.
    if (startUnixMs > 0 && startUnixMs <= unixMs) this.#startUnixMs = Math.round(startUnixMs);
  }

  /** One start gives a slightly other one with each document, so it stays unless it is clearly later. */
  #takeUptime(uptime: number | undefined, { unixMs, nowMs, tookMs }: ReadingMoment): void {
    const uptimeMs = 1000 * this.#scale * (uptime ?? Number.NaN);
    if (!(uptimeMs >= 0 && uptimeMs < unixMs)) return;
    const startMs = nowMs - uptimeMs;
    const hasRestarted = this.#startMs === undefined || startMs > this.#startMs + TOLERANCE_MS + tookMs;
    if (hasRestarted) this.#startUnixMs = Math.round(unixMs - uptimeMs);
    this.#startMs = startMs;
  }
}
