import { isUtf8 } from 'node:buffer';
import { setUnixNano } from '../../bytes/unix-nano.ts';
import { AccessLine, COMMON_PART_COUNT, Escaped, PART_COUNT, Part } from '../../codec/clf/access-line.ts';
import { ClfTime } from '../../codec/clf/clf-time.ts';
import { type ClfFormat, parseAccessLine } from '../../codec/clf/parse-line.ts';
import { splitTarget } from '../../codec/clf/split-target.ts';
import { unescapeAccess } from '../../codec/clf/unescape.ts';
import type { StageContext } from '../../component/definition.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import { ValueType } from '../../core/value-type.ts';
import { removeReplaced } from '../attribute-writer.ts';
import type { TextReader } from '../parser.ts';

/**
 * The attributes that parts become; `clf.request` alone has no name in the semantic conventions, in which headers are
 * lists, as a request may have one twice.
 */
const NAMES: Readonly<Record<keyof typeof Part, readonly [name: string, type: ValueType]>> = {
  Client: ['client.address', ValueType.String],
  User: ['user.name', ValueType.String],
  Method: ['http.request.method', ValueType.String],
  Path: ['url.path', ValueType.String],
  Query: ['url.query', ValueType.String],
  Version: ['network.protocol.version', ValueType.String],
  Status: ['http.response.status_code', ValueType.Int],
  Size: ['http.response.body.size', ValueType.Int],
  Referer: ['http.request.header.referer', ValueType.TextList],
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
    if ((line.escaped & Escaped.Referer) !== 0 && this.#sets(Part.Referer)) this.#unescape(batch, Part.Referer);
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
