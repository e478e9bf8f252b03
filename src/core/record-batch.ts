import { type KeyTable, LOCAL_KEY_BASE } from './key-table.ts';
import { Resource } from './resource.ts';
import type { Stream } from './stream.ts';
import { ValueType } from './value-type.ts';

/** Bits of `RecordBatch.flags`. All but `Dropped` and `PassedOver` are marks that go out with the record. */
export const RecordFlag = {
  /** Removed on purpose; no sink takes it. */
  Dropped: 1,
  /** A stage could not read it; the body is as it came in (mark `parse_failed`). */
  ParseFailed: 2,
  /** Cut at the size limit (mark `truncated`). */
  Truncated: 4,
  /** Its file ended without a line end (mark `unterminated`). */
  Unterminated: 8,
  /** Goes on where an unterminated record stopped (mark `continuation`). */
  Continuation: 16,
  /** Held bytes that are not UTF-8; each became U+FFFD (mark `invalid_utf8`). */
  InvalidUtf8: 32,
  /** The condition of the stage that runs does not hold for it; no stage leaves this behind. */
  PassedOver: 64,
} as const;

const NOT_LIVE = RecordFlag.Dropped | RecordFlag.PassedOver;

/** No span: in `traceId` and `spanId`. */
export const NO_SPAN = 0xffffffff;

/** How many bytes can be read behind the used part of an arena. */
export const ARENA_SLACK = 32;

/** What goes to another thread beside the memory of a packed batch; it can be cloned as it is. */
export interface PackedBatch {
  readonly observedUnixMs: number;
  readonly byteLength: number;
  readonly inputOffset: number;
  readonly count: number;
  readonly attributeCount: number;
  /** Spans of keys, see `RecordBatch.internKey()`. */
  readonly localKeys: readonly number[];
}

/** Where a packed batch lies: memory that both threads see. */
export interface PackedMemory {
  readonly arena: Buffer<SharedArrayBuffer>;
  readonly columns: Buffer<SharedArrayBuffer>;
}

const NO_STREAM: Stream = { id: '', name: '', resource: new Resource() };
const INITIAL_RECORDS = 1024;
const INITIAL_ATTRIBUTES = 8192;

/**
 * The records of one read from one stream, as columns over one arena of bytes. No record is an object, and no value a
 * string, until somebody asks for one.
 *
 * ```
 *  bytes  {"level":30,"msg":"hi"}\n{"level":50,"msg":"a\u000Ab"}\n            a⏎b
 *          ^bodyStart[0]     ^bodyEnd[0]                        ^read ends    ^appended: what has no span in the input
 *
 *  firstAttribute  [ 1 | 3 ]       rows are chained a record; row 0 means "none"
 *  attributeNext   [ - | 2 | 0 | 4 | 0 ]
 *  attributeKey    [ - | level | msg | level | msg ]
 *  attributeStart  [ - | 9 | 18 | …                ]   spans of `bytes`
 * ```
 * **Ownership.** A batch belongs to a pool. Who rented it owns it until it is sent; a stage owns it during `process()`,
 * a sink during `write()`. Nobody else keeps it, a column, or a view of `bytes`.
 *
 * **Growth.** Whatever appends may replace `bytes` and the columns: read them again after an append. Offsets survive.
 *
 * **Text.** Every span that a stage or sink can see is valid UTF-8; framing replaced what was not.
 */
export class RecordBatch {
  readonly keys: KeyTable;
  stream: Stream = NO_STREAM;
  /** When the bytes were read: wall-clock milliseconds since 1970, whole. */
  observedUnixMs = 0;

  bytes: Buffer;
  /**
   * The same memory as `bytes`, for reading four bytes at once. At least `ARENA_SLACK` bytes behind `byteLength` can be
   * read, so a word that starts inside a span never leaves the memory.
   */
  view: DataView;
  /** How much of `bytes` is used. */
  byteLength = 0;
  /** Which byte of the stream `bytes[0]` would be, so that `inputStart` leads to a place there; may be negative. */
  inputOffset = 0;

  /** How long the batches behind this one shall wait before they go through the stages, in milliseconds. See `askPause()`. */
  pauseMs = 0;

