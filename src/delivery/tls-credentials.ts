import type { Clock } from '../core/clock.ts';
import { readTlsFiles, type TlsCredentials, type TlsFiles } from './tls-files.ts';

/** How old what was read may get; certificates are replaced days before they end. */
const REFRESH_MS = 60_000;
/** Of a pair one file may be replaced and the other not yet. */
const RETRY_MS = 1000;

/** Certificates in files that somebody else replaces from time to time. */
export class FileCredentials {
  readonly #files: TlsFiles;
  readonly #clock: Clock;
  readonly #onChange: () => void;
  #current: TlsCredentials | undefined;
  #isRefused = false;
  #dueMs = 0;

  /** `onChange`: other ones were read than before, so that connections that are there were made with old ones. */
  constructor(files: TlsFiles, clock: Clock, onChange: () => void) {
    this.#files = files;
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /**
   * What a connection is made with. The files are read at most once a minute, and at once when a peer has refused them;
   * ones that cannot be used do no harm while nobody has refused what is there. Rejects when there is nothing.
   */
  async read(): Promise<TlsCredentials> {
    const before = this.#current;
    if (before !== undefined && !this.#isRefused && this.#clock.nowMs() < this.#dueMs) return before;
    try {
      const now = await readTlsFiles(this.#files);
      this.#dueMs = this.#clock.nowMs() + REFRESH_MS;
      this.#isRefused = false;
      const isSame = before?.ca === now.ca && before?.cert === now.cert && before?.key === now.key;
      if (before !== undefined && isSame) return before;
      this.#current = now;
      if (before !== undefined) this.#onChange();
      return now;
    } catch (error) {
      if (before === undefined || this.#isRefused) throw error;
      this.#dueMs = this.#clock.nowMs() + RETRY_MS;
      return before;
    }
  }

  /** A peer has refused them: they are read before the next request. */
  forget(): void {
    this.#isRefused = true;
  }
}
