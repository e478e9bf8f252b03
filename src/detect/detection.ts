import type { ConfiguredStep } from '../config/agent-config.ts';
import type { Confidence } from './confidence.ts';
import type { StageList } from './forms/form.ts';
import type { Tally } from './tally.ts';

/** A format that fits records. */
export interface Found {
  /** The name of a ready-made pipeline, or of a form that many programs share. */
  readonly name: string;
  readonly isReadyMade: boolean;
  /** What it is, in a few words. */
  readonly summary: string;
  /** The stages that read it. */
  readonly steps: readonly ConfiguredStep[];
  /** The same, as a configuration names them. */
  readonly written: StageList;
  /** How file sources put lines together for it, as written; undefined: nothing is known. */
  readonly multiline: unknown;
  readonly tally: Tally;
  /** How many of the records are of the format. */
  readonly fitting: number;
  /** Whether only records with a time are. */
  readonly needsTime: boolean;
}

/** What was found out about records. */
export interface Detection {
  /** What they are; undefined: nothing that is known. */
  readonly best: Found | undefined;
  /** How sure that is; undefined where there is no best. */
  readonly confidence: Confidence | undefined;
  /** The next best. */
  readonly second: Found | undefined;
  /** The form of the lines, whoever wrote them; undefined: none that is known. */
  readonly form: Found | undefined;
}

/**
 * What the records are to be read as: a ready-made pipeline only where it is likely, else the form that their lines have.
 * Undefined: as nothing.
 */
export function readableAs({ best, confidence, form }: Detection): Found | undefined {
  return best?.isReadyMade === true && confidence?.level === 'low' ? form : best;
}
