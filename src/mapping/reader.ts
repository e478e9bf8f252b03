import { parseEach } from './each.ts';
import { childOf, isObject, type Json } from './json.ts';
import { type PathExpression, parsePath } from './path.ts';

/** What the names of loops stand for at one moment; place 0 is the document. */
export type Scope = (Json | undefined)[];

/** Finds a value; undefined: there is none. */
export type ValueReader = (scope: Scope) => Json | undefined;

/** The place of each name in the scope. */
export type Names = ReadonlyMap<string, number>;

/** What reads an expression. A path that does not begin with one of `names` begins at the document. Throws a `PathError`. */
export function compileValue(written: string, names: Names): ValueReader {
  return readerOf(parsePath(written), names);
}

function readerOf(parsed: PathExpression, names: Names): ValueReader {
  if (parsed.kind === 'text') return () => parsed.text;
  const [first] = parsed.steps;
  const place = parsed.isNamed ? names.get(String(first)) : undefined;
  const steps = place === undefined ? parsed.steps : parsed.steps.slice(1);
  return (scope) => {
    let value = scope[place ?? 0];
    for (const step of steps) {
      if (value === undefined) return undefined;
      value = childOf(value, step);
    }
    return value;
  };
}

/** Loops inside of each other, ready to run. */
export interface Loops {
  readonly names: Names;
  /**
   * Calls `visit` for each element of the innermost loop, until it returns false. Returns whether each loop found a list
   * or an object.
   */
  run(document: Json, visit: (scope: Scope) => boolean): boolean;
}

interface Loop {
  readonly keyPlace: number | undefined;
  readonly itemPlace: number;
  readonly read: ValueReader;
}

/** Throws a `PathError`; `onLoop` is told before which of `each` that is about. */
export function compileLoops(each: readonly string[], onLoop: (index: number) => void = () => {}): Loops {
  const names = new Map<string, number>();
  let places = 1;
  const loops = each.map((written, index): Loop => {
    onLoop(index);
    const { key, item, path } = parseEach(written);
    const read = readerOf(path, new Map(names));
    const keyPlace = key === undefined ? undefined : places++;
    const itemPlace = places++;
    if (key !== undefined && keyPlace !== undefined) names.set(key, keyPlace);
    names.set(item, itemPlace);
    return { keyPlace, itemPlace, read };
  });
  return {
    names,
    run(document, visit) {
      const scope: Scope = new Array<Json | undefined>(places).fill(undefined);
      scope[0] = document;
      const state = { isComplete: true, visit };
      runFrom(loops, 0, scope, state);
      return state.isComplete;
    },
  };
}

/** False: no more is wanted. The depth is that of the configuration, not of the document. */
function runFrom(
  loops: readonly Loop[],
  level: number,
  scope: Scope,
  state: { isComplete: boolean; readonly visit: (scope: Scope) => boolean },
): boolean {
  const loop = loops[level];
  if (loop === undefined) return state.visit(scope);
  const container = loop.read(scope);
  const isList = Array.isArray(container);
  if (!isList && !isObject(container)) {
    state.isComplete = false;
    return true;
  }
  for (const [key, element] of isList ? container.entries() : Object.entries(container)) {
    if (loop.keyPlace !== undefined) scope[loop.keyPlace] = key;
    scope[loop.itemPlace] = element;
    if (!runFrom(loops, level + 1, scope, state)) return false;
  }
  return true;
}
