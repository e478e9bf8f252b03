import type { RecordBatch } from '../../core/record-batch.ts';
import type { Sample } from '../sample.ts';
import type { Tally } from '../tally.ts';

/** Stages as a configuration names them. */
export type StageList = readonly (string | Readonly<Record<string, unknown>>)[];

/** The stages that read records of a form, as far as these show it. */
export interface Proposal {
  readonly stages: StageList;
  /** What was found, in a few words. */
  readonly summary: string;
  /** Whether only records with a time are of the form. */
  readonly needsTime: boolean;
  /** How sure it can be at most, from 0 to 1. */
  readonly most: number;
}

/** What a form may use to find out how records have to be read. */
export interface FormTools {
  readonly sample: Sample;
  /** What becomes of the sample by these stages; undefined: they cannot be built. */
  run(stages: StageList): Tally | undefined;
  /** The same, as a batch, which is valid until the next run. */
  read(stages: StageList): RecordBatch | undefined;
}

/** A way to write logs that many programs share. */
export interface Form {
  readonly name: string;
  /** The stages that it cannot do without. */
  readonly needs: readonly string[];
  /** Undefined: the records are not of the form. */
  propose(tools: FormTools): Proposal | undefined;
}

/** The share of texts that match. */
export function shareOf(texts: readonly string[], pattern: RegExp): number {
  return texts.length === 0 ? 0 : texts.filter((text) => pattern.test(text)).length / texts.length;
}
