import { grown } from '../bytes/grown.ts';
import type { InstrumentSpec } from '../core/instruments.ts';
import type { LabelRow } from '../core/label-row.ts';
import type { LabelColumns, MetricFamily, MetricPoint, MetricType, NumberColumns } from '../core/metric.ts';
import type { SeriesIndex } from './series-index.ts';

const INITIAL_PLACES = 16;

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
  #places = new Uint32Array(INITIAL_PLACES);
  #count = 0;
  readonly #apart: number[] = [];
  #points: readonly MetricPoint[] | undefined;

  constructor(series: SeriesTable) {
    const { name, unit, description } = series.spec;
    this.name = name;
    this.type = series.aggregation.type;
    this.unit = unit;
    this.description = description;
    this.#series = series;
  }

  /** Adds a series by its number. */
  add(series: number): void {
    if (this.#count === this.#places.length) this.#places = grown(this.#places, new Uint32Array(2 * this.#count));
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

/** The labels of series as an index has them. */
export class IndexedLabels implements LabelColumns {
  readonly names: readonly string[];
  readonly bytes: Buffer;
  readonly view: DataView;
  readonly #bounds: Uint32Array;
  readonly #index: SeriesIndex;
  readonly #row: LabelRow;

  constructor(index: SeriesIndex, row: LabelRow) {
    this.names = row.names;
    this.bytes = index.bytes;
    this.view = index.view;
    this.#bounds = index.bounds;
    this.#index = index;
    this.#row = row;
  }

  isPlain(place: number): boolean {
    return this.#index.isPlain(place);
  }

  locate(place: number, spans: Uint32Array): readonly string[] {
    return this.#row.locate(this.#bounds, place * (this.names.length + 1), spans);
  }
}
