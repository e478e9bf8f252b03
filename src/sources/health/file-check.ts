import { stat } from 'node:fs/promises';
import type { Clock } from '../../core/clock.ts';
import { messageOf } from '../../core/errors.ts';
import { type Check, type CheckResult, failed, PASSED } from './check.ts';

/** Looks whether there is something at a path, and how long ago it was written. */
export class FileCheck implements Check {
  readonly kind = 'file';
  readonly #path: string;
  readonly #maxAgeMs: number | undefined;
  readonly #clock: Clock;
  /** A look that has not come back: on a dead file system another one would wait, too, and hold a thread of all. */
  #pending: Promise<CheckResult> | undefined;

  /** `maxAgeMs`: how old it may be; undefined: any age. */
  constructor(path: string, maxAgeMs: number | undefined, clock: Clock) {
    this.#path = path;
    this.#maxAgeMs = maxAgeMs;
    this.#clock = clock;
  }

  run(): Promise<CheckResult> {
    this.#pending ??= this.#look().finally(() => (this.#pending = undefined));
    return this.#pending;
  }

  async #look(): Promise<CheckResult> {
    try {
      const { mtimeMs } = await stat(this.#path);
      const ageMs = this.#clock.unixMs() - mtimeMs;
      if (this.#maxAgeMs === undefined || ageMs <= this.#maxAgeMs) return PASSED;
      return failed('too_old', `It was written ${Math.round(ageMs / 1000)} s ago`);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return code === 'ENOENT' || code === 'ENOTDIR'
        ? failed('missing', 'There is nothing at that path')
        : failed('error', messageOf(error));
    }
  }
}
