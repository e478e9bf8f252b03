import type { CheckpointSection } from '../core/contracts.ts';

/** Where the sources keep how far they came. */
export interface Checkpoint {
  /** The folder it is kept in; undefined: nowhere. */
  readonly folder?: string;
  /** What is stored under that name and below it (`<name>/…`), by the last life or by this one. */
  peek(name: string): ReadonlyMap<string, unknown>;
  /** Gives up the section of that name, which may be made anew. */
  forget(name: string): void;
  /** `restored`: what it starts with if there is none of that name. */
  section(name: string, restored?: unknown): CheckpointSection;
  /** Writes what changed. Resolves with whether everything is written. */
  flush(): Promise<boolean>;
  /** Writes what changed, and lets the place go. Resolves with whether everything is written. */
  close(): Promise<boolean>;
}
