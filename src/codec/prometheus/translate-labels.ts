import { compareNames, LabelMemo, LabelSet } from '../../core/label-set.ts';
import { NameShapes } from '../../core/name-shapes.ts';
import type { Resource, ResourceValue } from '../../core/resource.ts';
import { type TranslationStrategy, translateLabelName } from './translate-name.ts';

/** Makes the labels that are shown out of those of points, and keeps what it made while the points' are in use. */
export interface LabelTranslator {
  translate(labels: LabelSet): LabelSet;
  /** Whether different labels may have become the same ones. */
  readonly isLossy: boolean;
}

/** For attributes of OTLP. Where one would get the name of a label in `fixed`, or `reserved`, it becomes `exported_…`. */
export function attributeTranslator(
  fixed: LabelSet,
  strategy: TranslationStrategy,
  reserved: string | undefined,
): LabelTranslator {
  const names = new NewNames((name) => translateLabelName(name, strategy));
  const freeNames = (own: readonly string[]): string[] =>
    own.map((name) => {
      let free = name;
      while (free === reserved || fixed.get(free) !== undefined || (free !== name && own.includes(free)))
        free = `exported_${free}`;
      return free;
    });
  const shapes = new NameShapes((given) => {
    const own = given.map((name) => names.of(name));
    // Values of names that become one are joined, which is left to the slow way.
    return new Set(own).size < own.length ? 'joined' : new ShownShape(given, freeNames(own), fixed, 'fixed');
  });
  return new CachedTranslator(names, (labels) => {
    const shape = shapes.of(labels.names);
    if (shape !== 'joined') return shape.of(labels);
    const own = joinPairs(labels, names);
    const free = freeNames([...own.keys()]);
    return LabelSet.of([...[...own.values()].map((value, i): [string, string] => [free[i]!, value]), ...fixed]);
  });
}

/** For labels that came from Prometheus, and stay: of equal names theirs count. `reserved` becomes `exported_…`. */
export function labelTranslator(fixed: LabelSet, reserved: string | undefined): LabelTranslator {
  const state = { isLossy: false };
  const shapes = new NameShapes((names) => {
    const hasReserved = reserved !== undefined && names.includes(reserved);
    if (fixed.size === 0 && !hasReserved) return 'same';
    state.isLossy ||= hasReserved || fixed.names.some((name) => names.includes(name));
    return new ShownShape(
      names,
      names.map((name) => (name === reserved ? `exported_${name}` : name)),
      fixed,
      'own',
    );
  });
  return new CachedTranslator(state, (labels) => {
    const shape = shapes.of(labels.names);
    return shape === 'same' ? labels : shape.of(labels);
  });
}

/** Where the values of label sets with the same names stand in those that are shown. */
class ShownShape {
  readonly #names: readonly string[];
  /** The places of values in the set that is given; below 0 a value of `fixed`. */
  readonly #places: Int32Array;
  readonly #fixed: readonly string[];
  /** Whether they are shown as they are given. */
  readonly #isSame: boolean;

  /** `own`: what the given names become. Where a name is among the fixed ones, too, `stronger` says whose value counts; of two of its own the last. */
  constructor(given: readonly string[], own: readonly string[], fixed: LabelSet, stronger: 'own' | 'fixed') {
    const ownPlaces = own.map((name, i): [string, number] => [name, i]);
    const fixedPlaces = fixed.names.map((name, i): [string, number] => [name, -1 - i]);
    const both = stronger === 'own' ? [...fixedPlaces, ...ownPlaces] : [...ownPlaces, ...fixedPlaces];
    const sorted = [...new Map(both)].sort(([a], [b]) => compareNames(a, b));
    this.#names = sorted.map(([name]) => name);
    this.#places = Int32Array.from(sorted, ([, place]) => place);
    this.#fixed = fixed.values;
    this.#isSame =
      sorted.length === given.length && sorted.every(([name, place], i) => name === given[i] && place === i);
  }

