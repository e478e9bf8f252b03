import { isUtf8 } from 'node:buffer';
import { parseDouble } from '../../bytes/double.ts';

/** What a line measures. */
export type StatsdType = 'counter' | 'gauge' | 'timer' | 'histogram' | 'distribution' | 'set';

/** What is wrong with a line: a word of the metric about lines. */
export type LineFault = 'name' | 'type' | 'value' | 'negative' | 'rate' | 'timestamp' | 'tags';

/** OTLP's limit for names of instruments. */
const MAX_NAME_BYTES = 255;
/** A line that stands for more than a million is a mistake, or worse: its weight would drown all others. */
const MIN_RATE = 1e-6;
/** Larger values could add up to infinity. */
const MAX_AMOUNT = 1e300;
/** The year 2554, when the nanoseconds of OTLP end. */
const MAX_UNIX_SECONDS = 18_446_744_073;

const HASH = 0x23;
const PLUS = 0x2b;
const COLON = 0x3a;
const AT = 0x40;
const UPPER_T = 0x54;
const LOWER_C = 0x63;
const PIPE = 0x7c;

/** By byte: 1 is of a name, 2 is of one that must be looked at as UTF-8. */
const NAME_BYTES = new Uint8Array(256).fill(2, 0x80);
for (const character of '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-./')
  NAME_BYTES[character.charCodeAt(0)] = 1;

/** By byte: 1 is of a number. */
const NUMBER_BYTES = new Uint8Array(256);
for (const character of '0123456789+-.eE') NUMBER_BYTES[character.charCodeAt(0)] = 1;

/**
 * One line of StatsD, with what DogStatsD adds, as it was parsed last:
 *
 * ```
 *  page.views:1:2|c|@0.5|#country:de,beta|c:0123abcd|T1656581400
 *  name       values type rate tags       container  time
 * ```
 * Used for one line after another: nothing of it is allocated. Fields of the protocol that are not known are passed over.
 */
export class StatsdLine {
  nameStart = 0;
  nameEnd = 0;
  type: StatsdType = 'counter';
  /** How many values there are: at least one, except of a set. */
  count = 0;
  /** `values[i]` for i < `count`; those of timers are milliseconds. */
  values = new Float64Array(16);
  /** Whether `values[i]` had a sign: of a gauge it is then added to what it was. */
  isSigned = new Uint8Array(16);
  /** Of a set: the value, whatever it is. */
  memberStart = 0;
  memberEnd = 0;
  /** The part of what happened that was sent: above 0, at most 1. */
  rate = 1;
  /** When it was measured, in seconds since 1970; 0: now. */
  unixSeconds = 0;
  /** What lies behind `#`; empty: nothing. */
  tagsStart = 0;
  tagsEnd = 0;
  /** What lies behind `c:`; empty: nothing. */
  containerStart = 0;
  containerEnd = 0;

  /** Parses `bytes[start, end)`, which holds no line feed. What is wrong is returned; then the fields mean nothing. */
  parse(bytes: Buffer, start: number, end: number): LineFault | undefined {
    let at = start;
    let seen = 0;
    for (; at < end && bytes[at] !== COLON; at++) {
      const kind = NAME_BYTES[bytes[at]!]!;
      if (kind === 0) return 'name';
      seen |= kind;
    }
    if (at === start || at - start > MAX_NAME_BYTES) return 'name';
    if ((seen & 2) !== 0 && !isUtf8(bytes.subarray(start, at))) return 'name';
    if (at === end) return 'value';
    this.nameStart = start;
    this.nameEnd = at;
    const valuesStart = ++at;
    at = partEnd(bytes, at, end);
    const valuesEnd = at;
    if (at === end) return 'type';
    const typeStart = ++at;
    at = partEnd(bytes, at, end);
    const type = typeOf(bytes, typeStart, at);
    if (type === undefined) return 'type';
    this.type = type;
    return this.#parseFields(bytes, at, end) ?? this.#parseValues(bytes, valuesStart, valuesEnd);
  }

