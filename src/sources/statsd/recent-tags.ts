import { Hasher } from '../../bytes/hasher.ts';
import { type PacketArena, SLACK_BYTES } from '../../codec/statsd/packet-arena.ts';

const SLOTS = 2048;
/** Longer tags are not kept. */
const MAX_BYTES = 128;
/** A slot is compared four bytes at a time. */
const WORD_BYTES = 4;

/**
 * Which series tags led to that have come lately, as they were sent: an application sends the same bytes again and again,
 * and putting tags in order costs more than all else of a line. One place for each hash; whatever comes later takes it.
 */
export class RecentTags {
  readonly #metrics = new Int32Array(SLOTS).fill(-1);
  readonly #series = new Int32Array(SLOTS);
  readonly #lengths = new Uint8Array(SLOTS);
  readonly #bytes = Buffer.alloc(SLOTS * MAX_BYTES + SLACK_BYTES);
  readonly #view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length);
  readonly #hasher = new Hasher();
  /** Of what was looked for last; -1: it is too long. */
  #slot = -1;

  /** The series of a metric that the tags `bytes[start, end)` of the packet led to; -1: unknown, and `add()` may follow at once. */
  find({ view, bytes }: PacketArena, metric: number, start: number, end: number): number {
    const length = end - start;
    this.#slot = -1;
    if (length > MAX_BYTES) return -1;
    const hasher = this.#hasher;
    hasher.start(metric);
    hasher.addSpan(view, start, end);
    hasher.finish();
    const slot = hasher.low & (SLOTS - 1);
    this.#slot = slot;
    if (this.#metrics[slot] !== metric || this.#lengths[slot] !== length) return -1;
    const own = slot * MAX_BYTES;
    let at = 0;
    for (; at + WORD_BYTES <= length; at += WORD_BYTES)
      if (this.#view.getInt32(own + at, true) !== view.getInt32(start + at, true)) return -1;
    for (; at < length; at++) if (this.#bytes[own + at] !== bytes[start + at]) return -1;
    return this.#series[slot]!;
  }

  /** Keeps what `find()` has just not found. */
  add({ bytes }: PacketArena, metric: number, start: number, end: number, series: number): void {
    const slot = this.#slot;
    if (slot < 0) return;
    this.#metrics[slot] = metric;
    this.#series[slot] = series;
    this.#lengths[slot] = end - start;
    bytes.copy(this.#bytes, slot * MAX_BYTES, start, end);
  }

  /** Forgets all: series have gone, or have changed their numbers. */
  clear(): void {
    this.#metrics.fill(-1);
  }
}