  /** How many bytes its source knows to lie behind those that were read, to be read at once. */
  bytesBehind = 0;

  /** How many records there are, dropped ones included. */
  count = 0;
  flags = new Uint8Array(INITIAL_RECORDS);
  bodyType = new Uint8Array(INITIAL_RECORDS);
  bodyStart = new Uint32Array(INITIAL_RECORDS);
  bodyEnd = new Uint32Array(INITIAL_RECORDS);
  /** Where the record starts in what was read; it stays there when the body becomes another one. */
  inputStart = new Uint32Array(INITIAL_RECORDS);
  /** Unix time in nanoseconds as [low, high] 32-bit halves, two elements a record; both 0: unknown. */
  time = new Uint32Array(2 * INITIAL_RECORDS);
  /** OTLP's SeverityNumber, 1 to 24; 0: unknown. */
  severityNumber = new Uint8Array(INITIAL_RECORDS);
  /** The severity as the source wrote it; empty: unknown. */
  severityStart = new Uint32Array(INITIAL_RECORDS);
  severityEnd = new Uint32Array(INITIAL_RECORDS);
  /** Where the 16 bytes of the trace id lie in `bytes`, or NO_SPAN. */
  traceId = new Uint32Array(INITIAL_RECORDS).fill(NO_SPAN);
  /** Where the 8 bytes of the span id lie in `bytes`, or NO_SPAN. */
  spanId = new Uint32Array(INITIAL_RECORDS).fill(NO_SPAN);
  traceFlags = new Uint8Array(INITIAL_RECORDS);

  firstAttribute = new Uint32Array(INITIAL_RECORDS);
  lastAttribute = new Uint32Array(INITIAL_RECORDS);
  /** How many rows there are, row 0 included; removed rows stay until the batch is reset. */
  attributeCount = 1;
  attributeNext = new Uint32Array(INITIAL_ATTRIBUTES);
  attributeKey = new Uint32Array(INITIAL_ATTRIBUTES);
  attributeType = new Uint8Array(INITIAL_ATTRIBUTES);
  attributeStart = new Uint32Array(INITIAL_ATTRIBUTES);
  attributeEnd = new Uint32Array(INITIAL_ATTRIBUTES);

  /** Spans of the keys that the table had no room for, two elements a key. */
  #localKeys: number[] = [];
  /** What the stage that runs could not read, and why; whoever runs stages empties it. */
  readonly failures: { readonly record: number; readonly reason: string }[] = [];
  /** Those of them that were marked before. */
  readonly #markedBefore: number[] = [];
  readonly #drops = new Map<string, number>();
  readonly #initialBytes: number;
  readonly #allocate: (bytes: number) => Buffer;

