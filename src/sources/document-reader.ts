import type { Json } from '../mapping/json.ts';

/** Where the documents of one target come from. */
export interface DocumentReader {
  /** Gets the document as it is now. Rejects with a `ScrapeFailure` where there is none. */
  read(signal: AbortSignal): Promise<Json>;
  /** Releases connections. */
  close(): void;
}
