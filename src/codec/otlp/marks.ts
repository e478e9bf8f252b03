import { RecordFlag } from '../../core/record-batch.ts';

/** The attribute under which the marks of a record go out: an array of strings. */
export const MARKS_KEY = 'pillion.marks';

/** The words for the flags, in the order in which they go out. */
const WORDS: readonly (readonly [flag: number, word: string])[] = [
  [RecordFlag.ParseFailed, 'parse_failed'],
  [RecordFlag.Truncated, 'truncated'],
  [RecordFlag.Unterminated, 'unterminated'],
  [RecordFlag.Continuation, 'continuation'],
  [RecordFlag.InvalidUtf8, 'invalid_utf8'],
];

const BY_FLAGS: readonly (readonly string[])[] = Array.from({ length: 256 }, (_, flags) =>
  WORDS.filter(([flag]) => (flags & flag) !== 0).map(([, word]) => word),
);

/** The words for `RecordBatch.flags[record]`; the same array each time for the same flags, mostly an empty one. */
export function marksOf(flags: number): readonly string[] {
  return BY_FLAGS[flags & 0xff]!;
}
