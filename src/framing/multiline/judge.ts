/**
 * What a judge makes of a line. The low 16 bits of what it returns are its state after the line, which it gets back with
 * the next line of the same group; it must not be 0.
 */
export const Verdict = {
  /** Begins a record; one that is open ends before it. */
  Start: 0,
  /** Belongs to the open record. */
  Join: 1 << 16,
  /** Belongs to the open record if a line that joins follows before anything else, or nothing follows at all. */
  Maybe: 2 << 16,
  /** A record of its own because no group is open that it could belong to; one that is open ends before it. */
  Alone: 3 << 16,
  /** Nothing follows in its group: added to `Start` or `Join`. */
  Ends: 4 << 16,
  /** What was uncertain before it belongs to the record that it ends: added to `Start`. */
  Confirms: 8 << 16,
} as const;

/** The bits of a verdict without what is added to it. */
export const VERDICT_MASK = 3 << 16;

/** The bits of the state. */
export const STATE_MASK = 0xffff;

/**
 * Decides which lines make a record. Gets the line `bytes[start, end)` without its end, and the state in which the line
 * before left it; 0: no group is open. Pure: the same line in the same state is always judged alike. At least
 * `ARENA_SLACK` bytes behind `end` can be read.
 */
export type Judge = (bytes: Buffer, start: number, end: number, state: number) => number;
