/** Keys that are not in the table because it is full have ids from here on; they belong to one batch. */
export const LOCAL_KEY_BASE = 1 << 24;

const INITIAL_SLOTS = 1024;
const INITIAL_BYTES = 8192;

/**
 * Attribute keys, each known by a small number. One table serves a whole agent: a key seen once is compared as bytes
 * and never becomes a string again.
 *
 * ```
 *  slots  [ 0 | 3 | 0 | 1 | 2 | … ]     open addressing by hash, id + 1, 0 = free
 *  bounds [ 0 | 5 | 9 | 17 | … ]        key i is bytes[bounds[i] .. bounds[i + 1])
 *  bytes  l e v e l t i m e s e r v i c e …
 * ```
 * The table is bounded: whoever writes the log can invent keys without end. Once `maxKeys` are known, `intern()`
 * answers -1 and the batch keeps the key itself (`RecordBatch.internKey`); keys of the configuration have as much room
 * again.
 */
export class KeyTable {
  readonly maxKeys: number;
  /** How many keys there may be now. */
  #limit: number;
  #count = 0;
  #slots = new Int32Array(INITIAL_SLOTS);
  #bounds = new Uint32Array(INITIAL_SLOTS);
  #bytes = Buffer.allocUnsafe(INITIAL_BYTES);
  readonly #texts: (string | undefined)[] = [];

  constructor(maxKeys = 10_000) {
    this.maxKeys = maxKeys;
    this.#limit = maxKeys;
  }

  /** How many keys are known; their ids are 0 to `count - 1`. */
  get count(): number {
    return this.#count;
  }

  /** The id of the key `bytes[start, end)`, or -1 when the table is full and does not know it. O(length). */
  intern(bytes: Uint8Array, start: number, end: number): number {
    const mask = this.#slots.length - 1;
    let slot = hashBytes(bytes, start, end) & mask;
    for (let found = this.#slots[slot]!; found !== 0; found = this.#slots[slot]!) {
      if (this.equals(found - 1, bytes, start, end)) return found - 1;
      slot = (slot + 1) & mask;
    }
    return this.#count < this.#limit ? this.#add(bytes, start, end, slot) : -1;
  }

  /**
   * The id of a key known from configuration: of one that is reloaded, also where the log has filled the table. Throws a
   * RangeError when there are more of these than anybody writes.
   */
  internText(text: string): number {
    const bytes = Buffer.from(text);
    this.#limit = 2 * this.maxKeys;
    const id = this.intern(bytes, 0, bytes.length);
    this.#limit = this.maxKeys;
    if (id < 0) throw new RangeError(`Cannot intern key ${JSON.stringify(text)}: table holds ${this.count} keys`);
    return id;
  }

  /** Whether key `id` is `bytes[start, end)`. */
  equals(id: number, bytes: Uint8Array, start: number, end: number): boolean {
    let at = this.#bounds[id]!;
    if (this.#bounds[id + 1]! - at !== end - start) return false;
    const own = this.#bytes;
    for (let i = start; i < end; i++) if (bytes[i] !== own[at++]) return false;
    return true;
  }

  /** The bytes of key `id`; a view that is valid until the next `intern()`. */
  bytes(id: number): Buffer {
    return this.#bytes.subarray(this.#bounds[id]!, this.#bounds[id + 1]!);
  }

  text(id: number): string {
    return (this.#texts[id] ??= this.bytes(id).toString());
  }

  #add(bytes: Uint8Array, start: number, end: number, slot: number): number {
    const id = this.#count++;
    const at = this.#bounds[id]!;
    if (at + end - start > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(2 * (at + end - start));
      this.#bytes.copy(grown);
      this.#bytes = grown;
    }
    for (let i = start, to = at; i < end; i++) this.#bytes[to++] = bytes[i]!;
    if (id + 2 > this.#bounds.length) {
      const grown = new Uint32Array(2 * this.#bounds.length);
      grown.set(this.#bounds);
      this.#bounds = grown;
    }
    this.#bounds[id + 1] = at + end - start;
    this.#slots[slot] = id + 1;
    if (2 * this.#count > this.#slots.length) this.#rehash();
    return id;
  }

  #rehash(): void {
    const slots = new Int32Array(2 * this.#slots.length);
    const mask = slots.length - 1;
    for (let id = 0; id < this.#count; id++) {
      let slot = hashBytes(this.#bytes, this.#bounds[id]!, this.#bounds[id + 1]!) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = id + 1;
    }
    this.#slots = slots;
  }
}

/** FNV-1a, its upper half folded into the lower one. */
function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash ^ (hash >>> 15);
}
