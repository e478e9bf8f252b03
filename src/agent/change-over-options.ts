import type { Clock } from '../core/clock.ts';
import type { ReaderSetting } from './open-reader.ts';
import type { Before } from './parts.ts';
import type { Reader } from './reader.ts';

/** What a change from one configuration to another works on. */
export interface ChangeOverOptions {
  readonly before: Before;
  /** Its parts are those of the new configuration. */
  readonly setting: ReaderSetting;
  /** The readers of the agent by name; they are changed in here. */
  readonly readers: Map<string, Reader>;
  readonly clock: Clock;
  /** Aborts when nothing is to be waited for. */
  readonly stop: AbortSignal;
  readonly start: (reader: Reader) => void;
  /** Has something done at the end of the agent, unless what it returns is called before. */
  readonly atEnd: (close: () => Promise<void>) => () => void;
}
