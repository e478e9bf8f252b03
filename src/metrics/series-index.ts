import { Hasher } from '../bytes/hasher.ts';
import type { RecordBatch } from '../core/record-batch.ts';

const INITIAL_SLOTS = 64;
const INITIAL_BYTES = 1024;

/**
 * Which number the series has whose labels have these values: found by bytes, so that no label ever becomes a string
 * to be counted.
 *
 * ```
 *  slots  [ 0 | 3 | 0 | 1 | 2 | … ]      open addressing by hash, number + 1, 0 = free
 *  bounds [ 0  3  6 | 6  10  13 | … ]    series 0 has the values bytes[0, 3) and bytes[3, 6)
 *  bytes  G E T 2 0 0 P O S T 5 0 2 …
 * ```
 * The numbers are given by the caller, and used again.
 */
export class SeriesIndex {
  readonly #labels: number;
  #slots = new Int32Array(INITIAL_SLOTS);
  #count = 0;
  /** By number: the hash, the resource, and where each value begins, with the end of the last. */
  #hashes = new Int32Array(INITIAL_SLOTS);
  #resources = new Uint32Array(INITIAL_SLOTS);
  #bounds: Uint32Array<ArrayBuffer>;
  #bytes = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  #byteLength = 0;
  readonly #hasher = new Hasher();

  /** An index of series with so many labels. */
  constructor(labels: number) {
    this.#labels = labels;
    this.#bounds = new Uint32Array(INITIAL_SLOTS * (labels + 1));
  }

  /** Bytes that the values take. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /**
   * The number of the series of a resource whose values are `spans` of the batch, start and end of each in turn; -1:
   * there is none, and `add()` may follow at once. O(bytes).
   */
  find(batch: RecordBatch, resource: number, spans: Uint32Array): number {
    const hasher = this.#hasher;
    const { view, bytes } = batch;
    hasher.start(resource);
    for (let i = 0; i < spans.length; i += 2) hasher.addSpan(view, spans[i]!, spans[i + 1]!);
    hasher.finish();
    const { low, high } = hasher;
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = low & mask;
    for (let found = slots[slot]!; found !== 0; found = slots[slot]!) {
      if (this.#hashes[found - 1] === high && this.#isSame(found - 1, bytes, resource, spans)) return found - 1;
      slot = (slot + 1) & mask;
    }
    return -1;
  }

  /** Adds the series that `find()` has just not found, under that number. */
  add(series: number, batch: RecordBatch, resource: number, spans: Uint32Array): void {
    while (series >= this.#hashes.length) this.#grow();
    const labels = this.#labels;
    let length = 0;
    for (let i = 0; i < spans.length; i += 2) length += spans[i + 1]! - spans[i]!;
    this.#reserve(length);
    let at = this.#byteLength;
    const bounds = this.#bounds;
    for (let label = 0; label < labels; label++) {
      bounds[series * (labels + 1) + label] = at;
      const end = spans[2 * label + 1]!;
      for (let from = spans[2 * label]!; from < end; from++) this.#bytes[at++] = batch.bytes[from]!;
    }
    bounds[series * (labels + 1) + labels] = at;
    this.#byteLength = at;
    this.#hashes[series] = this.#hasher.high;
    this.#resources[series] = resource;
    this.#insert(series, this.#hasher.low);
  }

  /** The values of a series. Makes garbage. */
  values(series: number): string[] {
    const at = series * (this.#labels + 1);
    return Array.from({ length: this.#labels }, (_, label) =>
      this.#bytes.toString('utf8', this.#bounds[at + label]!, this.#bounds[at + label + 1]!),
    );
  }

  /** Forgets all series but these, whose numbers stay. O(all of them). */
  keepOnly(kept: Iterable<number>): void {
    const { length } = this.#slots;
    const old = this.#bytes.subarray(0, this.#byteLength);
    this.#slots = new Int32Array(length);
    this.#count = 0;
    this.#bytes = Buffer.allocUnsafeSlow(INITIAL_BYTES);
    this.#byteLength = 0;
    for (const series of kept) {
      const at = series * (this.#labels + 1);
      const start = this.#bounds[at]!;
      const end = this.#bounds[at + this.#labels]!;
      this.#reserve(end - start);
      old.copy(this.#bytes, this.#byteLength, start, end);
      for (let label = 0; label <= this.#labels; label++) this.#bounds[at + label]! += this.#byteLength - start;
      this.#byteLength += end - start;
      this.#insert(series, this.#rehash(series));
    }
  }

  #isSame(series: number, bytes: Uint8Array, resource: number, spans: Uint32Array): boolean {
    if (this.#resources[series] !== resource) return false;
    const own = this.#bytes;
    const labels = this.#labels;
    let bound = series * (labels + 1);
    for (let label = 0; label < labels; label++, bound++) {
      let at = this.#bounds[bound]!;
      const start = spans[2 * label]!;
      const end = spans[2 * label + 1]!;
      if (this.#bounds[bound + 1]! - at !== end - start) return false;
      for (let i = start; i < end; i++) if (bytes[i] !== own[at++]) return false;
    }
    return true;
  }

  #insert(series: number, low: number): void {
    if (2 * ++this.#count > this.#slots.length) this.#rehashAll();
    const mask = this.#slots.length - 1;
    let slot = low & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = series + 1;
  }

  #rehashAll(): void {
    const old = this.#slots;
    this.#slots = new Int32Array(2 * old.length);
    const mask = this.#slots.length - 1;
    for (const found of old) {
      if (found === 0) continue;
      let slot = this.#rehash(found - 1) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = found;
    }
  }

  /** The lower half of the hash of a series, by its own bytes. */
  #rehash(series: number): number {
    const hasher = new Hasher();
    const view = new DataView(this.#bytes.buffer);
    const at = series * (this.#labels + 1);
    hasher.start(this.#resources[series]!);
    for (let label = 0; label < this.#labels; label++) {
      hasher.addSpan(view, this.#bounds[at + label]!, this.#bounds[at + label + 1]!);
    }
    hasher.finish();
    return hasher.low;
  }

  #grow(): void {
    this.#hashes = grown(this.#hashes, new Int32Array(2 * this.#hashes.length));
    this.#resources = grown(this.#resources, new Uint32Array(2 * this.#resources.length));
    this.#bounds = grown(this.#bounds, new Uint32Array(2 * this.#bounds.length));
  }

  /** Makes room for values; a few bytes more can be read behind them. */
  #reserve(length: number): void {
    const needed = this.#byteLength + length + 4;
    if (needed <= this.#bytes.length) return;
    const bytes = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.copy(bytes, 0, 0, this.#byteLength);
    this.#bytes = bytes;
  }
}

function grown<Column extends Int32Array | Uint32Array>(from: Column, into: Column): Column {
  into.set(from);
  return into;
}
