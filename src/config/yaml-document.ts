import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type Scalar } from 'yaml';
import { ConfigError, type ConfigPath, type ErrorCode } from '../core/errors.ts';
import { type ConfigDocument, hasPathOrParent, type Part, pathKey } from './config-document.ts';
import { type Environment, fillEnvironment } from './environment.ts';
import type { LocatedError, Place } from './located-error.ts';

/** Values of a whole file, those that aliases repeat counted each time: an alias bomb ends here. */
const MAX_VALUES = 100_000;
const MAX_DEPTH = 32;

/** Keys that JavaScript objects cannot hold safely; valibot leaves them out without a word. */
const UNSAFE_KEYS: readonly string[] = ['__proto__', 'constructor', 'prototype'];

/** Where a value begins, and its key; offsets into the text. In a list, `key` is where the item begins. */
interface Offsets {
  readonly key: number;
  readonly value: number;
}

/**
 * The plain values of a YAML document. What is wrong with single values (a variable that is not set, a key given twice,
 * an unknown alias) is collected in `errors`, and the reading goes on. O(values), at most `MAX_VALUES` of them.
 */
export class YamlDocument implements ConfigDocument {
  readonly file: string;
  readonly value: unknown;
  readonly errors: LocatedError[] = [];
  readonly #text: string;
  readonly #env: Environment;
  readonly #placeAt: (offset: number) => Place;
  readonly #offsets = new Map<string, Offsets>();
  readonly #broken = new Set<string>();
  readonly #filled = new Map<string, string>();
  readonly #numbers = new Map<string, string>();
  readonly #anchors = new Map<string, Node>();
  /** The aliased nodes that are being read now: an alias to one of them would never end. */
  readonly #open = new Set<Node>();
  #aliasDepth = 0;
  #values = 0;

  constructor(document: Document, { text, file, env, placeAt }: YamlSource) {
    this.file = file;
    this.#text = text;
    this.#env = env;
    this.#placeAt = placeAt;
    this.value = this.#read(document.contents, [], 0, true);
  }

  locate(path: ConfigPath, part: Part): Place {
    for (let end = path.length; end >= 0; end--) {
      const offsets = this.#offsets.get(pathKey(path.slice(0, end)));
      if (offsets === undefined) continue;
      if (end === path.length) return this.#placeAt(offsets[part]);
      // Of a missing key, the key above it is shown: its value may begin lines below. `a` for `[a]` is its own item.
      return this.#placeAt(typeof path[end] === 'number' ? offsets.value : offsets.key);
    }
    return this.#placeAt(0);
  }

