import { statfs } from 'node:fs/promises';
import type { Clock } from '../../core/clock.ts';
import { fsPath } from './raw-path.ts';
import type { SourceReport } from './source-report.ts';
import type { TailedFile } from './tailed-file.ts';

/** What is free changes with each write of anybody: more often than this nobody needs to know. */
const INTERVAL_MS = 1000;

/** How much is free on the file systems on which files lie. Measured beside the looks: a dead disk does not answer. */
export class FreeSpace {
  readonly #clock: Clock;
  readonly #report: SourceReport;
  readonly #measured = new Map<string, number>();
  #nextMs = Number.NEGATIVE_INFINITY;
  #isMeasuring = false;
  #leastBytes = 0;

  constructor(clock: Clock, report: SourceReport) {
    this.#clock = clock;
    this.#report = report;
    report.observeFree(() => this.#leastBytes);
  }

  /**
   * What was measured since the last call, in bytes by device. Each result is given once: what is removed for it shows
   * only in the next.
   */
  take(files: readonly TailedFile[]): ReadonlyMap<string, number> {
    const taken = new Map(this.#measured);
    this.#measured.clear();
    if (!this.#isMeasuring && this.#clock.nowMs() >= this.#nextMs) void this.#measure(files);
    return taken;
  }

  async #measure(files: readonly TailedFile[]): Promise<void> {
    this.#isMeasuring = true;
    this.#nextMs = this.#clock.nowMs() + INTERVAL_MS;
    const paths = new Map(files.filter(({ isDeleted }) => !isDeleted).map((file) => [file.device, file.realPath]));
    for (const [device, path] of paths) {
      try {
        const { bavail, bsize } = await statfs(fsPath(path));
        this.#measured.set(device, bavail * bsize);
      } catch (error) {
        // It may have been renamed or removed meanwhile; the next measurement finds its name, or another file.
        this.#report.unmeasured(path, error);
      }
    }
    if (this.#measured.size > 0) this.#leastBytes = Math.min(...this.#measured.values());
    this.#isMeasuring = false;
  }
}
