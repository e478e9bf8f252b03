import type { SinkDefinition, SourceDefinition, StageDefinition } from './definition.ts';

/**
 * The components that a configuration may name, by type. What options each takes is known to its definition only: to
 * everybody else they are `unknown`, and go from `definition.options` to `definition.build()` unread.
 */
export interface Catalog {
  readonly sources: ReadonlyMap<string, SourceDefinition<unknown>>;
  readonly stages: ReadonlyMap<string, StageDefinition<unknown>>;
  readonly sinks: ReadonlyMap<string, SinkDefinition<unknown>>;
}

/** The catalog of these components. Throws when two of a kind have one type. */
export function createCatalog(components: {
  readonly sources: readonly SourceDefinition<unknown>[];
  readonly stages: readonly StageDefinition<unknown>[];
  readonly sinks: readonly SinkDefinition<unknown>[];
}): Catalog {
  const { sources, stages, sinks } = components;
  return { sources: byType(sources), stages: byType(stages), sinks: byType(sinks) };
}

function byType<Definition extends { readonly type: string }>(definitions: readonly Definition[]) {
  const types = new Map<string, Definition>();
  for (const definition of definitions) {
    if (types.has(definition.type)) throw new Error(`Cannot add a second component of type "${definition.type}"`);
    types.set(definition.type, definition);
  }
  return types;
}
