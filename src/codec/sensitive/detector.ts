import type { Matches } from './matches.ts';
import type { SuspectBlocks } from './suspect-blocks.ts';

/** Finds one kind of sensitive text. */
export interface Detector {
  /** How many bytes a text has at least in which it finds something. */
  readonly minLength: number;
  /**
   * Marks each block of `bytes[0, end)` in which it may find something, whatever the spans are that are looked at later.
   * So it judges by bytes that would be part of a match, or of the word that gives it away, and by nothing around them.
   */
  suspect(bytes: Buffer, end: number, blocks: SuspectBlocks, bit: number): void;
  /** Adds all that it finds in the text `bytes[start, end)`, in order. Reads nothing outside of it. O(length). */
  find(bytes: Buffer, start: number, end: number, matches: Matches): void;
}
