import { parseRegexIn, type RegexModes, type RegexReferences } from '../../bytes/regex/parse-regex.ts';
import { PatternFault } from '../../bytes/regex/pattern-text.ts';
import type { RegexNode } from '../../bytes/regex/regex-node.ts';
import { BASE_PATTERNS } from '../../codec/grok/base-patterns.ts';
import { LINE_PATTERNS } from '../../codec/grok/line-patterns.ts';
import { closest } from '../../component/closest.ts';
import { fieldTypeHint, lenientFieldType } from '../field-type.ts';

/** The patterns that are there without writing any. */
export const LIBRARY: ReadonlyMap<string, string> = new Map([
  ...Object.entries(BASE_PATTERNS),
  ...Object.entries(LINE_PATTERNS),
]);

/** `NAME`, `NAME:field` or `NAME:field:type`. */
const REFERENCE = /^(\w+)(?::([^:]+)(?::(\w+))?)?$/;
const FIELD = /^[\p{L}_@][\p{L}\p{N}_.@/-]*$/u;
const NESTED_FIELD = /^(?:\[[\p{L}\p{N}_.@/-]+\])+$/u;
const MAX_DEPTH = 30;
const MAX_SIZE = 20_000;

interface Resolved {
  readonly node: RegexNode;
  /** The characters of the pattern and of all inside of it. */
  readonly size: number;
}

/**
 * What `%{NAME:field:type}` stands for: a pattern of the user, or one of the library, with those inside of it. A field
 * has the name `field:type` until it is split by `splitField()`.
 */
export class GrokReferences implements RegexReferences {
  readonly #own: Readonly<Record<string, string>>;
  readonly #resolved = new Map<string, Resolved>();
  /** The patterns that are being parsed, each inside of the one before, with their sizes so far. */
  readonly #open: { readonly name: string; size: number }[] = [];

  constructor(own: Readonly<Record<string, string>>) {
    this.#own = own;
  }

  resolve(inside: string, at: number, modes: RegexModes): RegexNode {
    const [, name, written, type = ''] = REFERENCE.exec(inside) ?? [];
    if (name === undefined) {
      throw new PatternFault(
        at,
        '"%{" begins no reference',
        'Write it as in "%{NAME}", "%{NAME:field}" or "%{NAME:field:int}"',
      );
    }
    const { node, size } = this.#resolvePattern(name, at, modes);
    const outer = this.#open.at(-1);
    if (outer !== undefined && (outer.size += size) > MAX_SIZE) {
      throw new PatternFault(at, 'it becomes too large', 'Use fewer patterns in each other');
    }
    if (written === undefined) return node;
    const field = fieldName(written);
    if (field === undefined) {
      const hint = 'Write it as in "http.request.method" or "[http][request][method]"';
      throw new PatternFault(at, `${JSON.stringify(written)} is no name of a field`, hint);
    }
    const known = lenientFieldType(type);
    if (known === undefined) throw new PatternFault(at, `unknown type ${JSON.stringify(type)}`, fieldTypeHint(type));
    return { kind: 'field', name: `${field}:${known}`, body: node };
  }

  /** The pattern of that name, parsed once for each of the modes. */
  #resolvePattern(name: string, at: number, modes: RegexModes): Resolved {
    const key = `${name} ${modes.ignoreCase} ${modes.dotAll}`;
    const known = this.#resolved.get(key);
    if (known !== undefined) return known;
    const pattern = Object.hasOwn(this.#own, name) ? this.#own[name] : LIBRARY.get(name);
    if (pattern === undefined) throw unknownPattern(name, at, [...Object.keys(this.#own), ...LIBRARY.keys()]);
    if (this.#open.some((open) => open.name === name)) {
      throw new PatternFault(
        at,
        `the pattern ${JSON.stringify(name)} stands inside of itself`,
        'Write out what may be nested',
      );
    }
    if (this.#open.length === MAX_DEPTH) {
      throw new PatternFault(at, `patterns are nested deeper than ${MAX_DEPTH}`, 'Write some of them out');
    }
    const open = { name, size: pattern.length };
    this.#open.push(open);
    try {
      const resolved = { node: parseRegexIn(pattern, modes, this), size: open.size };
      this.#resolved.set(key, resolved);
      return resolved;
    } catch (fault) {
      if (!(fault instanceof PatternFault)) throw fault;
      // Its own column is one of the pattern inside.
      throw new PatternFault(at, `in the pattern ${JSON.stringify(name)}: ${fault.message}`, fault.hint);
    } finally {
      this.#open.pop();
    }
  }
}

/** The name and the type of a field that came out of a grok expression, also of one written as `(?<name>…)`. */
export function splitField(field: string): { name: string; type: string } {
  const [name = '', type = 'string'] = field.split(':');
  return { name, type };
}

/** `[a][b]` is `a.b`; undefined: it is no name. */
function fieldName(written: string): string | undefined {
  if (NESTED_FIELD.test(written)) return written.slice(1, -1).replaceAll('][', '.');
  return FIELD.test(written) ? written : undefined;
}

function unknownPattern(name: string, at: number, known: readonly string[]): PatternFault {
  const near = closest(name, known);
  const hint =
    near === undefined
      ? 'Define it under "patterns", or write the expression itself'
      : `Did you mean ${JSON.stringify(near)}?`;
  return new PatternFault(at, `unknown pattern ${JSON.stringify(name)}`, hint);
}
