import type { InstrumentSpec } from '../core/instruments.ts';
import type { MetricFamily, MetricPoint, MetricType, NumberColumns } from '../core/metric.ts';

/** The series of a metric by their numbers, as far as they are to be shown. */
export interface SeriesTable {
  readonly spec: InstrumentSpec;
  readonly aggregation: { readonly type: MetricType };
  /** What a series counts. */
  point(series: number): MetricPoint;
  /** These series as columns; undefined: that cannot be. */
  columnsOf(series: Uint32Array): NumberColumns | undefined;
}

/** A metric and its series of one resource, as others see them. An object a series is made only for who asks for points. */
export class ShownSeries implements MetricFamily {
  readonly name: string;
  readonly type: MetricType;
  readonly unit: string;
  readonly description: string;
  readonly #series: SeriesTable;
  readonly #places: Uint32Array;
  #count = 0;
  readonly #apart: number[] = [];
  #points: readonly MetricPoint[] | undefined;

  /** `room`: how many series there are at most that can be in the columns. */
  constructor(series: SeriesTable, room: number) {
    const { name, unit, description } = series.spec;
    this.name = name;
    this.type = series.aggregation.type;
    this.unit = unit;
    this.description = description;
    this.#series = series;
    this.#places = new Uint32Array(room);
  }

  /** Adds a series by its number. */
  add(series: number): void {
    this.#places[this.#count++] = series;
  }

  /** Adds one that cannot be in the columns. */
  addApart(series: number): void {
    this.#apart.push(series);
  }

  get points(): readonly MetricPoint[] {
    this.#points ??= [
      ...Array.from(this.#places.subarray(0, this.#count), (series) => this.#series.point(series)),
      ...this.others,
    ];
    return this.#points;
  }

  get columns(): NumberColumns | undefined {
    return this.#series.columnsOf(this.#places.subarray(0, this.#count));
  }

  get others(): readonly MetricPoint[] {
    return this.#apart.map((series) => this.#series.point(series));
  }
}
