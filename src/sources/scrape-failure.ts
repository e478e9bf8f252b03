/** Why a scrape failed: a word of the metric about it, and a text for the log. */
export class ScrapeFailure extends Error {
  override readonly name = 'ScrapeFailure';
  readonly reason: string;

  constructor(reason: string, message: string) {
    super(message);
    this.reason = reason;
  }
}