  /** The parts behind the type, each with a `|` before it. */
  #parseFields(bytes: Buffer, from: number, end: number): LineFault | undefined {
    this.rate = 1;
    this.unixSeconds = 0;
    this.tagsStart = this.tagsEnd = 0;
    this.containerStart = this.containerEnd = 0;
    for (let at = from; at < end; ) {
      const start = at + 1;
      at = partEnd(bytes, start, end);
      if (at === start) continue;
      const isContainer = at - start > 1 && bytes[start] === LOWER_C && bytes[start + 1] === COLON;
      if (bytes[start] === AT) {
        this.rate = numberAt(bytes, start + 1, at);
        if (!(this.rate >= MIN_RATE && this.rate <= 1)) return 'rate';
      } else if (bytes[start] === HASH) {
        this.tagsStart = start + 1;
        this.tagsEnd = at;
      } else if (bytes[start] === UPPER_T) {
        this.unixSeconds = numberAt(bytes, start + 1, at);
        if (!(this.unixSeconds > 0 && this.unixSeconds < MAX_UNIX_SECONDS)) return 'timestamp';
      } else if (isContainer) {
        if (!isContainerId(bytes, start + 2, at)) return 'tags';
        this.containerStart = start + 2;
        this.containerEnd = at;
      }
    }
    return undefined;
  }

  #parseValues(bytes: Buffer, start: number, end: number): LineFault | undefined {
    this.count = 0;
    if (start === end) return 'value';
    if (this.type === 'set') {
      this.memberStart = start;
      this.memberEnd = end;
      return undefined;
    }
    for (let at = start; at <= end; at++) {
      const valueStart = at;
      while (at < end && bytes[at] !== COLON) at++;
      const value = numberAt(bytes, valueStart, at);
      if (!(Math.abs(value) <= MAX_AMOUNT)) return 'value';
      if (value < 0 && this.type === 'counter') return 'negative';
      if (this.count === this.values.length) this.#grow();
      this.isSigned[this.count] = isSign(bytes[valueStart]!) ? 1 : 0;
      this.values[this.count++] = value;
    }
    return undefined;
  }

  /** At most to half of the longest packet. */
  #grow(): void {
    const { values, isSigned } = this;
    this.values = new Float64Array(2 * values.length);
    this.values.set(values);
    this.isSigned = new Uint8Array(2 * isSigned.length);
    this.isSigned.set(isSigned);
  }
}

/** Where the part ends that starts at `at`. */
function partEnd(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && bytes[at] !== PIPE) at++;
  return at;
}

function typeOf(bytes: Uint8Array, start: number, end: number): StatsdType | undefined {
  if (end - start === 2) return bytes[start] === 0x6d && bytes[start + 1] === 0x73 ? 'timer' : undefined;
  if (end - start !== 1) return undefined;
  switch (bytes[start]) {
    case LOWER_C:
      return 'counter';
    case 0x67:
      return 'gauge';
    case 0x68:
      return 'histogram';
    case 0x64:
      return 'distribution';
    case 0x73:
      return 'set';
    default:
      return undefined;
  }
}

/** The decimal number of the span; NaN: it is none. */
function numberAt(bytes: Buffer, start: number, end: number): number {
  const digitsStart = bytes[start] === PLUS ? start + 1 : start;
  let hasDigit = false;
  for (let at = digitsStart; at < end; at++) {
    const byte = bytes[at]!;
    if (NUMBER_BYTES[byte] === 0) return Number.NaN;
    if (byte >= 0x30 && byte <= 0x39) hasDigit = true;
  }
  // A second sign would be read as one.
  if (!hasDigit || (digitsStart > start && isSign(bytes[digitsStart]!))) return Number.NaN;
  return parseDouble(bytes, digitsStart, end);
}

function isSign(byte: number): boolean {
  return byte === PLUS || byte === 0x2d;
}

/** Letters, digits and what names of containers have; not empty. */
function isContainerId(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (NAME_BYTES[bytes[at]!] !== 1) return false;
  return end > start;
}
