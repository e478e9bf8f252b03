import { isUtf8 } from 'node:buffer';
import { ByteBuffer } from '../../bytes/byte-buffer.ts';
import { copyText } from '../../bytes/copy-words.ts';
import { setUnixNano } from '../../bytes/unix-nano.ts';
import { AccessLine, COMMON_PART_COUNT, Escaped, PART_COUNT, Part } from '../../codec/clf/access-line.ts';
import { ClfTime } from '../../codec/clf/clf-time.ts';
import { type ClfFormat, parseAccessLine } from '../../codec/clf/parse-line.ts';
import { splitTarget } from '../../codec/clf/split-target.ts';
import { unescapeAccess } from '../../codec/clf/unescape.ts';
import { findStringEnd } from '../../codec/json/scan.ts';
import { appendJsonString } from '../../codec/json/write-string.ts';
import type { StageContext } from '../../component/definition.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import { ValueType } from '../../core/value-type.ts';
import { removeReplaced } from '../attribute-writer.ts';
import type { TextReader } from '../parser.ts';

const QUOTE = 0x22;
const OPEN = 0x5b;
const CLOSE = 0x5d;

/** The attributes that parts become; `clf.request` alone has no name in the semantic conventions. */
const NAMES: Readonly<Record<keyof typeof Part, readonly [name: string, type: ValueType]>> = {
  Client: ['client.address', ValueType.String],
  User: ['user.name', ValueType.String],
  Method: ['http.request.method', ValueType.String],
  Path: ['url.path', ValueType.String],
  Query: ['url.query', ValueType.String],
  Version: ['network.protocol.version', ValueType.String],
  Status: ['http.response.status_code', ValueType.Int],
  Size: ['http.response.body.size', ValueType.Int],
  Referer: ['http.request.header.referer', ValueType.Json],
  Agent: ['user_agent.original', ValueType.String],
  Server: ['server.address', ValueType.String],
  Port: ['server.port', ValueType.Int],
  Request: ['clf.request', ValueType.String],
  OtherMethod: ['http.request.method_original', ValueType.String],
  FullUrl: ['url.full', ValueType.String],
  OtherTarget: ['url.original', ValueType.String],
  Rest: ['', ValueType.String],
};

/** The parts that the target of a request becomes. */
const TARGET_PARTS: readonly Part[] = [Part.Path, Part.Query, Part.FullUrl, Part.OtherTarget];
const NO_KEY = -1;

/** Reads lines of access logs into attributes. */
export class ClfReader implements TextReader {
  readonly #format: ClfFormat;
  readonly #time = new ClfTime();
  readonly #line = new AccessLine();
  readonly #scratch = new ByteBuffer(256);
  readonly #keys = new Int32Array(PART_COUNT);
  /** The first of them. */
  readonly #commonKeys = this.#keys.subarray(0, COMMON_PART_COUNT);
  readonly #types = new Uint8Array(PART_COUNT);
  /** The parts that are set, where they are few; undefined: all of them may be. */
  readonly #few: Uint8Array | undefined;

  /** `rest`: the attribute for what follows the parts that are known. */
  constructor(format: ClfFormat, rest: string | undefined, { keys, wanted }: Pick<StageContext, 'keys' | 'wanted'>) {
    this.#format = format;
    const parts = Object.entries({ ...NAMES, Rest: [rest ?? '', ValueType.String] as const });
    for (const [part, [name, type]] of parts) {
      const at = Part[part as keyof typeof Part];
      this.#keys[at] = name === '' || wanted?.has(name) === false ? NO_KEY : keys.internText(name);
      this.#types[at] = type;
    }
    if (wanted === undefined) return;
    this.#few = Uint8Array.from(Object.values(Part).filter((part) => this.#sets(part)));
    this.#line.wantsTarget = TARGET_PARTS.some((part) => this.#sets(part));
  }

