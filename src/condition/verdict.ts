import type { RecordBatch } from '../core/record-batch.ts';

/**
 * What a condition says of a record. Undecided is what CEL calls an error: a number compared with text, a method of
 * text on what is none. `false && undecided` is false and `true || undecided` true, as in CEL.
 */
export const Verdict = { False: 0, True: 1, Undecided: 2 } as const;

export type Verdict = (typeof Verdict)[keyof typeof Verdict];

/** Judges a live record, without changing it. */
export interface Judge {
  (batch: RecordBatch, record: number): Verdict;
  /** Whether it can hold for any record of the batch, as far as that shows without looking at each. */
  mayHoldIn?(batch: RecordBatch): boolean;
}

/** The verdict for something that is true or false. */
export function verdictOf(holds: boolean): Verdict {
  return holds ? Verdict.True : Verdict.False;
}
