import { daysSince1970, isDate } from '../../bytes/calendar.ts';
import { digitsEnd, digitsValue, fractionNanos, MAX_FRACTION_DIGITS } from '../../bytes/digits.ts';
import type { ParsedTime } from '../../bytes/parsed-time.ts';
import { recentTimeOfDay } from '../../bytes/recent-day.ts';
import { RecentYear } from '../../bytes/recent-year.ts';
import { TimeZone } from '../../bytes/time-zone.ts';
import { zoneNameEnd, zoneNameOffset } from '../../bytes/zone-names.ts';
import { NO_OFFSET, parseZoneOffset, zoneOffsetEnd } from '../../bytes/zone-offset.ts';
import { FIELD_COUNT, Field, type FormatStep, StepKind } from './format-steps.ts';
import { LastText } from './last-text.ts';

const DAY_SECONDS = 86_400;
const NO_MATCH = -1;
/** POSIX: a year of two digits from here on is of the last century. */
const FIRST_YEAR_OF_1900S = 69;

/**
 * Reads times in one format, as steps that were made once from its text.
 *
 * Many records of a busy log have the same second, and a format without a fraction writes the same text for them: it is
 * compared with the last one, 30 ns, before it is read, 130 ns (test/bench/micro/timestamp.bench.ts).
 */
export class TimeFormat {
  readonly #steps: readonly FormatStep[];
  readonly #zone: TimeZone;
  readonly #has: readonly boolean[];
  /**
   * The last value of each field. Every step of a format must match, so no value of an older text is left. Integers, as
   * the calendar takes twice the time with doubles.
   */
  readonly #fields = new Int32Array(FIELD_COUNT);
  #unixSeconds = 0;
  /** The last text of this batch that was read, and what it said. */
  readonly #lastText = new LastText();
  #lastSeconds = 0;
  #observedUnixMs = Number.NaN;
  readonly #recentYear = new RecentYear();

  constructor(steps: readonly FormatStep[], zone: TimeZone) {
    this.#steps = steps;
    this.#zone = zone;
    this.#has = Array.from({ length: FIELD_COUNT }, (_, field) => steps.some((step) => step.field === field));
  }

  /**
   * Reads the time that fills `bytes[start, end)` as Unix time. A format without a year means the latest year that puts
   * the time at most a day after `observedUnixMs`; one without a day, the latest day that puts it at most an hour after
   * that. False: the text is not of the format, or no such day exists.
   */
  read(bytes: Uint8Array, start: number, end: number, observedUnixMs: number, into: ParsedTime): boolean {
    if (observedUnixMs !== this.#observedUnixMs) this.#startBatch(observedUnixMs);
    into.isLocal = false;
    if (this.#has[Field.Nanos]) {
      if (!this.#readSteps(bytes, start, end) || !this.#setTime(observedUnixMs, into)) return false;
      into.nanos = this.#fields[Field.Nanos]!;
      return true;
    }
    into.nanos = 0;
    into.seconds = this.#lastSeconds;
    if (this.#lastText.is(bytes, start, end)) return true;
    if (!this.#readSteps(bytes, start, end) || !this.#setTime(observedUnixMs, into)) return false;
    this.#lastText.remember(bytes, start, end);
    this.#lastSeconds = into.seconds;
    return true;
  }

  #startBatch(observedUnixMs: number): void {
    this.#observedUnixMs = observedUnixMs;
    this.#lastText.forget();
  }

  /** Fills the fields; false: the text is not of the format. */
  #readSteps(bytes: Uint8Array, start: number, end: number): boolean {
    let at = start;
    for (let i = 0; i < this.#steps.length; i++) {
      at = this.#match(this.#steps[i]!, bytes, at, end);
      if (at === NO_MATCH) return false;
    }
    return at === end;
  }

  /** Where the step's match ends, its value kept; NO_MATCH: the text has something else. */
  #match(step: FormatStep, bytes: Uint8Array, at: number, end: number): number {
    if (at >= end) return NO_MATCH;
    switch (step.kind) {
      case StepKind.Literal:
        return bytes[at] === step.min ? at + 1 : NO_MATCH;
      case StepKind.Blanks: {
        const blanksEnd = skipBlanks(bytes, at, end);
        return blanksEnd > at ? blanksEnd : NO_MATCH;
      }
      case StepKind.Number:
        return this.#matchNumber(step, bytes, at, end);
      case StepKind.UnixSeconds: {
        const numberEnd = digitsEnd(bytes, at, Math.min(at + step.maxDigits, end));
        this.#unixSeconds = digitsValue(bytes, at, numberEnd);
        return numberEnd > at ? numberEnd : NO_MATCH;
      }
      case StepKind.Day:
        return this.#matchNumber(step, bytes, skipBlanks(bytes, at, end), end);
      case StepKind.Name: {
        const index = step.names.indexAt(bytes, at, end);
        this.#fields[step.field] = index + 1;
        return index < 0 ? NO_MATCH : step.names.endOf(index, bytes, at, end);
      }
      case StepKind.Meridiem: {
        const first = bytes[at]! | 0x20;
        this.#fields[step.field] = first === 0x70 ? 1 : 0;
        const isMeridiem = at + 2 <= end && (first === 0x61 || first === 0x70) && (bytes[at + 1]! | 0x20) === 0x6d;
        return isMeridiem ? at + 2 : NO_MATCH;
      }
      case StepKind.Fraction: {
        const fractionEnd = digitsEnd(bytes, at, Math.min(at + MAX_FRACTION_DIGITS, end));
        this.#fields[step.field] = fractionNanos(bytes, at, fractionEnd);
        return fractionEnd > at ? fractionEnd : NO_MATCH;
      }
      case StepKind.Offset: {
        const offsetEnd = zoneOffsetEnd(bytes, at, end);
        const offset = parseZoneOffset(bytes, at, offsetEnd);
        this.#fields[step.field] = offset;
        return offset === NO_OFFSET ? NO_MATCH : offsetEnd;
      }
      case StepKind.ZoneName:
        return this.#matchZoneName(bytes, at, end);
      default:
        return step.kind satisfies never;
    }
  }

  #matchZoneName(bytes: Uint8Array, at: number, end: number): number {
    const nameEnd = zoneNameEnd(bytes, at, end);
    // Zones without an abbreviation are written as offsets.
    const isOffset = nameEnd <= at + 1;
    const zoneEnd = isOffset ? zoneOffsetEnd(bytes, at, end) : nameEnd;
    const offset = isOffset ? parseZoneOffset(bytes, at, zoneEnd) : zoneNameOffset(bytes, at, zoneEnd);
    this.#fields[Field.Offset] = offset;
    return offset === NO_OFFSET ? NO_MATCH : zoneEnd;
  }