  #sets(part: Part): boolean {
    return this.#keys[part] !== NO_KEY;
  }

  read(batch: RecordBatch, record: number, start: number, end: number): string | undefined {
    const line = this.#line;
    const why = parseAccessLine(batch.bytes, batch.view, start, end, this.#format, this.#time, line);
    if (why !== undefined) return why;
    if (!setUnixNano(batch.time, record, line.time.seconds, line.time.nanos)) return 'a time before 1970 or after 2554';
    const { spans } = line;
    if (line.escaped !== 0) this.#unescapeParts(batch);
    if (line.hasRare && spans[2 * Part.OtherMethod + 1]! > 0) {
      const other = batch.appendText('_OTHER');
      line.set(Part.Method, other, batch.byteLength);
    }
    if (spans[2 * Part.Referer + 1]! > spans[2 * Part.Referer]! && this.#sets(Part.Referer)) this.#listReferer(batch);
    const last = batch.lastAttribute[record]!;
    const few = this.#few;
    if (few === undefined) batch.addSpans(record, line.hasRare ? this.#keys : this.#commonKeys, this.#types, spans, 1);
    else this.#addFew(batch, record, few);
    if (last !== 0) removeReplaced(batch, record, last);
    return undefined;
  }

  #addFew(batch: RecordBatch, record: number, parts: Uint8Array): void {
    const { spans } = this.#line;
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i]!;
      const start = spans[2 * part]!;
      const end = spans[2 * part + 1]!;
      if (end > start) batch.addSpan(record, this.#keys[part]!, this.#types[part] as ValueType, start, end);
    }
  }

  #unescapeParts(batch: RecordBatch): void {
    const line = this.#line;
    const hasTarget = (line.escaped & Escaped.Request) !== 0 && line.targetEnd > line.targetStart;
    if (hasTarget && line.wantsTarget) this.#unescapeTarget(batch);
    if ((line.escaped & Escaped.Agent) !== 0 && this.#sets(Part.Agent)) this.#unescape(batch, Part.Agent);
  }

  #unescapeTarget(batch: RecordBatch): void {
    const line = this.#line;
    // Any part will do to hold the decoded target: all of the target's are made anew.
    line.set(Part.Path, line.targetStart, line.targetEnd);
    this.#unescape(batch, Part.Path);
    const [start, end] = [line.spans[2 * Part.Path]!, line.spans[2 * Part.Path + 1]!];
    line.clear(Part.FullUrl);
    line.clear(Part.OtherTarget);
    splitTarget(batch.bytes, batch.view, start, end, line);
  }

  /** Headers are lists of texts by the conventions, as a request may have one twice. */
  #listReferer(batch: RecordBatch): void {
    const line = this.#line;
    if ((line.escaped & Escaped.Referer) !== 0) this.#unescape(batch, Part.Referer);
    const start = line.spans[2 * Part.Referer]!;
    const end = line.spans[2 * Part.Referer + 1]!;
    batch.reserve(end - start + 4);
    let at = batch.byteLength;
    if (findStringEnd(batch.view, start, end) >= end) {
      batch.bytes[at] = OPEN;
      batch.bytes[at + 1] = QUOTE;
      const stop = copyText(batch.view, at + 2, batch.view, start, end);
      batch.bytes[stop] = QUOTE;
      batch.bytes[stop + 1] = CLOSE;
      batch.byteLength = stop + 2;
    } else {
      const out = this.#scratch;
      out.length = 0;
      appendJsonString(out, batch.bytes, start, end);
      batch.reserve(out.length + 2);
      at = batch.byteLength;
      batch.bytes[at] = OPEN;
      batch.bytes.set(out.written(), at + 1);
      batch.bytes[at + 1 + out.length] = CLOSE;
      batch.byteLength = at + out.length + 2;
    }
    line.set(Part.Referer, at, batch.byteLength);
  }

  /** Makes the part the text that it means; where that would be no UTF-8, it stays as it was written. */
  #unescape(batch: RecordBatch, part: Part): void {
    const line = this.#line;
    const [start, end] = [line.spans[2 * part]!, line.spans[2 * part + 1]!];
    batch.reserve(end - start);
    const at = batch.byteLength;
    const stop = unescapeAccess(batch.bytes, start, end, batch.bytes, at);
    if (!isUtf8(batch.bytes.subarray(at, stop))) return;
    batch.byteLength = stop;
    line.set(part, at, stop);
  }
}
