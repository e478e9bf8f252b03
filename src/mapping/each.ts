import { PathError, type PathExpression, parsePath } from './path.ts';

/** One loop over the elements of a list or an object. */
export interface Each {
  /** What the key is called, or the place in a list, from 0 on; undefined: nobody asks for it. */
  readonly key: string | undefined;
  /** What the element is called. */
  readonly item: string;
  readonly path: PathExpression;
}

const FORM = /^\s*(?:([A-Za-z_]\w*)\s*,\s*)?([A-Za-z_]\w*)\s+in\s+(\S.*?)\s*$/s;

/** Reads `pool in pools` or `name, pool in pools`. Throws a `PathError`. */
export function parseEach(written: string): Each {
  const match = FORM.exec(written);
  if (match === null) throw new PathError('it does not say what is in what');
  const [, key, item = '', path = ''] = match;
  if (key === item) throw new PathError('key and element have the same name');
  const parsed = parsePath(path);
  if (parsed.kind === 'text') throw new PathError('a text has no elements');
  return { key, item, path: parsed };
}
