import { LabelMemo, LabelSet } from '../../core/label-set.ts';
import { NameShapes } from '../../core/name-shapes.ts';
import type { Resource, ResourceValue } from '../../core/resource.ts';
import { ShownShape } from './shown-shape.ts';
import { type TranslationStrategy, translateLabelName } from './translate-name.ts';

/** Makes the labels that are shown out of those of points, and keeps what it made while the points' are in use. */
export interface LabelTranslator {
  translate(labels: LabelSet): LabelSet;
  /** Whether different labels may have become the same ones. */
  readonly isLossy: boolean;
  /** Where the values of labels with these names stand in what is shown; undefined: that depends on more. */
  shapeOf(names: readonly string[]): ShownShape | undefined;
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
  const shapeOf = (given: readonly string[]): ShownShape | undefined => {
    const shape = shapes.of(given);
    return shape === 'joined' ? undefined : shape;
  };
  return new CachedTranslator(names, shapeOf, (labels) => {
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
  return new CachedTranslator(
    state,
    () => undefined,
    (labels) => {
      const shape = shapes.of(labels.names);
      return shape === 'same' ? labels : shape.of(labels);
    },
  );
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
  readonly shapeOf: LabelTranslator['shapeOf'];
  readonly #make: (labels: LabelSet) => LabelSet;

  constructor(
    state: { readonly isLossy: boolean },
    shapeOf: LabelTranslator['shapeOf'],
    make: (labels: LabelSet) => LabelSet,
  ) {
    this.#state = state;
    this.shapeOf = shapeOf;
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
