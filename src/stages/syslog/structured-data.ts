import { type StructuredDataVisitor, unescapeParameter } from '../../codec/syslog/structured-data.ts';
import { LOCAL_KEY_BASE } from '../../core/key-table.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import { ValueType } from '../../core/value-type.ts';
import type { AttributeWriter } from '../attribute-writer.ts';

const PREFIX = Buffer.from('syslog.structured_data.');
const POINT = 0x2e;
const BACKSLASH = 0x5c;

/**
 * Writes structured data as attributes `syslog.structured_data.<id>.<name>`: one a parameter, so that every stage can
 * name it. An element without parameters is an empty text under its id; of a parameter that comes twice the last counts.
 */
export class StructuredData implements StructuredDataVisitor {
  readonly #writer: AttributeWriter;
  #batch!: RecordBatch;
  #record = 0;

  constructor(writer: AttributeWriter) {
    this.#writer = writer;
  }

  begin(batch: RecordBatch, record: number): void {
    this.#batch = batch;
    this.#record = record;
  }

  emptyElement(idStart: number, idEnd: number): void {
    const key = this.#internKey(idStart, idEnd, 0, 0);
    this.#writer.set(this.#batch, this.#record, key, ValueType.String, idEnd, idEnd);
  }

  parameter(
    idStart: number,
    idEnd: number,
    nameStart: number,
    nameEnd: number,
    valueStart: number,
    valueEnd: number,
  ): void {
    const batch = this.#batch;
    const key = this.#internKey(idStart, idEnd, nameStart, nameEnd);
    let start = valueStart;
    let end = valueEnd;
    if (hasBackslash(batch.bytes, valueStart, valueEnd)) {
      batch.reserve(valueEnd - valueStart);
      start = batch.byteLength;
      end = batch.byteLength = unescapeParameter(batch.bytes, valueStart, valueEnd, batch.bytes, start);
    }
    this.#writer.set(batch, this.#record, key, ValueType.String, start, end);
  }

  #internKey(idStart: number, idEnd: number, nameStart: number, nameEnd: number): number {
    const batch = this.#batch;
    batch.reserve(PREFIX.length + idEnd - idStart + 1 + nameEnd - nameStart);
    const { bytes } = batch;
    const start = batch.byteLength;
    let at = start;
    for (let i = 0; i < PREFIX.length; i++) bytes[at++] = PREFIX[i]!;
    for (let i = idStart; i < idEnd; i++) bytes[at++] = bytes[i]!;
    if (nameEnd > nameStart) bytes[at++] = POINT;
    for (let i = nameStart; i < nameEnd; i++) bytes[at++] = bytes[i]!;
    const key = batch.internKey(start, at);
    // The table has a copy of it; without room in the table these bytes are the key.
    if (key >= LOCAL_KEY_BASE) batch.byteLength = at;
    return key;
  }
}

function hasBackslash(bytes: Uint8Array, at: number, end: number): boolean {
  while (at < end && bytes[at] !== BACKSLASH) at++;
  return at < end;
}
