import { ByteBuffer } from '../../bytes/byte-buffer.ts';
import { varintSize, writeVarint } from '../../bytes/varint.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import type { Resource } from '../../core/resource.ts';
import type { RequestEncoder } from '../request-encoder.ts';
import { encodeAttribute, lengthDelimited } from './attribute-field.ts';
import { LogRecordEncoder } from './log-record.ts';
import {
  REQUEST_RESOURCE_LOGS,
  RESOURCE_ATTRIBUTES,
  RESOURCE_LOGS_RESOURCE,
  RESOURCE_LOGS_SCOPE_LOGS,
  SCOPE_LOGS_SCOPE,
  SCOPE_NAME,
  SCOPE_VERSION,
} from './tags.ts';

/** The records of one resource in a request. */
interface ResourceGroup {
  readonly resource: Resource;
  /** ResourceLogs.resource, whole. */
  readonly resourceField: Buffer;
}

/**
 * An ExportLogsServiceRequest in the making.
 *
 * ```
 *  out  [ headroom | record | record | record | … ]
 *                  ^ends[0] ^ends[1] …                     groupOf: which resource each record belongs to
 * ```
 * Records lie one behind the other, as they came. With one resource, as nearly always, the heads of ResourceLogs and
 * ScopeLogs go right before them into the headroom, and the body is a view. With more, the body is put together a
 * resource at a time, each named once.
 */
export class LogsRequestEncoder implements RequestEncoder {
  readonly contentType = 'application/x-protobuf';
  readonly #records = new LogRecordEncoder();
  readonly #out = new ByteBuffer(64 * 1024);
  readonly #scopeField: Buffer;
  readonly #resourceFields = new WeakMap<Resource, Buffer>();
  #groups: ResourceGroup[] = [];
  #groupOf = new Uint16Array(1024);
  /** Where each record ends in `out`; element 0 is where the first one starts. */
  #ends = new Uint32Array(1025);
  #count = 0;

  constructor(scope: { scopeName: string; scopeVersion: string }) {
    const name = lengthDelimited(SCOPE_NAME, Buffer.from(scope.scopeName));
    const version = lengthDelimited(SCOPE_VERSION, Buffer.from(scope.scopeVersion));
    this.#scopeField = lengthDelimited(SCOPE_LOGS_SCOPE, Buffer.concat([name, version]));
  }

  get recordCount(): number {
    return this.#count;
  }

  get byteLength(): number {
    let heads = 0;
    for (const group of this.#groups) heads += this.#headRoom(group);
    return heads + this.#ends[this.#count]! - this.#ends[0]!;
  }

  append(batch: RecordBatch, record: number): void {
    const group = this.#groupFor(batch.stream.resource);
    const index = this.#count++;
    if (index === this.#groupOf.length) this.#growIndex();
    this.#groupOf[index] = group;
    this.#records.encode(this.#out, batch, record);
    this.#ends[index + 1] = this.#out.length;
  }

  undoAppend(): void {
    const group = this.#groupOf[--this.#count]!;
    this.#out.length = this.#ends[this.#count]!;
    const isUsed = this.#groupOf.subarray(0, this.#count).includes(group);
    if (!isUsed) this.#groups.pop();
  }

  body(from: number, to: number): Uint8Array {
    if (from === 0 && this.#groups.length === 1) return this.#wholeInPlace(to);
    const parts: Uint8Array[] = [];
    for (const [index, group] of this.#groups.entries()) {
      const spans = this.#spansOf(index, from, to);
      let length = 0;
      for (const span of spans) length += span.length;
      if (length > 0) parts.push(this.#head(group, length), ...spans);
    }
    return Buffer.concat(parts);
  }

  clear(): void {
    this.#count = 0;
    this.#groups = [];
    this.#out.length = 0;
  }

  #groupFor(resource: Resource): number {
    const last = this.#count === 0 ? 0 : this.#groupOf[this.#count - 1]!;
    if (this.#groups[last]?.resource === resource) return last;
    const known = this.#groups.findIndex((group) => group.resource === resource);
    if (known >= 0) return known;
    const group = { resource, resourceField: this.#resourceField(resource) };
    if (this.#groups.length === 0) {
      this.#out.length = this.#headRoom(group);
      this.#out.reserve(0, this.#out.length);
      this.#ends[0] = this.#out.length;
    }
    return this.#groups.push(group) - 1;
  }

  #resourceField(resource: Resource): Buffer {
    let field = this.#resourceFields.get(resource);
    if (field === undefined) {
      const attributes = [...resource.attributes].map(([key, value]) =>
        encodeAttribute(RESOURCE_ATTRIBUTES, key, value),
      );
      field = lengthDelimited(RESOURCE_LOGS_RESOURCE, Buffer.concat(attributes));
      this.#resourceFields.set(resource, field);
    }
    return field;
  }

  /** The most that the heads before the records of a group take: two tags with lengths of up to five bytes. */
  #headRoom(group: ResourceGroup): number {
    return 12 + group.resourceField.length + this.#scopeField.length;
  }

  #wholeInPlace(to: number): Uint8Array {
    const group = this.#groups[0]!;
    const start = this.#ends[0]!;
    const end = this.#ends[to]!;
    const head = this.#head(group, end - start);
    this.#out.bytes.set(head, start - head.length);
    return this.#out.bytes.subarray(start - head.length, end);
  }

  /** All that stands before `length` bytes of records of one group. */
  #head(group: ResourceGroup, length: number): Buffer {
    const scopeLogs = this.#scopeField.length + length;
    const resourceLogs = group.resourceField.length + 1 + varintSize(scopeLogs) + scopeLogs;
    const head = Buffer.allocUnsafe(this.#headRoom(group));
    head[0] = REQUEST_RESOURCE_LOGS;
    let at = writeVarint(head, 1, resourceLogs);
    at += group.resourceField.copy(head, at);
    head[at] = RESOURCE_LOGS_SCOPE_LOGS;
    at = writeVarint(head, at + 1, scopeLogs);
    at += this.#scopeField.copy(head, at);
    return head.subarray(0, at);
  }

  /** The records of a group among [from, to), neighbours in one span. */
  #spansOf(group: number, from: number, to: number): Uint8Array[] {
    const spans: Uint8Array[] = [];
    for (let first = from; first < to; first++) {
      if (this.#groupOf[first] !== group) continue;
      let last = first;
      while (last + 1 < to && this.#groupOf[last + 1] === group) last++;
      spans.push(this.#out.bytes.subarray(this.#ends[first]!, this.#ends[last + 1]!));
      first = last;
    }
    return spans;
  }

  #growIndex(): void {
    const groupOf = new Uint16Array(2 * this.#groupOf.length);
    groupOf.set(this.#groupOf);
    this.#groupOf = groupOf;
    const ends = new Uint32Array(2 * this.#ends.length);
    ends.set(this.#ends);
    this.#ends = ends;
  }
}