  /** `allocate` gives the memory of the arena, which need not be empty. */
  constructor(keys: KeyTable, initialBytes = 64 * 1024, allocate: (bytes: number) => Buffer = Buffer.allocUnsafeSlow) {
    this.keys = keys;
    this.#initialBytes = initialBytes;
    this.#allocate = allocate;
    this.bytes = allocate(initialBytes + ARENA_SLACK);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Makes the batch empty, for records of `stream`. Gives back an arena that had grown far beyond its first size. */
  reset(stream: Stream, observedUnixMs: number): void {
    this.stream = stream;
    this.observedUnixMs = observedUnixMs;
    this.byteLength = 0;
    this.inputOffset = 0;
    this.pauseMs = 0;
    this.bytesBehind = 0;
    this.clearRecords();
    this.#localKeys.length = 0;
    if (this.#drops.size > 0) this.#drops.clear();
    if (this.failures.length > 0) this.clearFailures();
    if (this.bytes.length > 4 * this.#initialBytes) this.#replaceArena(this.#initialBytes + ARENA_SLACK);
  }

  // --- arena -------------------------------------------------------------------------------------------------------

  /** Makes room for `length` more bytes at `byteLength`, without using them. May replace `bytes`. Amortized O(length). */
  reserve(length: number): void {
    const needed = this.byteLength + length + ARENA_SLACK;
    if (needed > this.bytes.length) this.#replaceArena(Math.max(needed, 2 * this.bytes.length));
  }

  /** Appends `text` as UTF-8 and returns where it starts; it ends at `byteLength`. Lone surrogates become U+FFFD. */
  appendText(text: string): number {
    const start = this.byteLength;
    this.reserve(3 * text.length);
    this.byteLength += this.bytes.write(text, start, 'utf8');
    return start;
  }

  /** Appends `source[start, end)` and returns where it starts; it ends at `byteLength`. */
  appendBytes(source: Uint8Array, start: number, end: number): number {
    const at = this.byteLength;
    this.reserve(end - start);
    this.bytes.set(source.subarray(start, end), at);
    this.byteLength = at + end - start;
    return at;
  }

  /** The span as a string. Makes garbage: not for hot loops. */
  text(start: number, end: number): string {
    return this.bytes.toString('utf8', start, end);
  }

  // --- records -----------------------------------------------------------------------------------------------------

  /** Adds a record with the body `bytes[start, end)`, a string, and returns its index. */
  addRecord(start: number, end: number, flags = 0): number {
    const record = this.count++;
    if (record === this.flags.length) this.#growRecords();
    this.flags[record] = flags;
    this.bodyType[record] = ValueType.String;
    this.bodyStart[record] = start;
    this.bodyEnd[record] = end;
    this.inputStart[record] = start;
    return record;
  }

  /** Takes all records out, with their attributes; their bytes stay. O(records), 1 ns each. */
  clearRecords(): void {
    const { count } = this;
    // What most records have none of is emptied here, so that adding a record need not touch it.
    this.time.fill(0, 0, 2 * count);
    this.severityNumber.fill(0, 0, count);
    this.severityStart.fill(0, 0, count);
    this.severityEnd.fill(0, 0, count);
    this.traceId.fill(NO_SPAN, 0, count);
    this.spanId.fill(NO_SPAN, 0, count);
    this.traceFlags.fill(0, 0, count);
    this.firstAttribute.fill(0, 0, count);
    this.lastAttribute.fill(0, 0, count);
    this.count = 0;
    this.attributeCount = 1;
  }

  /** Whether the record is there for the stage that runs: not dropped, and its condition holds. */
  isLive(record: number): boolean {
    return (this.flags[record]! & NOT_LIVE) === 0;
  }

  /** Takes the record out, on purpose; `reason` is a word of the ledger's closed list. */
  drop(record: number, reason = 'filter'): void {
    if (!this.isLive(record)) return;
    this.flags[record]! |= RecordFlag.Dropped;
    this.#drops.set(reason, (this.#drops.get(reason) ?? 0) + 1);
  }

  /** How many records were dropped, by reason. */
  get drops(): ReadonlyMap<string, number> {
    return this.#drops;
  }

  /**
   * Marks the record as one that the stage that runs could not read; whoever runs the stage counts it. `reason` says
   * why, in a few words that are the same for all records of a kind: `no closing quote`.
   */
  fail(record: number, reason: string): void {
    const flags = this.flags[record]!;
    // A stage that fails a record twice has marked it itself.
    const isMarked = (flags & RecordFlag.ParseFailed) !== 0 && this.failures.at(-1)?.record !== record;
    if (isMarked) this.#markedBefore.push(record);
    this.flags[record] = flags | RecordFlag.ParseFailed;
    this.failures.push({ record, reason });
  }

  /** Takes back the marks of `failures`; those of stages before stay. */
  unmarkFailures(): void {
    for (const { record } of this.failures) this.flags[record]! &= ~RecordFlag.ParseFailed;
    for (const record of this.#markedBefore) this.flags[record]! |= RecordFlag.ParseFailed;
  }

  /** Starts with the failures of another stage. */
  clearFailures(): void {
    this.failures.length = 0;
    this.#markedBefore.length = 0;
  }

  /**
   * Asks that what is read behind this batch waits: this is how a stage, which works at once, makes the source slower.
   * The longest wish counts. A drain does not wait.
   */
  askPause(ms: number): void {
    this.pauseMs = Math.max(this.pauseMs, ms);
  }

  setBody(record: number, type: ValueType, start: number, end: number): void {
    this.bodyType[record] = type;
    this.bodyStart[record] = start;
    this.bodyEnd[record] = end;
  }

  // --- attributes --------------------------------------------------------------------------------------------------

  /** The id of the key `bytes[start, end)`, also when the table is full: then an id that only this batch knows. */
  internKey(start: number, end: number): number {
    const id = this.keys.intern(this.bytes, start, end);
    return id >= 0 ? id : this.#internLocalKey(start, end);
  }

  keyText(key: number): string {
    return key < LOCAL_KEY_BASE ? this.keys.text(key) : this.keyBytes(key).toString();
  }

  /** The bytes of a key; a view that is valid until the next append or `internKey()`. */
  keyBytes(key: number): Buffer {
    if (key < LOCAL_KEY_BASE) return this.keys.bytes(key);
    const at = 2 * (key - LOCAL_KEY_BASE);
    return this.bytes.subarray(this.#localKeys[at]!, this.#localKeys[at + 1]!);
  }

  /** Adds an attribute behind the others and returns its row. Does not look whether the key is there: see `find()`. */
  addSpan(record: number, key: number, type: ValueType, start: number, end: number): number {
    const row = this.addRow(key, type, start, end);
    this.linkRows(record, row);
    return row;
  }

  /** Adds a row for an attribute and returns it; it is of no record before `linkRows()`. */
  addRow(key: number, type: ValueType, start: number, end: number): number {
    const row = this.attributeCount++;
    if (row === this.attributeNext.length) this.#growAttributes();
    this.attributeNext[row] = row + 1;
    this.attributeKey[row] = key;
    this.attributeType[row] = type;
    this.attributeStart[row] = start;
    this.attributeEnd[row] = end;
    return row;
  }

  /** Makes the rows from `first` on attributes of the record, behind the others: all were added by `addRow()`. */
  linkRows(record: number, first: number): void {
    const last = this.attributeCount - 1;
    if (last < first) return;
    this.attributeNext[last] = 0;
    if (this.firstAttribute[record] === 0) this.firstAttribute[record] = first;
    else this.attributeNext[this.lastAttribute[record]!] = first;
    this.lastAttribute[record] = last;
  }

  /** Adds an attribute to every record, with the same value; see `addSpan()`. */
  addSpanToAll(key: number, type: ValueType, start: number, end: number): void {
    const { count } = this;
    const first = this.attributeCount;
    this.attributeCount = first + count;
    while (this.attributeCount > this.attributeNext.length) this.#growAttributes();
    const { attributeNext, firstAttribute, lastAttribute } = this;
    attributeNext.fill(0, first, first + count);
    this.attributeKey.fill(key, first, first + count);
    this.attributeType.fill(type, first, first + count);
    this.attributeStart.fill(start, first, first + count);
    this.attributeEnd.fill(end, first, first + count);
    for (let record = 0; record < count; record++) {
      if (firstAttribute[record] === 0) firstAttribute[record] = first + record;
      else attributeNext[lastAttribute[record]!] = first + record;
      lastAttribute[record] = first + record;
    }
  }

  /**
   * Adds several attributes behind the others, as `addSpan()` does one after the other, in two thirds of the time
   * (test/bench/micro/pattern.bench.ts). `spans` holds start and end of each; those with a negative start or key, or
   * shorter than `minLength`, are passed over.
   */
  addSpans(record: number, keys: Int32Array, types: Uint8Array, spans: Int32Array, minLength: number): void {
    while (this.attributeCount + keys.length > this.attributeNext.length) this.#growAttributes();
    const { attributeNext, attributeKey, attributeType, attributeStart, attributeEnd } = this;
    const first = this.attributeCount;
    let row = first;
    for (let i = 0; i < keys.length; i++) {
      const start = spans[2 * i]!;
      const end = spans[2 * i + 1]!;
      const key = keys[i]!;
      attributeKey[row] = key;
      attributeType[row] = types[i]!;
      attributeStart[row] = start;
      attributeEnd[row] = end;
      attributeNext[row] = (row + 1) | 0;
      // A row that is passed over is written again by the next one: no processor can foresee which are.
      row = (row + (((minLength - 1 - (end - start)) >>> 31) & ~((start | key) >> 31))) | 0;
    }
    this.attributeCount = row;
    this.linkRows(record, first);
  }

  /** Adds the attribute, or replaces its value where the record has it. */
  setSpan(record: number, key: number, type: ValueType, start: number, end: number): void {
    const row = this.find(record, key);
    if (row === 0) {
      this.addSpan(record, key, type, start, end);
      return;
    }
    this.attributeType[row] = type;
    this.attributeStart[row] = start;
    this.attributeEnd[row] = end;
  }

  /** The row of an attribute, or 0. O(attributes of the record). */
  find(record: number, key: number): number {
    let row = this.firstAttribute[record]!;
    while (row !== 0 && this.attributeKey[row] !== key) row = this.attributeNext[row]!;
    return row;
  }

  /** Whether any record has had the attribute since the batch was reset. O(attributes), 0.5 ns each. */
  hasKey(key: number): boolean {
    return this.attributeKey.subarray(1, this.attributeCount).includes(key);
  }

  /** Takes an attribute out of its record and returns its row, whose columns can still be read; 0: it was not there. */
  remove(record: number, key: number): number {
    let before = 0;
    let row = this.firstAttribute[record]!;
    while (row !== 0 && this.attributeKey[row] !== key) {
      before = row;
      row = this.attributeNext[row]!;
    }
    if (row === 0) return 0;
    const after = this.attributeNext[row]!;
    if (before === 0) this.firstAttribute[record] = after;
    else this.attributeNext[before] = after;
    if (after === 0) this.lastAttribute[record] = before;
    return row;
  }

  /** Takes out every attribute that was added after row `last` (0: all of them): what a stage undoes when it fails. */
  truncateAttributes(record: number, last: number): void {
    this.lastAttribute[record] = last;
    if (last === 0) this.firstAttribute[record] = 0;
    else this.attributeNext[last] = 0;
  }

  // --- copies ------------------------------------------------------------------------------------------------------

  /** Becomes a copy of `other`, which must use the same key table. O(bytes + rows). */
  copyFrom(other: RecordBatch): void {
    if (other.keys !== this.keys) throw new Error('Cannot copy batch: key tables differ');
    this.reset(other.stream, other.observedUnixMs);
    this.appendBytes(other.bytes, 0, other.byteLength);
    this.inputOffset = other.inputOffset;
    while (this.flags.length < other.count) this.#growRecords();
    while (this.attributeNext.length < other.attributeCount) this.#growAttributes();
    this.count = other.count;
    this.attributeCount = other.attributeCount;
    this.#localKeys = [...other.#localKeys];
    for (const [reason, records] of other.#drops) this.#drops.set(reason, records);
    for (const column of RECORD_COLUMNS) this[column].set(other[column].subarray(0, other.count));
    this.time.set(other.time.subarray(0, 2 * other.count));
    for (const column of ATTRIBUTE_COLUMNS) this[column].set(other[column].subarray(0, other.attributeCount));
  }

  /** How many bytes `pack()` takes. */
  get packedBytes(): number {
    return this.count * RECORD_BYTES + this.attributeCount * ATTRIBUTE_BYTES;
  }

  /**
   * Copies the columns of a batch, as it comes from a source, into memory of at least `packedBytes`, for another thread.
   * That has to have the arena as it is (`bytes`).
   */
  pack(target: Buffer<SharedArrayBuffer>): PackedBatch {
    const { observedUnixMs, byteLength, inputOffset, count, attributeCount } = this;
    let at = 0;
    for (const [column, bytes] of this.#usedColumns()) {
      at += bytesOf(column).copy(target, at, 0, bytes);
    }
    return { observedUnixMs, byteLength, inputOffset, count, attributeCount, localKeys: this.#localKeys };
  }

  /**
   * Becomes a batch that was packed elsewhere, with that `arena`, which is this batch's until it is packed again; `keys` of
   * its table by the number that they have there.
   */
  unpack({ arena, columns }: PackedMemory, packed: PackedBatch, stream: Stream, keys: readonly number[]): void {
    const { byteLength, count, attributeCount } = packed;
    this.reset(stream, packed.observedUnixMs);
    if (this.bytes !== arena) this.view = new DataView(arena.buffer);
    this.bytes = arena;
    while (this.flags.length < count) this.#growRecords();
    while (this.attributeNext.length < attributeCount) this.#growAttributes();
    this.inputOffset = packed.inputOffset;
    this.count = count;
    this.attributeCount = attributeCount;
    this.#localKeys = [...packed.localKeys];
    this.byteLength = byteLength;
    let at = 0;
    for (const [column, bytes] of this.#usedColumns()) at += columns.copy(bytesOf(column), 0, at, at + bytes);
    const { attributeKey } = this;
    for (let row = 1; row < attributeCount; row++) {
      const key = attributeKey[row]!;
      if (key < LOCAL_KEY_BASE) attributeKey[row] = keys[key]!;
    }
  }

  /** All columns, each with how much of it is used, in bytes. */
  *#usedColumns(): IterableIterator<[Uint8Array<ArrayBuffer> | Uint32Array<ArrayBuffer>, number]> {
    const { count, attributeCount } = this;
    for (const name of RECORD_COLUMNS) yield [this[name], count * this[name].BYTES_PER_ELEMENT];
    yield [this.time, 2 * count * this.time.BYTES_PER_ELEMENT];
    for (const name of ATTRIBUTE_COLUMNS) yield [this[name], attributeCount * this[name].BYTES_PER_ELEMENT];
  }

  #replaceArena(length: number): void {
    const replaced = this.#allocate(length);
    this.bytes.copy(replaced, 0, 0, this.byteLength);
    this.bytes = replaced;
    this.view = new DataView(replaced.buffer);
  }

  #internLocalKey(start: number, end: number): number {
    const wanted = this.bytes.subarray(start, end);
    for (let at = 0; at < this.#localKeys.length && at < 2 * MAX_LOCAL_KEYS_SEARCHED; at += 2) {
      if (wanted.equals(this.bytes.subarray(this.#localKeys[at]!, this.#localKeys[at + 1]!))) {
        return LOCAL_KEY_BASE + at / 2;
      }
    }
    this.#localKeys.push(start, end);
    return LOCAL_KEY_BASE + this.#localKeys.length / 2 - 1;
  }

  #growRecords(): void {
    const before = this.flags.length;
    for (const column of RECORD_COLUMNS) {
      if (column === 'flags' || column === 'bodyType' || column === 'severityNumber' || column === 'traceFlags') {
        this[column] = grown8(this[column]);
      } else {
        this[column] = grown32(this[column]);
      }
    }
    this.time = grown32(this.time);
    this.traceId.fill(NO_SPAN, before);
    this.spanId.fill(NO_SPAN, before);
  }

  #growAttributes(): void {
    this.attributeNext = grown32(this.attributeNext);
    this.attributeKey = grown32(this.attributeKey);
    this.attributeType = grown8(this.attributeType);
    this.attributeStart = grown32(this.attributeStart);
    this.attributeEnd = grown32(this.attributeEnd);
  }
}

/**
 * Keys that the table has no room for are looked for one by one among the first of their batch: from
 * `LOCAL_KEY_BASE` plus this many on, each id is of one attribute, and a repeated key gets a second id.
 */
export const MAX_LOCAL_KEYS_SEARCHED = 16;

const RECORD_COLUMNS = [
  'flags',
  'bodyType',
  'bodyStart',
  'bodyEnd',
  'inputStart',
  'severityNumber',
  'severityStart',
  'severityEnd',
  'traceId',
  'spanId',
  'traceFlags',
  'firstAttribute',
  'lastAttribute',
] as const;

const ATTRIBUTE_COLUMNS = ['attributeNext', 'attributeKey', 'attributeType', 'attributeStart', 'attributeEnd'] as const;

/** What a record, and a row of an attribute, takes in all columns. */
const RECORD_BYTES = 4 + 4 * 9 + 8;
const ATTRIBUTE_BYTES = 1 + 4 * 4;

function bytesOf({ buffer, byteOffset, byteLength }: Uint8Array<ArrayBuffer> | Uint32Array<ArrayBuffer>): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function grown8(column: Uint8Array): Uint8Array<ArrayBuffer> {
  const grown = new Uint8Array(2 * column.length);
  grown.set(column);
  return grown;
}

function grown32(column: Uint32Array): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(2 * column.length);
  grown.set(column);
  return grown;
}
