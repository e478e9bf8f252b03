import { ByteBuffer } from '../../bytes/byte-buffer.ts';
import { varintSize, writeVarint } from '../../bytes/varint.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import type { Resource } from '../../core/resource.ts';
import type { RequestEncoder } from '../request-encoder.ts';
import { encodeAttribute, lengthDelimited } from './attribute-field.ts';
import { LogRecordEncoder } from './log-record.ts';
import { type RecordGroup, RecordGroups } from './record-groups.ts';
import {
  REQUEST_RESOURCE_LOGS,
  RESOURCE_ATTRIBUTES,
  RESOURCE_LOGS_RESOURCE,
  RESOURCE_LOGS_SCOPE_LOGS,
  SCOPE_LOGS_SCOPE,
  SCOPE_NAME,
  SCOPE_VERSION,
} from './tags.ts';

/**
 * An ExportLogsServiceRequest in the making.
 *
 * ```
 *  out  [ headroom | record | record | record | … ]
 * ```
 * Records lie one behind the other, as they came. With one resource, as nearly always, the heads of ResourceLogs and
 * ScopeLogs go right before them into the headroom, and the body is a view. Otherwise the body is put together, each
 * resource named once.
 */
export class LogsRequestEncoder implements RequestEncoder {
  readonly contentType = 'application/x-protobuf';
  readonly #encoder = new LogRecordEncoder();
  readonly #out: ByteBuffer;
  readonly #groups = new RecordGroups();
  /** For bodies that are put together. */
  #body: ByteBuffer | undefined;
  readonly #scopeField: Buffer;
  readonly #resourceFields = new WeakMap<Resource, Buffer>();
  /** Room for the heads of all resources. */
  #headBytes = 0;

  /** `initialBytes`: how much is taken in advance; the system gives memory only where it is written. */
  constructor(scope: { scopeName: string; scopeVersion: string }, initialBytes = 64 * 1024) {
    this.#out = new ByteBuffer(initialBytes);
    const name = lengthDelimited(SCOPE_NAME, Buffer.from(scope.scopeName));
    const version = lengthDelimited(SCOPE_VERSION, Buffer.from(scope.scopeVersion));
    this.#scopeField = lengthDelimited(SCOPE_LOGS_SCOPE, Buffer.concat([name, version]));
  }

  get recordCount(): number {
    return this.#groups.count;
  }

  get byteLength(): number {
    return this.#headBytes + this.#out.length - this.#groups.start;
  }

  append(batch: RecordBatch, record: number): void {
    const { resource } = batch.stream;
    if (this.#groups.count === 0) this.#leaveHeadroom(resource);
    this.#encoder.encode(this.#out, batch, record);
    if (this.#groups.add(resource, this.#out.length)) this.#headBytes += this.#headRoom(resource);
  }

  undoAppend(): void {
    const unused = this.#groups.undo();
    if (unused !== undefined) this.#headBytes -= this.#headRoom(unused);
    this.#out.length = this.#groups.end;
  }

  body(from: number, to: number): Uint8Array {
    const resource = this.#groups.onlyResource;
    if (from === 0 && resource !== undefined) return this.#inPlace(resource, this.#groups.endOf(to - 1));
    this.#body ??= new ByteBuffer(this.#out.length);
    this.#body.length = 0;
    for (const group of this.#groups.groups(from, to)) {
      this.#body.append(this.#head(group));
      for (let i = 0; i < group.spans.length; i += 2) {
        this.#body.append(this.#out.bytes.subarray(group.spans[i]!, group.spans[i + 1]!));
      }
    }
    return this.#body.written();
  }

  clear(): void {
    this.#groups.clear();
    this.#out.length = 0;
    this.#headBytes = 0;
  }

  #leaveHeadroom(resource: Resource): void {
    this.#out.length = this.#headRoom(resource);
    this.#out.reserve(0, this.#out.length);
    this.#groups.clear(this.#out.length);
  }

  #inPlace(resource: Resource, end: number): Uint8Array {
    const head = this.#head({ resource, byteLength: end - this.#groups.start });
    const start = this.#groups.start - head.length;
    this.#out.bytes.set(head, start);
    return this.#out.bytes.subarray(start, end);
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

  /** The most that the heads before the records of a resource take: two tags with lengths of up to five bytes. */
  #headRoom(resource: Resource): number {
    return 12 + this.#resourceField(resource).length + this.#scopeField.length;
  }

  /** All that stands before the records of one resource. */
  #head({ resource, byteLength }: Pick<RecordGroup, 'resource' | 'byteLength'>): Buffer {
    const resourceField = this.#resourceField(resource);
    const scopeLogs = this.#scopeField.length + byteLength;
    const resourceLogs = resourceField.length + 1 + varintSize(scopeLogs) + scopeLogs;
    const head = Buffer.allocUnsafe(this.#headRoom(resource));
    head[0] = REQUEST_RESOURCE_LOGS;
    let at = writeVarint(head, 1, resourceLogs);
    at += resourceField.copy(head, at);
    head[at] = RESOURCE_LOGS_SCOPE_LOGS;
    at = writeVarint(head, at + 1, scopeLogs);
    at += this.#scopeField.copy(head, at);
    return head.subarray(0, at);
  }
}
