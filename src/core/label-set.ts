/**
 * Names and values of labels (Prometheus) or attributes (OTLP) of one series: sorted by name, each name once, no value
 * empty. Immutable. Whoever makes points uses the same object for the same series each time, so that encoders may keep
 * what they have made of it in a `WeakMap`.
 */
export class LabelSet {
  static readonly empty = new LabelSet([], []);

  readonly names: readonly string[];
  /** `values[i]` is that of `names[i]`. */
  readonly values: readonly string[];

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

  /** A text that is the same for equal sets, and for no others. */
  get id(): string {
    return JSON.stringify([this.names, this.values]);
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
