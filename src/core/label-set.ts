/**
 * Names and values of labels (Prometheus) or attributes (OTLP) of one series: sorted by name, each name once, no value
 * empty. Immutable. Whoever makes points uses the same object for the same series each time, so that encoders may keep
 * what they have made of it in a `LabelMemo`.
 */
export class LabelSet {
  static readonly empty = new LabelSet([], []);

  readonly names: readonly string[];
  /** `values[i]` is that of `names[i]`. */
  readonly values: readonly string[];
  /** What a `LabelMemo` has made of it. */
  #made: unknown;
  #madeBy: LabelMemo<unknown> | undefined;

  private constructor(names: readonly string[], values: readonly string[]) {
    this.names = names;
    this.values = values;
  }

  /** Pairs in any order. Empty values are left out: to Prometheus they are labels that are not there. Of equal names the last counts. */
  static of(pairs: Iterable<readonly [name: string, value: string]>): LabelSet {
    const sorted = [...new Map(pairs)].filter(([, value]) => value !== '').sort(([a], [b]) => compareNames(a, b));
    if (sorted.length === 0) return LabelSet.empty;
    return new LabelSet(
      sorted.map(([name]) => name),
      sorted.map(([, value]) => value),
    );
  }

  /** Names that are sorted, each once, and values that are not empty. Nobody changes the arrays; many sets may share the names. */
  static ofSorted(names: readonly string[], values: readonly string[]): LabelSet {
    return names.length === 0 ? LabelSet.empty : new LabelSet(names, values);
  }

  get size(): number {
    return this.names.length;
  }

  /** The value of a label; undefined: it has none of that name. O(labels). */
  get(name: string): string | undefined {
    return this.values[this.names.indexOf(name)];
  }

  *[Symbol.iterator](): IterableIterator<[name: string, value: string]> {
    for (const [i, name] of this.names.entries()) yield [name, this.values[i]!];
  }

  /** What the memo has put here; undefined: nothing. */
  madeBy<Made>(memo: LabelMemo<Made>): Made | undefined {
    const made = this.#made;
    return memo.isMade(made, this.#madeBy) ? made : undefined;
  }

  /** Takes what a memo has made; what was here goes back to the memo that had made it. */
  keep<Made>(made: Made, memo: LabelMemo<Made>): void {
    this.#madeBy?.keepApart(this);
    this.#made = made;
    this.#madeBy = memo;
  }

  /** A text that is the same for equal sets, and for no others. */
  get id(): string {
    return JSON.stringify([this.names, this.values]);
  }
}

/**
 * Keeps what was made of label sets for as long as those are in use. That of the memo that made something last lies in
 * the set itself, which is a tenth of the time of a look-up; that of the others in a `WeakMap` of theirs, so that it
 * goes with them.
 */
export class LabelMemo<Made> {
  readonly #others = new WeakMap<LabelSet, Made>();

  /** What was kept; undefined: nothing. */
  get(labels: LabelSet): Made | undefined {
    return labels.madeBy(this) ?? this.#others.get(labels);
  }

  /** Keeps what was made of a set of which nothing was kept; not undefined. */
  set(labels: LabelSet, made: Made): void {
    labels.keep(made, this);
  }

  /** For `LabelSet` alone: whether this memo has made what lies there. */
  isMade(_made: unknown, by: LabelMemo<unknown> | undefined): _made is Made {
    return by === this;
  }

  /** For `LabelSet` alone: another memo takes the place. */
  keepApart(labels: LabelSet): void {
    const made = labels.madeBy(this);
    if (made !== undefined) this.#others.set(labels, made);
  }
}

/** The order of labels in every format: that of their code points, which is the order of their bytes in UTF-8. */
export function compareNames(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const unitA = a.charCodeAt(i);
    const unitB = b.charCodeAt(i);
    if (unitA !== unitB) return rankOf(unitA) - rankOf(unitB);
  }
  return a.length - b.length;
}

/** Surrogates, which stand for the largest code points, behind all other units of UTF-16. */
function rankOf(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