  isBroken(path: ConfigPath): boolean {
    return hasPathOrParent(this.#broken, path);
  }

  filledText(path: ConfigPath): string | undefined {
    return this.#filled.get(pathKey(path));
  }

  numberText(path: ConfigPath): string | undefined {
    return this.#numbers.get(pathKey(path));
  }

  #read(node: Node | null, path: ConfigPath, keyOffset: number, isItem = false): unknown {
    const offset = node?.range?.[0] ?? keyOffset;
    this.#offsets.set(pathKey(path), { key: isItem ? offset : keyOffset, value: offset });
    if (++this.#values > MAX_VALUES) return this.#tooMany(offset);
    if (path.length > MAX_DEPTH) {
      return this.#break(path, offset, {
        message: `Nested deeper than ${MAX_DEPTH} levels`,
        hint: 'Look for a bracket that is not closed',
      });
    }
    if (isAlias(node)) return this.#readAlias(node.source, path, offset);
    const anchor = node !== null && 'anchor' in node ? node.anchor : undefined;
    if (anchor !== undefined && this.#aliasDepth === 0) this.#anchors.set(anchor, node!);
    if (isMap<Scalar<string>, Node | null>(node)) return this.#readMap(node, node.items, path);
    if (isSeq<Node | null>(node)) {
      this.#open.add(node);
      const list = node.items.map((item, i) => this.#read(item, [...path, i], offset, true));
      this.#open.delete(node);
      return list;
    }
    return isScalar(node) ? this.#readScalar(node, path, offset) : null;
  }

  #readMap(node: Node, pairs: readonly Pair<Scalar<string>, Node | null>[], path: ConfigPath): unknown {
    this.#open.add(node);
    const map: Record<string, unknown> = {};
    const keyOffsets = new Map<string, number>();
    for (const { key, value } of pairs) {
      if (this.#values > MAX_VALUES) break;
      const name = String(key.value);
      const offset = key.range?.[0] ?? 0;
      if (key.anchor !== undefined && this.#aliasDepth === 0) this.#anchors.set(key.anchor, key);
      const first = keyOffsets.get(name);
      keyOffsets.set(name, first ?? offset);
      if (first === undefined && name !== '<<' && !UNSAFE_KEYS.includes(name)) {
        map[name] = this.#read(value, [...path, name], offset);
        continue;
      }
      this.#values++;
      // What would have been merged is missing now; that is no second error.
      if (name === '<<') this.#broken.add(pathKey(path));
      this.#addError([...path, name], offset, refusedKey(name, first === undefined ? undefined : this.#placeAt(first)));
    }
    this.#open.delete(node);
    return map;
  }

  #readAlias(name: string, path: ConfigPath, offset: number): unknown {
    const target = this.#anchors.get(name);
    if (target === undefined) {
      const isGlob = /[*./]/.test(name);
      const hint = isGlob
        ? `Put it in quotes: "*${name}". A bare * begins a YAML alias`
        : `Define it above, as in \`&${name} value\`, or put the value in quotes: "*${name}"`;
      return this.#break(path, offset, { message: `Unknown alias "*${name}"`, hint });
    }
    if (this.#open.has(target)) {
      const hint = 'An alias cannot stand inside the value that it repeats';
      return this.#break(path, offset, { message: `Alias "*${name}" contains itself`, hint });
    }
    this.#aliasDepth++;
    const value = this.#read(target, path, offset);
    this.#aliasDepth--;
    return value;
  }

  #readScalar(scalar: Scalar, path: ConfigPath, offset: number): unknown {
    const { value, source } = scalar;
    if (typeof value === 'number') return this.#readNumber(value, source ?? String(value), path, offset);
    if (typeof value !== 'string') return value;
    if (value.includes('\0')) {
      const hint = 'Remove the "\\0"';
      return this.#break(path, offset, { code: 'ERR_CONFIG_VALUE', message: 'Text holds a NUL character', hint });
    }
    const filled = fillEnvironment(value, this.#env);
    if (filled.ok) {
      if (filled.text !== value) this.#filled.set(pathKey(path), filled.text);
      return filled.text;
    }
    // Escapes and folded lines move the text against its source; a reference stands there as it is.
    const written = this.#text.slice(offset, scalar.range?.[1]);
    for (const { reference, message, hint } of filled.problems) {
      const at = Math.max(0, written.indexOf(reference));
      this.#break(path, offset + at, { code: 'ERR_CONFIG_ENV', message, hint });
    }
    return undefined;
  }

  #readNumber(value: number, source: string, path: ConfigPath, offset: number): unknown {
    const isInexact = Number.isInteger(value) && !Number.isSafeInteger(value);
    if (isInexact || !Number.isFinite(value)) {
      const hint = `Put it in quotes to keep it as text: "${source}"`;
      const message = `Cannot keep ${source} exactly as a number`;
      return this.#break(path, offset, { code: 'ERR_CONFIG_VALUE', message, hint });
    }
    if (source !== String(value)) this.#numbers.set(pathKey(path), source);
    return value;
  }

  #tooMany(offset: number): undefined {
    if (this.isBroken([])) return;
    const hint = 'Remove aliases (*name) that repeat large parts';
    this.#break([], offset, { message: 'More than 100,000 values, counted with what aliases repeat', hint });
  }

  /** Reports what is wrong with the value at `path`, so that nothing else is reported about it. */
  #break(path: ConfigPath, offset: number, problem: Problem): undefined {
    this.#broken.add(pathKey(path));
    this.#addError(path, offset, problem);
  }

  #addError(path: ConfigPath, offset: number, { code = 'ERR_CONFIG_SYNTAX', message, hint }: Problem): void {
    this.errors.push({ ...this.#placeAt(offset), error: new ConfigError({ code, path, message, hint }) });
  }
}

/** What a document is made from. */
export interface YamlSource {
  readonly text: string;
  readonly file: string;
  readonly env: Environment;
  readonly placeAt: (offset: number) => Place;
}

interface Problem {
  readonly code?: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

function refusedKey(name: string, first: Place | undefined): Problem {
  if (name === '<<') {
    const hint = 'Write the keys out, or let an alias stand for a whole value, as in `tls: *common`';
    return { code: 'ERR_CONFIG_KEY', message: 'Cannot merge maps with "<<"', hint };
  }
  if (first !== undefined) {
    return { message: `Key ${JSON.stringify(name)} is given twice`, hint: `The first one is in line ${first.line}` };
  }
  return { code: 'ERR_CONFIG_KEY', message: `Cannot use "${name}" as a key`, hint: 'Choose another name' };
}
