import type { CheckpointSection } from '../core/contracts.ts';

/** Where the sources keep how far they came. */
export interface Checkpoint {
  /** The folder it is kept in; undefined: nowhere. */
  readonly folder?: string;
  /** Takes out what the last life stored under that name and below it (`<name>/…`): for `section()`, or for nobody. */
  take(name: string): ReadonlyMap<string, unknown>;
  /** `restored`: what it starts with if there is none of that name. */
  section(name: string, restored?: unknown): CheckpointSection;
  /** Writes what changed, and lets the place go. Resolves with whether everything is written. */
  close(): Promise<boolean>;
}
