import type { LastLines } from './oracle.ts';
import type { WriterAction } from './plan.ts';
import type { LineRange, TornLine } from './written-log.ts';

/** A file that the writer wants to take away, and what it holds. */
export interface Removal {
  readonly log: string;
  readonly inode: number;
  /** All lines up to this one would be gone. */
  readonly lastLine: number;
  /** `delivered`: only when they are; `open`: also when the agent has the file open, and lives until it has delivered them. */
  readonly needs: 'delivered' | 'open';
}

/** What the writer is told. It answers `stop` and `end` with `stopped`. */
export type ToWriter =
  /** Finish unfinished lines and write nothing until `go`. */
  | { readonly kind: 'stop' }
  | { readonly kind: 'go' }
  /** Write one more line into each log, then the same as `stop`. */
  | { readonly kind: 'write_one' }
  | { readonly kind: 'allow'; readonly isAllowed: boolean };

/** An action that was done, for the journal. */
export interface Did {
  readonly kind: 'did';
  readonly log: string;
  readonly action: WriterAction;
  /** The number of the file that the log is in now. */
  readonly file: number;
  /** The last line of the log by now. */
  readonly line: number;
  /** The line that it left unfinished for good. */
  readonly torn?: TornLine | undefined;
  /** The lines that begin in the head of the file that it compressed. */
  readonly compressedHead?: LineRange | undefined;
}

/** What the writer says. */
export type FromWriter =
  | { readonly kind: 'stopped'; readonly lastLines: LastLines }
  | { readonly kind: 'ask'; readonly removal: Removal }
  | Did;
