import type * as v from 'valibot';
import type { ConfigPath } from '../core/errors.ts';

/** A valibot schema with the parts that lead to the schemas inside it. */
export interface AnySchema extends v.GenericSchema {
  /** Of an object: the schema of each key. */
  readonly entries?: Readonly<Record<string, AnySchema>>;
  /** Of an optional value: the schema of the value. */
  readonly wrapped?: AnySchema;
  /** Of a list. */
  readonly item?: AnySchema;
  /** Of a map with free keys. */
  readonly value?: AnySchema;
  /** Of a choice: the words. Of a union: the alternatives. */
  readonly options?: readonly unknown[];
}

/** The schema at `path` inside `schema`, without what makes it optional; undefined where it knows no such path. */
export function schemaAt(schema: AnySchema, path: ConfigPath): AnySchema | undefined {
  const bare = withoutOptional(schema);
  const [key, ...rest] = path;
  if (key === undefined) return bare;
  const next = typeof key === 'number' ? bare.item : ownEntry(bare, key);
  if (next !== undefined) return schemaAt(next, rest);
  if (bare.type !== 'union') return undefined;
  for (const alternative of bare.options as AnySchema[]) {
    const found = schemaAt(alternative, path);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The keys that a map at `path` may have; of a union, those of all alternatives. */
export function keysAt(schema: AnySchema, path: ConfigPath): string[] {
  const at = schemaAt(schema, path);
  if (at?.type === 'union') return (at.options as AnySchema[]).flatMap((alternative) => keysAt(alternative, []));
  return Object.keys(at?.entries ?? {});
}

/** `schema` without what makes it optional. */
export function withoutOptional(schema: AnySchema): AnySchema {
  return schema.wrapped === undefined ? schema : withoutOptional(schema.wrapped);
}

function ownEntry(schema: AnySchema, key: string): AnySchema | undefined {
  if (schema.entries !== undefined) return Object.hasOwn(schema.entries, key) ? schema.entries[key] : undefined;
  return schema.value;
}
