import { ByteBuffer } from '../../bytes/byte-buffer.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import type { Resource } from '../../core/resource.ts';
import { appendJsonText } from '../json/write-string.ts';
import type { RequestEncoder } from '../request-encoder.ts';
import { appendAscii, appendAttribute } from './json-attribute.ts';
import { JsonLogRecordEncoder } from './json-log-record.ts';
import { RecordGroups } from './record-groups.ts';

const REQUEST_START = Buffer.from('{"resourceLogs":[');
const REQUEST_END = Buffer.from(']}');
const GROUP_END = Buffer.from(']}]}');
const COMMA = 0x2c;

/**
 * An ExportLogsServiceRequest in OTLP/JSON in the making. The text of LogsData, which is the form of files, is the same.
 *
 * ```
 *  records  {record},{record},{record},        as they came, each with the comma behind it
 *  body     {"resourceLogs":[ {"resource":…,"scopeLogs":[{"scope":…,"logRecords":[  {record},{record}  ]}]} , … ]}
 * ```
 */
export class LogsJsonRequestEncoder implements RequestEncoder {
  readonly contentType = 'application/json';
  readonly #records: ByteBuffer;
  readonly #encoder: JsonLogRecordEncoder;
  readonly #groups = new RecordGroups();
  /** What stands before the records of a resource. */
  readonly #heads = new WeakMap<Resource, Buffer>();
  readonly #scope: { readonly scopeName: string; readonly scopeVersion: string };
  /** Bytes of everything around the records, but for the start and end of the request. */
  #groupBytes = 0;

  /** `initialBytes`: how much is taken in advance; the system gives memory only where it is written. */
  constructor(scope: { scopeName: string; scopeVersion: string }, initialBytes = 64 * 1024) {
    this.#records = new ByteBuffer(initialBytes);
    this.#encoder = new JsonLogRecordEncoder(this.#records);
    this.#scope = scope;
  }

  get recordCount(): number {
    return this.#groups.count;
  }

  get byteLength(): number {
    return REQUEST_START.length + this.#groupBytes + this.#groups.end + REQUEST_END.length;
  }

  append(batch: RecordBatch, record: number): void {
    const records = this.#records;
    this.#encoder.append(batch, record);
    records.reserve(records.length, 1);
    records.bytes[records.length++] = COMMA;
    const { resource } = batch.stream;
    if (this.#groups.add(resource, records.length)) this.#groupBytes += this.#bytesAround(resource);
  }

  undoAppend(): void {
    const unused = this.#groups.undo();
    if (unused !== undefined) this.#groupBytes -= this.#bytesAround(unused);
    this.#records.length = this.#groups.end;
  }

  body(from: number, to: number): Uint8Array {
    const groups = this.#groups.groups(from, to);
    // The comma behind the last record of a group moves behind the group, and the last group has none.
    let length = REQUEST_START.length + REQUEST_END.length - Math.min(groups.length, 1);
    for (const { resource, byteLength } of groups) length += this.#bytesAround(resource) + byteLength;

    const body = Buffer.allocUnsafeSlow(length);
    const { bytes } = this.#records;
    let at = REQUEST_START.copy(body);
    for (const [index, { resource, spans }] of groups.entries()) {
      if (index > 0) body[at++] = COMMA;
      at += this.#headOf(resource).copy(body, at);
      for (let i = 0; i < spans.length; i += 2) at += bytes.copy(body, at, spans[i]!, spans[i + 1]!);
      at += GROUP_END.copy(body, at - 1) - 1;
    }
    REQUEST_END.copy(body, at);
    return body;
  }

  clear(): void {
    this.#groups.clear();
    this.#records.length = 0;
    this.#groupBytes = 0;
  }

  /** Bytes of a resource in a request beside its records. */
  #bytesAround(resource: Resource): number {
    return this.#headOf(resource).length + GROUP_END.length;
  }

  #headOf(resource: Resource): Buffer {
    let head = this.#heads.get(resource);
    if (head === undefined) {
      head = encodeHead(resource, this.#scope);
      this.#heads.set(resource, head);
    }
    return head;
  }
}

function encodeHead(resource: Resource, scope: { scopeName: string; scopeVersion: string }): Buffer {
  const out = new ByteBuffer();
  appendAscii(out, '{"resource":{"attributes":[');
  let isFirst = true;
  for (const [key, value] of resource.attributes) {
    if (!isFirst) appendAscii(out, ',');
    appendAttribute(out, key, value);
    isFirst = false;
  }
  appendAscii(out, ']},"scopeLogs":[{"scope":{"name":');
  appendJsonText(out, scope.scopeName);
  appendAscii(out, ',"version":');
  appendJsonText(out, scope.scopeVersion);
  appendAscii(out, '},"logRecords":[');
  return Buffer.from(out.written());
}
