/** What the records of one batch have counted in one metric, by series; used again once it is committed. */
export class MetricDelta {
  /** How many series there are. */
  count = 0;
  series = new Uint32Array(16);
  /** Their states, `width` numbers each. */
  column: Float64Array;
  readonly #width: number;

  constructor(width: number) {
    this.#width = width;
    this.column = new Float64Array(16 * width);
  }

  /** Adds a series, whose state is not cleared; returns where that is. */
  add(series: number): number {
    const place = this.count++;
    if (place === this.series.length) this.#grow();
    this.series[place] = series;
    return place;
  }

  #grow(): void {
    const { series, column } = this;
    this.series = new Uint32Array(2 * series.length);
    this.series.set(series);
    this.column = new Float64Array(2 * series.length * this.#width);
    this.column.set(column);
  }
}
