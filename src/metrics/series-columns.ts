import type { Aggregation } from './aggregation.ts';

const INITIAL_SERIES = 16;

/**
 * The states of all series of a metric, twice: as committed, and as the disk holds them, which is what others may see.
 *
 * ```
 *  batch ── commit ──> committed ── a write begins ──> saving ── it has ended ──> durable
 *                      all series                      those that changed         all series
 * ```
 * After a kill the offsets go back to the last checkpoint, and the states with them; so whoever saw a state that was not
 * on the disk yet would see it taken back.
 */
export class SeriesColumns {
  committed: Float64Array;
  durable: Float64Array;
  /** By series, whether it is in `durable`. */
  isDurable = new Uint8Array(INITIAL_SERIES);
  readonly #aggregation: Aggregation;
  /** Nothing is kept: what is committed is as good as durable. */
  readonly #isVolatile: boolean;
  /** Series that have changed since the last write began, and by series, whether it is among them. */
  #changed: number[] = [];
  #isChanged = new Uint8Array(INITIAL_SERIES);
  /** Those of the write that is under way, with their states in it. */
  #saving: number[] = [];
  #savingColumn = new Float64Array(0);

  constructor(aggregation: Aggregation, isVolatile: boolean) {
    this.#aggregation = aggregation;
    this.#isVolatile = isVolatile;
    this.committed = new Float64Array(INITIAL_SERIES * aggregation.width);
    this.durable = isVolatile ? this.committed : new Float64Array(INITIAL_SERIES * aggregation.width);
  }

  /** Makes room for a series, and clears its state. */
  begin(series: number): void {
    while (series >= this.isDurable.length) this.#grow();
    this.#aggregation.clear(this.committed, series * this.#aggregation.width);
    this.isDurable[series] = 0;
  }

  /** Notes that the committed state of a series has changed. */
  touch(series: number): void {
    if (this.#isVolatile) {
      this.isDurable[series] = 1;
      return;
    }
    if (this.#isChanged[series] === 1) return;
    this.#isChanged[series] = 1;
    this.#changed.push(series);
  }

  /** Notes that the committed state is on the disk. */
  restored(series: number): void {
    const { width } = this.#aggregation;
    for (let i = series * width; i < (series + 1) * width; i++) this.durable[i] = this.committed[i]!;
    this.isDurable[series] = 1;
  }

  /** Series whose committed state has changed since the last write began. */
  get changed(): readonly number[] {
    return this.#changed;
  }

  /** Keeps what is committed now: a write begins, and the checkpoint will hold it. */
  beginWrite(): void {
    const { width } = this.#aggregation;
    // Those of a write that has failed are still not on the disk.
    for (const series of this.#saving) this.touch(series);
    const saving = this.#changed;
    this.#changed = [];
    this.#saving = saving;
    const needed = saving.length * width;
    if (this.#savingColumn.length < needed) this.#savingColumn = new Float64Array(needed);
    for (const [place, series] of saving.entries()) {
      this.#isChanged[series] = 0;
      for (let i = 0; i < width; i++) this.#savingColumn[place * width + i] = this.committed[series * width + i]!;
    }
  }

  /** The write has ended: what was kept is on the disk. */
  endWrite(): void {
    const { width } = this.#aggregation;
    for (const [place, series] of this.#saving.entries()) {
      for (let i = 0; i < width; i++) this.durable[series * width + i] = this.#savingColumn[place * width + i]!;
      this.isDurable[series] = 1;
    }
    this.#saving.length = 0;
    // A flood that is over should not hold the memory of its peak.
    if (this.#savingColumn.length > 65_536) this.#savingColumn = new Float64Array(0);
  }

  #grow(): void {
    const { committed, durable, isDurable } = this;
    this.committed = new Float64Array(2 * committed.length);
    this.committed.set(committed);
    if (this.#isVolatile) {
      this.durable = this.committed;
    } else {
      this.durable = new Float64Array(2 * durable.length);
      this.durable.set(durable);
    }
    this.isDurable = new Uint8Array(2 * isDurable.length);
    this.isDurable.set(isDurable);
    const isChanged = new Uint8Array(2 * isDurable.length);
    isChanged.set(this.#isChanged);
    this.#isChanged = isChanged;
  }
}
