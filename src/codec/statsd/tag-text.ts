import { isUtf8 } from 'node:buffer';
import { LabelSet } from '../../core/label-set.ts';
import { MAX_PACKET_BYTES, type PacketArena, SLACK_BYTES } from './packet-arena.ts';
import type { StatsdLine } from './statsd-line.ts';

/** More are no labels of a series. */
const MAX_TAGS = 64;
const MAX_NAME_BYTES = 128;
const COMMA = 0x2c;
const COLON = 0x3a;
const TRUE = Buffer.from('true');

/** Labels with a meaning of their own, which nobody may set. */
const RESERVED = ['le', 'quantile', '__name__', 'otel.metric.overflow', 'otel_metric_overflow'].map((name) =>
  Buffer.from(name),
);

/** By length: whether one of them is so long. */
const RESERVED_LENGTHS = new Uint8Array(MAX_NAME_BYTES + 1);
for (const { length } of RESERVED) RESERVED_LENGTHS[length] = 1;

/** Where in `#spans` the parts of a tag are. */
const NAME_START = 0;
const NAME_END = 1;
const VALUE_START = 2;
const VALUE_END = 3;
const WIDTH = 4;

/**
 * The tags of one line in the one form that equal ones have: sorted by name, of equal names the last, none without a
 * value, values cut, a tag that is a name alone as `name:true`. Its bytes tell a series; they become labels once for each.
 *
 * ```
 *  #beta,country:de,country:fr  ->  beta:true,country:fr
 * ```
 */
export class TagText {
  readonly bytes = Buffer.alloc(MAX_PACKET_BYTES + 8 * MAX_TAGS + MAX_NAME_BYTES + SLACK_BYTES);
  readonly view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length);
  length = 0;
  /** How many values were cut so far. */
  cutValues = 0;
  readonly #maxValueBytes: number;
  readonly #hasContainer: boolean;
  readonly #spans = new Int32Array(WIDTH * MAX_TAGS);
  /** The tags by name. */
  readonly #order = new Uint8Array(MAX_TAGS);
  #count = 0;

  /** Values are cut behind `maxValueBytes`, which are at least those of a character; `hasContainer`: the container of a line becomes the label `container.id`. */
  constructor(maxValueBytes: number, hasContainer: boolean) {
    this.#maxValueBytes = maxValueBytes;
    this.#hasContainer = hasContainer;
  }

  /** Takes the tags of a line of the packet; false: they are none that a series can have. */
  set(packet: PacketArena, line: StatsdLine): boolean {
    this.length = 0;
    this.#count = 0;
    const { bytes } = packet;
    let seen = 0;
    for (let at = line.tagsStart; at < line.tagsEnd; at++) {
      const start = at;
      let colon = -1;
      for (; at < line.tagsEnd && bytes[at] !== COMMA; at++) {
        seen |= bytes[at]!;
        if (bytes[at] === COLON && colon < 0) colon = at;
      }
      // An empty one, as behind a comma at the end, says nothing.
      if (at === start) continue;
      const isAdded = colon < 0 ? this.#add(bytes, start, at, 0, -1) : this.#add(bytes, start, colon, colon + 1, at);
      if (!isAdded) return false;
    }
    if (seen >= 0x80 && !isUtf8(bytes.subarray(line.tagsStart, line.tagsEnd))) return false;
    const { containerStart, containerEnd } = line;
    if (this.#hasContainer && containerEnd > containerStart) {
      const { containerLabelStart, containerLabelEnd } = packet;
      if (!this.#add(bytes, containerLabelStart, containerLabelEnd, containerStart, containerEnd)) return false;
    }
    this.#write(bytes);
    return true;
  }

  /** As labels. Makes garbage. */
  labels(): LabelSet {
    if (this.length === 0) return LabelSet.empty;
    const tags = this.bytes.toString('utf8', 0, this.length).split(',');
    return LabelSet.of(
      tags.map((tag): [string, string] => {
        const colon = tag.indexOf(':');
        return [tag.slice(0, colon), tag.slice(colon + 1)];
      }),
    );
  }

  /** Puts a tag into the order, in the place of one of that name. A value that ends before it starts is `true`. */
  #add(bytes: Buffer, nameStart: number, nameEnd: number, valueStart: number, valueEnd: number): boolean {
    const length = nameEnd - nameStart;
    if (length === 0 || length > MAX_NAME_BYTES) return false;
    if (RESERVED_LENGTHS[length] === 1 && isReserved(bytes, nameStart, nameEnd)) return false;
    const spans = this.#spans;
    const order = this.#order;
    let place = this.#count;
    for (; place > 0; place--) {
      const at = WIDTH * order[place - 1]!;
      const compared = compareSpans(bytes, nameStart, nameEnd, spans[at + NAME_START]!, spans[at + NAME_END]!);
      if (compared > 0) break;
      if (compared < 0) continue;
      spans[at + VALUE_START] = valueStart;
      spans[at + VALUE_END] = valueEnd;
      return true;
    }
    if (this.#count === MAX_TAGS) return false;
    order.copyWithin(place + 1, place, this.#count);
    order[place] = this.#count;
    const at = WIDTH * this.#count++;
    spans[at + NAME_START] = nameStart;
    spans[at + NAME_END] = nameEnd;
    spans[at + VALUE_START] = valueStart;
    spans[at + VALUE_END] = valueEnd;
    return true;
  }

  #write(bytes: Buffer): void {
    const spans = this.#spans;
    for (let place = 0; place < this.#count; place++) {
      const at = WIDTH * this.#order[place]!;
      const valueStart = spans[at + VALUE_START]!;
      const valueEnd = spans[at + VALUE_END]!;
      // To Prometheus a label without a value is one that is not there.
      if (valueStart === valueEnd) continue;
      if (this.length > 0) this.bytes[this.length++] = COMMA;
      this.#append(bytes, spans[at + NAME_START]!, spans[at + NAME_END]!);
      this.bytes[this.length++] = COLON;
      const end = valueEnd - valueStart > this.#maxValueBytes ? this.#cut(bytes, valueStart) : valueEnd;
      if (valueEnd < valueStart) this.#append(TRUE, 0, TRUE.length);
      else this.#append(bytes, valueStart, end);
    }
  }

  #append(source: Uint8Array, start: number, end: number): void {
    const own = this.bytes;
    let { length } = this;
    for (let at = start; at < end; at++) own[length++] = source[at]!;
    this.length = length;
  }

  /** Where a value that is too long is cut: not within a character. */
  #cut(bytes: Uint8Array, start: number): number {
    this.cutValues++;
    let end = start + this.#maxValueBytes;
    while (end > start && (bytes[end]! & 0xc0) === 0x80) end--;
    return end;
  }
}

function compareSpans(bytes: Uint8Array, aStart: number, aEnd: number, bStart: number, bEnd: number): number {
  const length = Math.min(aEnd - aStart, bEnd - bStart);
  for (let i = 0; i < length; i++) {
    const difference = bytes[aStart + i]! - bytes[bStart + i]!;
    if (difference !== 0) return difference;
  }
  return aEnd - aStart - (bEnd - bStart);
}

function isReserved(bytes: Uint8Array, start: number, end: number): boolean {
  return RESERVED.some((name) => isSame(bytes, start, end, name));
}

function isSame(bytes: Uint8Array, start: number, end: number, other: Uint8Array): boolean {
  if (end - start !== other.length) return false;
  for (let i = 0; i < other.length; i++) if (bytes[start + i] !== other[i]) return false;
  return true;
}
