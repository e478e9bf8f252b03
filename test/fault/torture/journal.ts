/** What happened when in a run, for whoever looks for a cause. */
export class Journal {
  /** A line each, with the seconds since the start in front. */
  readonly lines: string[] = [];
  readonly #startMs = performance.now();

  /** Since the start. */
  get elapsedMs(): number {
    return performance.now() - this.#startMs;
  }

  note(what: string): void {
    this.lines.push(`${(this.elapsedMs / 1000).toFixed(3)} ${what}`);
  }
}