  #matchNumber(step: FormatStep, bytes: Uint8Array, at: number, end: number): number {
    const numberEnd = digitsEnd(bytes, at, Math.min(at + step.maxDigits, end));
    const value = digitsValue(bytes, at, numberEnd);
    if (numberEnd - at < step.minDigits || value < step.min || value > step.max) return NO_MATCH;
    this.#fields[step.field] = value;
    return numberEnd;
  }

  /** Sets the seconds that the fields say; false: there is no such day. */
  #setTime(observedUnixMs: number, into: ParsedTime): boolean {
    if (this.#has[Field.UnixSeconds]) {
      into.seconds = this.#unixSeconds;
      return true;
    }
    const fields = this.#fields;
    const [month, day] = [fields[Field.Month]!, fields[Field.Day]!];
    const hasOffset = this.#has[Field.Offset]!;
    const zone = hasOffset ? TimeZone.utc : this.#zone;
    const secondsOfDay = hasOffset ? this.#secondsOfDay() - fields[Field.Offset]! : this.#secondsOfDay();
    if (!this.#has[Field.Day]) {
      into.seconds = recentTimeOfDay(secondsOfDay, zone, observedUnixMs);
      return true;
    }
    if (!this.#has[Field.Year] && !this.#has[Field.YearOfCentury]) {
      into.seconds = this.#recentYear.toUnix(month, day, secondsOfDay, zone, observedUnixMs);
      return !Number.isNaN(into.seconds);
    }
    const year = this.#has[Field.Year] ? fields[Field.Year]! : fullYear(fields[Field.YearOfCentury]!);
    if (!isDate(year, month, day)) return false;
    into.seconds = zone.toUnix(DAY_SECONDS * daysSince1970(year, month, day) + secondsOfDay);
    return true;
  }

  #secondsOfDay(): number {
    const fields = this.#fields;
    const hour = this.#has[Field.Hour12]
      ? (fields[Field.Hour12]! % 12) + 12 * fields[Field.IsAfternoon]!
      : fields[Field.Hour]!;
    return 3600 * hour + 60 * fields[Field.Minute]! + fields[Field.Second]!;
  }
}

function fullYear(yearOfCentury: number): number {
  return yearOfCentury < FIRST_YEAR_OF_1900S ? 2000 + yearOfCentury : 1900 + yearOfCentury;
}

function skipBlanks(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && (bytes[at] === 0x20 || bytes[at] === 0x09)) at++;
  return at;
}
