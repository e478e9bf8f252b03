import { isUtf8 } from 'node:buffer';
import { COPY_SLACK } from '../bytes/copy-words.ts';
import { grown } from '../bytes/grown.ts';
import { LabelTrait } from '../core/metric.ts';
import type { RecordBatch } from '../core/record-batch.ts';

/** Where the values lie that are looked for: a batch, or an arena that can be read 3 bytes beyond them. */
export type Arena = Pick<RecordBatch, 'bytes' | 'view'>;

const INITIAL_SLOTS = 64;
const INITIAL_BYTES = 1024;
/** How many bytes behind the last one may be read with it. */
const SLACK = COPY_SLACK;

/** By byte: which trait it may be of. */
const TRAITS = new Uint8Array(256).fill(LabelTrait.Broken, 0x80);
for (const character of '"\\\n') TRAITS[character.charCodeAt(0)] = LabelTrait.Escaped;

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
  /** By number: see `LabelColumns`. */
  #traits = new Uint8Array(INITIAL_SLOTS);
  #bytes = Buffer.allocUnsafeSlow(INITIAL_BYTES + SLACK);
  /** The same memory. */
  #view = new DataView(this.#bytes.buffer);
  #byteLength = 0;
  /** The hash of what was looked for last. */
  #hash = 0;

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
   * The number of the series of a resource whose values are `spans` of the arena, start and end of each in turn; -1:
   * there is none, and `add()` may follow at once. O(bytes).
   */
  find(arena: Arena, resource: number, spans: Uint32Array): number {
    const { view } = arena;
    let hash = resource;
    for (let i = 0; i < spans.length; i += 2) hash = hashSpan(hash, view, spans[i]!, spans[i + 1]!);
    hash ^= hash >>> 15;
    const slots = this.#slots;
    const hashes = this.#hashes;
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (let found = slots[slot]!; found !== 0; found = slots[slot]!) {
      if (hashes[found - 1] === hash && this.#isSame(found - 1, view, resource, spans)) return found - 1;
      slot = (slot + 1) & mask;
    }
    this.#hash = hash;
    return -1;
  }

  /** Adds the series that `find()` has just not found, under that number. */
  add(series: number, arena: Arena, resource: number, spans: Uint32Array): void {
    while (series >= this.#hashes.length) this.#grow();
    const labels = this.#labels;
    let length = 0;
    for (let i = 0; i < spans.length; i += 2) length += spans[i + 1]! - spans[i]!;
    this.#reserve(length);
    let at = this.#byteLength;
    const bounds = this.#bounds;
    let traits = 0;
    for (let label = 0; label < labels; label++) {
      bounds[series * (labels + 1) + label] = at;
      const end = spans[2 * label + 1]!;
      for (let from = spans[2 * label]!; from < end; from++) {
        const byte = arena.bytes[from]!;
        this.#bytes[at++] = byte;
        traits |= TRAITS[byte]!;
      }
    }
    bounds[series * (labels + 1) + labels] = at;
    this.#byteLength = at;
    this.#traits[series] =
      (traits & LabelTrait.Broken) !== 0 && this.#isUtf8(series) ? traits - LabelTrait.Broken : traits;
    this.#hashes[series] = this.#hash;
    this.#resources[series] = resource;
    this.#insert(series);
  }

  /** The values of a series. Makes garbage. */
  values(series: number): string[] {
    const at = series * (this.#labels + 1);
    return Array.from({ length: this.#labels }, (_, label) =>
      this.#bytes.toString('utf8', this.#bounds[at + label]!, this.#bounds[at + label + 1]!),
    );
  }

  /** Where the values lie; until the next series is added. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  /** The same memory, which can be read `COPY_SLACK` bytes beyond a value. */
  get view(): DataView {
    return this.#view;
  }

  /** By series: see `LabelColumns`. Until the next is added. */
  get traits(): Uint8Array {
    return this.#traits;
  }

  /** Of each series where its values begin and the last one ends: one more than it has labels. Until the next is added. */
  get bounds(): Uint32Array {
    return this.#bounds;
  }

  /** Forgets all series but these, whose numbers stay. O(all of them). */
  keepOnly(kept: Iterable<number>): void {
    const { length } = this.#slots;
    const old = this.#bytes.subarray(0, this.#byteLength);
    this.#slots = new Int32Array(length);
    this.#count = 0;
    this.#useBytes(Buffer.allocUnsafeSlow(INITIAL_BYTES + SLACK));
    this.#byteLength = 0;
    for (const series of kept) {
      const at = series * (this.#labels + 1);
      const start = this.#bounds[at]!;
      const end = this.#bounds[at + this.#labels]!;
      this.#reserve(end - start);
      old.copy(this.#bytes, this.#byteLength, start, end);
      for (let label = 0; label <= this.#labels; label++) this.#bounds[at + label]! += this.#byteLength - start;
      this.#byteLength += end - start;
      this.#insert(series);
    }
  }

  #isSame(series: number, view: DataView, resource: number, spans: Uint32Array): boolean {
    if (this.#resources[series] !== resource) return false;
    const own = this.#view;
    const bounds = this.#bounds;
    const labels = this.#labels;
    let bound = series * (labels + 1);
    for (let label = 0; label < labels; label++, bound++) {
      const at = bounds[bound]!;
      const start = spans[2 * label]!;
      const length = spans[2 * label + 1]! - start;
      if (bounds[bound + 1]! - at !== length || !isSameText(own, at, view, start, length)) return false;
    }
    return true;
  }

  /** Whether each value of a series is. */
  #isUtf8(series: number): boolean {
    const first = series * (this.#labels + 1);
    for (let bound = first; bound < first + this.#labels; bound++)
      if (!isUtf8(this.#bytes.subarray(this.#bounds[bound]!, this.#bounds[bound + 1]!))) return false;
    return true;
  }

  #insert(series: number): void {
    if (2 * ++this.#count > this.#slots.length) this.#growSlots();
    this.#place(series);
  }

  #growSlots(): void {
    const old = this.#slots;
    this.#slots = new Int32Array(2 * old.length);
    for (const found of old) if (found !== 0) this.#place(found - 1);
  }

  #place(series: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = this.#hashes[series]! & mask;
    while (slots[slot] !== 0) slot = (slot + 1) & mask;
    slots[slot] = series + 1;
  }

  #grow(): void {
    this.#hashes = grown(this.#hashes, new Int32Array(2 * this.#hashes.length));
    this.#resources = grown(this.#resources, new Uint32Array(2 * this.#resources.length));
    this.#traits = grown(this.#traits, new Uint8Array(2 * this.#traits.length));
    this.#bounds = grown(this.#bounds, new Uint32Array(2 * this.#bounds.length));
  }

  #reserve(length: number): void {
    const needed = this.#byteLength + length + SLACK;
    if (needed <= this.#bytes.length) return;
    const bytes = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.copy(bytes, 0, 0, this.#byteLength);
    this.#useBytes(bytes);
  }

  #useBytes(bytes: Buffer<ArrayBuffer>): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
}

/** Whether two texts of that length are the same. Compares four bytes at once, so it reads up to 3 bytes behind each. */
function isSameText(one: DataView, oneAt: number, other: DataView, otherAt: number, length: number): boolean {
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    if (one.getInt32(oneAt + i, true) !== other.getInt32(otherAt + i, true)) return false;
  }
  const difference = i < length ? one.getInt32(oneAt + i, true) ^ other.getInt32(otherAt + i, true) : 0;
  return (difference & ((1 << (8 * (length - i))) - 1)) === 0;
}

/** The hash of what came before and a span: 32 bits, four bytes at a time. Reads up to 3 bytes behind `end`. */
function hashSpan(hash: number, view: DataView, start: number, end: number): number {
  let at = start;
  for (; at + 4 <= end; at += 4) hash = mixed(hash ^ view.getInt32(at, true));
  const rest = end - at;
  const word = rest === 0 ? 0 : view.getInt32(at, true) & ((1 << (8 * rest)) - 1);
  return mixed(hash ^ word ^ ((end - start) << 24));
}

function mixed(word: number): number {
  const product = Math.imul(word, 0x9e3779b1);
  return product ^ (product >>> 16);
}
