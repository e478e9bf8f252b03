import { type Judge, Verdict } from './judge.ts';

/** A regular expression, or what does its work. */
export interface LinePattern {
  test(line: string): boolean;
}

/** Which lines make a record, by regular expressions. At least one is given. */
export interface LinePatterns {
  /** Matches lines that may stand before the first line of a record, and belong to it. */
  readonly preamble?: LinePattern | undefined;
  /** Matches the first line of a record. */
  readonly start?: LinePattern | undefined;
  /** Matches its last line. */
  readonly end?: LinePattern | undefined;
  /** Matches the lines that belong to the one before them. */
  readonly continuation?: LinePattern | undefined;
}

const OPEN = 1;
/** Open, and all that there is of the record is a preamble. */
const OPEN_PREAMBLE = 2;

/**
 * Decides by patterns. A record begins with `start`, or where nothing is open and no `start` is given; further lines
 * belong to it while they match `continuation`, or, without one, up to the line that matches `end`, or up to the next
 * `start`. A line of the `preamble` begins the record whose `start` follows. About 100 ns a line of 100 bytes for its text, and what the patterns themselves need.
 */
export function createPatternJudge({ preamble, start: first, end: last, continuation }: LinePatterns): Judge {
  return (bytes, start, end, state) => {
    const line = bytes.toString('utf8', start, end);
    if (preamble?.test(line)) return (state === OPEN_PREAMBLE ? Verdict.Join : Verdict.Start) | OPEN_PREAMBLE;
    const ends = last?.test(line) ? Verdict.Ends : 0;
    if (first?.test(line)) return (state === OPEN_PREAMBLE ? Verdict.Join : Verdict.Start) | ends | OPEN;
    const isMember = state !== 0 && (continuation === undefined || continuation.test(line));
    if (isMember) return Verdict.Join | ends | OPEN;
    return first === undefined ? Verdict.Start | ends | OPEN : Verdict.Alone;
  };
}

/** Decides by number: every `count` lines make a record. `count` is at most 65,534. */
export function createCountJudge(count: number): Judge {
  return (_bytes, _start, _end, state) => {
    const lines = state + 1;
    return (state === 0 ? Verdict.Start : Verdict.Join) | (lines === count ? Verdict.Ends : 0) | lines;
  };
}