  of(labels: LabelSet): LabelSet {
    if (this.#isSame) return labels;
    const places = this.#places;
    const values: string[] = [];
    for (let i = 0; i < places.length; i++) {
      const place = places[i]!;
      values.push(place >= 0 ? labels.values[place]! : this.#fixed[-1 - place]!);
    }
    return LabelSet.ofSorted(this.#names, values);
  }
}

/** Attributes that become `job` and `instance`. */
const TARGET_ATTRIBUTES = new Set(['service.name', 'service.namespace', 'service.instance.id']);

/** The labels `job` and `instance`, by which the series of a resource are known; empty where it has no name. */
export function targetLabels({ attributes }: Resource): LabelSet {
  const name = textOf(attributes.get('service.name') ?? '');
  const namespace = textOf(attributes.get('service.namespace') ?? '');
  return LabelSet.of([
    ['job', namespace !== '' && name !== '' ? `${namespace}/${name}` : name],
    ['instance', textOf(attributes.get('service.instance.id') ?? '')],
  ]);
}

/** Some attributes of a resource as labels; those that it has not are left out. */
export function attributeLabels(
  { attributes }: Resource,
  names: readonly string[],
  strategy: TranslationStrategy,
): LabelSet {
  const pairs = names.map((name): [string, string] => [name, textOf(attributes.get(name) ?? '')]);
  return attributeTranslator(LabelSet.empty, strategy, undefined).translate(LabelSet.of(pairs));
}

/**
 * The labels of `target_info`: `target`, and the attributes that are not in it. Undefined: there is nothing to say, or
 * nothing that it could be said of.
 */
export function targetInfoLabels(
  { attributes }: Resource,
  target: LabelSet | undefined,
  strategy: TranslationStrategy,
): LabelSet | undefined {
  if (target !== undefined && target.size === 0) return undefined;
  const pairs: [string, string][] = [];
  for (const [name, value] of attributes) {
    if (target === undefined || !TARGET_ATTRIBUTES.has(name)) pairs.push([name, textOf(value)]);
  }
  const labels = LabelSet.of(pairs);
  if (labels.size === 0) return undefined;
  return attributeTranslator(target ?? LabelSet.empty, strategy, undefined).translate(labels);
}

class CachedTranslator implements LabelTranslator {
  readonly #made = new LabelMemo<LabelSet>();
  readonly #state: { readonly isLossy: boolean };
  readonly #make: (labels: LabelSet) => LabelSet;

  constructor(state: { readonly isLossy: boolean }, make: (labels: LabelSet) => LabelSet) {
    this.#state = state;
    this.#make = make;
  }

  get isLossy(): boolean {
    return this.#state.isLossy;
  }

  translate(labels: LabelSet): LabelSet {
    let made = this.#made.get(labels);
    if (made === undefined) this.#made.set(labels, (made = this.#make(labels)));
    return made;
  }
}

/** More names than an application has; beyond, they are not kept. */
const MAX_NAMES = 10_000;

/** Names and what becomes of them; notices when two become one. */
class NewNames {
  isLossy = false;
  readonly #rename: (name: string) => string;
  readonly #renamed = new Map<string, string>();
  readonly #taken = new Set<string>();

  constructor(rename: (name: string) => string) {
    this.#rename = rename;
  }

  of(name: string): string {
    const known = this.#renamed.get(name);
    if (known !== undefined) return known;
    const renamed = this.#rename(name);
    if (this.#renamed.size >= MAX_NAMES || this.#taken.has(renamed)) this.isLossy = true;
    if (this.#renamed.size < MAX_NAMES) {
      this.#renamed.set(name, renamed);
      this.#taken.add(renamed);
    }
    return renamed;
  }
}

/** Pairs under their new names; values that meet there are joined, in the order of the old names. */
function joinPairs(labels: LabelSet, names: NewNames): Map<string, string> {
  const joined = new Map<string, string>();
  for (const [name, value] of labels) {
    const renamed = names.of(name);
    const before = joined.get(renamed);
    joined.set(renamed, before === undefined ? value : `${before};${value}`);
  }
  return joined;
}

function textOf(value: ResourceValue): string {
  if (typeof value === 'object') return JSON.stringify(value);
  return String(value);
}
