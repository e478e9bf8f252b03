/** What a time in text says. Parsers fill it; one object is used again for every record. */
export class ParsedTime {
  /** Whole seconds since 1970: of Unix time, or, when `isLocal`, on the clock of a place that the text does not name. */
  seconds = 0;
  /** 0 to 999,999,999, to be added. */
  nanos = 0;
  /** Whether the text names no time zone. */
  isLocal = false;
}
