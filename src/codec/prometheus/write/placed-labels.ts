import type { ByteBuffer } from '../../../bytes/byte-buffer.ts';
import { COPY_SLACK, copyWords } from '../../../bytes/copy-words.ts';
import { grown } from '../../../bytes/grown.ts';
import { LabelSet } from '../../../core/label-set.ts';
import type { PrometheusColumns } from '../prometheus-family.ts';
import type { ShownShape } from '../shown-shape.ts';
import type { LabelTranslator } from '../translate-labels.ts';
import type { TextSpan } from './label-bytes.ts';

/** The labels of a series in columns, as they are to be written. Valid while that is done. */
export interface PlacedSeries {
  /** What is shown of them; undefined: see `labels()`. */
  readonly shape: ShownShape | undefined;
  readonly bytes: Buffer;
  /** The same memory; it can be read `COPY_SLACK` bytes beyond a value. */
  readonly source: DataView;
  /** Whether nothing in the values must be escaped, and all is ASCII. */
  readonly isPlain: boolean;
  /** Start and end of each value in turn, by its place in what `shape` is made of. */
  readonly spans: Uint32Array;
  /** What is shown of them, as an object. */
  labels(): LabelSet;
}

type Encode<Output> = (series: PlacedSeries, output: Output) => void;

/** What is kept of the labels of all metrics whose series are columns, for as long as those are there. */
export class PlacedByOwner<Output extends ByteBuffer> {
  readonly #output: Output;
  readonly #encode: Encode<Output>;
  readonly #kept = new WeakMap<object, PlacedLabels<Output>>();

  /** `encode`: writes labels into `output`, before they are kept. */
  constructor(output: Output, encode: Encode<Output>) {
    this.#output = output;
    this.#encode = encode;
  }

  /** What is kept of a metric. */
  of({ columns: { owner, labels } }: PrometheusColumns): PlacedLabels<Output> {
    let placed = this.#kept.get(owner);
    if (placed === undefined) {
      placed = new PlacedLabels(this.#output, this.#encode, labels.names.length);
      this.#kept.set(owner, placed);
    }
    return placed;
  }
}

/** Memory is taken in pieces, of which each is twice the last, up to the larger size. */
const MIN_SLAB_BYTES = 16 * 1024;
const MAX_SLAB_BYTES = 1024 * 1024;
const INITIAL_PLACES = 16;
/** So much may be left of series that are gone before all is made anew. */
const MAX_LEFT_BYTES = 1024 * 1024;

/**
 * What `encode` writes of the labels of series in columns, by their places: no object is kept for a series. It is the span
 * that was found last itself.
 */
export class PlacedLabels<Output extends ByteBuffer> implements TextSpan, PlacedSeries {
  view: DataView = new DataView(new ArrayBuffer(0));
  start = 0;
  end = 0;
  shape: ShownShape | undefined;
  bytes: Buffer = Buffer.alloc(0);
  source = this.view;
  isPlain = false;
  readonly spans: Uint32Array;
  #names: readonly string[] = [];
  #translator: LabelTranslator | undefined;
  readonly #output: Output;
  readonly #encode: Encode<Output>;
  /** By place: the series of which it is kept (0: of none), who translated its labels, and where it lies. */
  #generations = new Uint32Array(INITIAL_PLACES);
  #translators = new Uint32Array(INITIAL_PLACES);
  #slabOf = new Uint32Array(INITIAL_PLACES);
  #starts = new Uint32Array(INITIAL_PLACES);
  #ends = new Uint32Array(INITIAL_PLACES);
  #numbers = new WeakMap<LabelTranslator, number>();
  #translatorCount = 0;
  #slabs: DataView[] = [];
  #used = 0;
  #slabBytes = 0;
  #keptBytes = 0;
  #leftBytes = 0;

  /** `output`: what it is written into, before it is kept. */
  constructor(output: Output, encode: Encode<Output>, labels: number) {
    this.#output = output;
    this.#encode = encode;
    this.spans = new Uint32Array(2 * labels);
  }

  labels(): LabelSet {
    const { bytes, spans } = this;
    const values = this.#names.map((_, i) => bytes.toString('utf8', spans[2 * i], spans[2 * i + 1]));
    const labels = LabelSet.ofSorted(this.#names, values);
    return this.#translator?.translate(labels) ?? labels;
  }

  /** The number by which `find()` knows who translates the labels of a family. */
  numberOf(translator: LabelTranslator): number {
    let number = this.#numbers.get(translator);
    if (number === undefined) this.#numbers.set(translator, (number = this.#translatorCount++));
    return number;
  }

  /** Becomes the span of the labels of a series. `translator`: see `numberOf()`. */
  find(family: PrometheusColumns, place: number, translator: number): void {
    const isKnown =
      place < this.#generations.length &&
      this.#generations[place] === family.columns.generations[place] &&
      this.#translators[place] === translator;
    if (!isKnown) this.#add(family, place, translator);
    this.view = this.#slabs[this.#slabOf[place]!]!;
    this.start = this.#starts[place]!;
    this.end = this.#ends[place]!;
  }

  #add(family: PrometheusColumns, place: number, translator: number): void {
    const output = this.#output;
    output.length = 0;
    this.#locate(family, place);
    this.#encode(this, output);
    const { length } = output;
    while (place >= this.#generations.length) this.#grow();
    if (this.#generations[place] !== 0) this.#leave(this.#ends[place]! - this.#starts[place]!);
    if (this.#used + length + COPY_SLACK > this.#slabBytes) this.#addSlab(length + COPY_SLACK);
    const slab = this.#slabs.length - 1;
    this.#slabOf[place] = slab;
    this.#starts[place] = this.#used;
    this.#used = copyWords(this.#slabs[slab]!, this.#used, output.view, 0, length);
    this.#ends[place] = this.#used;
    this.#keptBytes += length;
    this.#generations[place] = family.columns.generations[place]!;
    this.#translators[place] = translator;
  }

  #locate({ columns: { labels }, translator }: PrometheusColumns, place: number): void {
    this.bytes = labels.bytes;
    this.source = labels.view;
    this.isPlain = labels.isPlain(place);
    const names = labels.locate(place, this.spans);
    if (names === this.#names && translator === this.#translator) return;
    this.#names = names;
    this.#translator = translator;
    this.shape = translator.shapeOf(names);
  }

  /** Takes note of bytes that nobody needs; forgets all when that is most of them. */
  #leave(bytes: number): void {
    this.#leftBytes += bytes;
    if (this.#leftBytes < MAX_LEFT_BYTES || 2 * this.#leftBytes < this.#keptBytes) return;
    this.#generations.fill(0);
    this.#slabs = [];
    this.#used = 0;
    this.#slabBytes = 0;
    this.#keptBytes = 0;
    this.#leftBytes = 0;
  }

  #addSlab(needed: number): void {
    const usual = Math.min(Math.max(MIN_SLAB_BYTES, 2 * this.#slabBytes), MAX_SLAB_BYTES);
    this.#slabBytes = Math.max(usual, needed);
    this.#slabs.push(new DataView(Buffer.allocUnsafeSlow(this.#slabBytes).buffer));
    this.#used = 0;
  }

  #grow(): void {
    const length = 2 * this.#generations.length;
    this.#generations = grown(this.#generations, new Uint32Array(length));
    this.#translators = grown(this.#translators, new Uint32Array(length));
    this.#slabOf = grown(this.#slabOf, new Uint32Array(length));
    this.#starts = grown(this.#starts, new Uint32Array(length));
    this.#ends = grown(this.#ends, new Uint32Array(length));
  }
}
