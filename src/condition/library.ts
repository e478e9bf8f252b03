import type { Environment, parse } from '@marcbachmann/cel-js';
import type { serialize } from '@marcbachmann/cel-js/serialize';

interface CelLibrary {
  readonly Environment: typeof Environment;
  readonly parse: typeof parse;
  readonly serialize: typeof serialize;
}

let library: CelLibrary | undefined;

/** Loads the library for CEL, 5 MB, which an agent without conditions does not need. Await it before `parseCondition()`. */
export async function loadConditions(): Promise<void> {
  // One after the other: their modules import each other, and only this order works.
  const { Environment, parse } = await import('@marcbachmann/cel-js');
  const { serialize } = await import('@marcbachmann/cel-js/serialize');
  library ??= { Environment, parse, serialize };
}

/** The library. Throws when it was not loaded. */
export function celLibrary(): CelLibrary {
  if (library === undefined) throw new Error('Cannot parse a condition: await loadConditions() first');
  return library;
}
