import type { Catalog } from './catalog.ts';
import type { SinkDefinition, SourceDefinition, StageDefinition } from './definition.ts';

/** By type: what gives the definition. */
type Loaders<Definition> = Readonly<Record<string, () => Definition>>;

/**
 * A catalog that asks for the definition of a component when somebody looks it up, or at all of them: the bundle, where
 * each lies in a module that is evaluated then.
 */
export function createLazyCatalog(loaders: {
  readonly sources: Loaders<SourceDefinition<unknown>>;
  readonly stages: Loaders<StageDefinition<unknown>>;
  readonly sinks: Loaders<SinkDefinition<unknown>>;
}): Catalog {
  const { sources, stages, sinks } = loaders;
  return { sources: new LazyMap(sources), stages: new LazyMap(stages), sinks: new LazyMap(sinks) };
}

/** A map whose keys are known, and whose values are asked for one by one. */
class LazyMap<Value> implements ReadonlyMap<string, Value> {
  readonly #loaders: ReadonlyMap<string, () => Value>;

  constructor(loaders: Loaders<Value>) {
    this.#loaders = new Map(Object.entries(loaders));
  }

  get size(): number {
    return this.#loaders.size;
  }

  get(key: string): Value | undefined {
    return this.#loaders.get(key)?.();
  }

  has(key: string): boolean {
    return this.#loaders.has(key);
  }

  keys(): MapIterator<string> {
    return this.#loaders.keys();
  }

  *entries(): MapIterator<[string, Value]> {
    for (const [key, load] of this.#loaders) yield [key, load()];
  }

  *values(): MapIterator<Value> {
    for (const load of this.#loaders.values()) yield load();
  }

  [Symbol.iterator](): MapIterator<[string, Value]> {
    return this.entries();
  }

  forEach(visit: (value: Value, key: string, map: ReadonlyMap<string, Value>) => void): void {
    for (const [key, value] of this) visit(value, key, this);
  }
}
