import { type JsonVisitor, walkJson } from './json-walker.ts';

const BLANK = 0x20;

/**
 * The JSON text `bytes[start, end)` with blanks where an object has an entry whose key comes again: the last value wins,
 * as with JSON.parse. Undefined: no key comes twice. `slack` bytes behind the text can be read.
 *
 * Commas stay around the blanks, so what comes out is for `walkJson()` alone. O(length), and garbage for each key: call
 * it where a `KeyWatch` says so.
 */
export function withUniqueKeys(
  bytes: Buffer,
  start: number,
  end: number,
  slack: number,
): Buffer<ArrayBuffer> | undefined {
  const finder = new RepeatFinder(bytes);
  walkJson(bytes, start, end, finder);
  if (finder.repeated.length === 0) return undefined;
  const copy = Buffer.allocUnsafeSlow(end - start + slack);
  bytes.copy(copy, 0, start, end);
  for (const entry of finder.repeated) copy.fill(BLANK, entry.start - start, entry.end - start);
  return copy;
}

/** Where an entry of an object starts, and where the next one does, or the object ends. */
interface Entry {
  readonly start: number;
  end: number;
}

interface OpenObject {
  readonly entries: Map<string, Entry>;
  last: Entry | undefined;
}

class RepeatFinder implements JsonVisitor {
  /** The entries that another one replaces. */
  readonly repeated: Entry[] = [];
  readonly #bytes: Buffer;
  readonly #open: OpenObject[] = [];

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  beginObject(): void {
    this.#open.push({ entries: new Map(), last: undefined });
  }

  key(start: number, end: number, hasEscapes: boolean): void {
    const object = this.#open.at(-1);
    if (object === undefined) return;
    const entry = { start: start - 1, end: 0 };
    if (object.last !== undefined) object.last.end = entry.start;
    object.last = entry;
    const raw = this.#bytes.toString('utf8', start, end);
    const key = hasEscapes ? String(JSON.parse(`"${raw}"`)).toWellFormed() : raw;
    const before = object.entries.get(key);
    if (before !== undefined) this.repeated.push(before);
    object.entries.set(key, entry);
  }

  endObject(at: number): void {
    const object = this.#open.pop();
    if (object?.last !== undefined) object.last.end = at;
  }

  beginArray(): void {}
  endArray(): void {}
  string(): void {}
  number(): void {}
  true(): void {}
  false(): void {}
  null(): void {}
}
