import { findByte } from '../../bytes/find-byte.ts';
import { ExceptionSpans } from '../../codec/stack-trace/exception-spans.ts';
import { findException } from '../../codec/stack-trace/find-exception.ts';
import { lineEnd, trimmedEnd } from '../../codec/stack-trace/lines.ts';
import type { Stage } from '../../core/contracts.ts';
import type { KeyTable } from '../../core/key-table.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import { ValueType } from '../../core/value-type.ts';

export interface ExceptionStageOptions {
  /** Keys of attributes; none: the body. */
  readonly fields: readonly number[];
  readonly keep: boolean;
  readonly shortenBody: boolean;
}

const NEWLINE = 0x0a;
const BACKSLASH = 0x5c;

/** Describes the exception whose stack trace a record holds. 50 ns for a line of 200 bytes. */
export class ExceptionStage implements Stage {
  readonly #options: ExceptionStageOptions;
  readonly #type: number;
  readonly #message: number;
  readonly #stacktrace: number;
  readonly #found = new ExceptionSpans();

  constructor(options: ExceptionStageOptions, keys: KeyTable) {
    this.#options = options;
    this.#type = keys.internText('exception.type');
    this.#message = keys.internText('exception.message');
    this.#stacktrace = keys.internText('exception.stacktrace');
  }

  process(batch: RecordBatch): void {
    const { fields } = this.#options;
    for (let record = 0; record < batch.count; record++) {
      if (!batch.isLive(record)) continue;
      if (fields.length > 0) this.#readFields(batch, record, fields);
      else if (batch.bodyType[record] === ValueType.String) this.#readBody(batch, record);
    }
  }

  #readBody(batch: RecordBatch, record: number): void {
    const start = batch.bodyStart[record]!;
    const end = batch.bodyEnd[record]!;
    if (!this.#find(batch, start, end)) return;
    this.#setAttributes(batch, record, end);
    if (this.#options.shortenBody) this.#shortenBody(batch, record, start, end);
  }

  #readFields(batch: RecordBatch, record: number, fields: readonly number[]): void {
    for (const key of fields) {
      const row = batch.find(record, key);
      if (row === 0 || batch.attributeType[row] !== ValueType.String) continue;
      const end = batch.attributeEnd[row]!;
      if (!this.#find(batch, batch.attributeStart[row]!, end)) continue;
      if (!this.#options.keep) batch.remove(record, key);
      this.#setAttributes(batch, record, end);
      return;
    }
  }

  #find(batch: RecordBatch, start: number, end: number): boolean {
    return findByte(batch.view, NEWLINE, start, end) < end && findException(batch.bytes, start, end, this.#found);
  }

  #setAttributes(batch: RecordBatch, record: number, end: number): void {
    const { traceStart, typeStart, typeEnd, messageStart, messageEnd } = this.#found;
    const stacktraceEnd = trimmedEnd(batch.bytes, traceStart, end);
    if (typeEnd > typeStart) this.#setType(batch, record, typeStart, typeEnd);
    if (messageEnd > messageStart) batch.setSpan(record, this.#message, ValueType.String, messageStart, messageEnd);
    batch.setSpan(record, this.#stacktrace, ValueType.String, traceStart, stacktraceEnd);
  }

  /** Of Laravel the name stands inside JSON: `App\\Failed`. */
  #setType(batch: RecordBatch, record: number, start: number, end: number): void {
    const { bytes } = batch;
    let isDoubled = false;
    for (let at = start; at + 1 < end; at++) isDoubled ||= bytes[at] === BACKSLASH && bytes[at + 1] === BACKSLASH;
    if (isDoubled) {
      start = batch.appendText(batch.text(start, end).replaceAll('\\\\', '\\'));
      end = batch.byteLength;
    }
    batch.setSpan(record, this.#type, ValueType.String, start, end);
  }

  #shortenBody(batch: RecordBatch, record: number, start: number, end: number): void {
    const { traceStart, typeStart, typeEnd, messageStart, messageEnd } = this.#found;
    const { bytes } = batch;
    let to = trimmedEnd(bytes, start, traceStart);
    if (to === start) {
      // Ruby writes the message first: `main.rb:1:in 'pay': no stock (OutOfStock)`.
      const isMessageFirst = messageEnd > messageStart && messageStart < typeStart;
      start = typeEnd > typeStart && !isMessageFirst ? typeStart : messageStart;
      to = trimmedEnd(bytes, start, lineEnd(bytes, start, end));
    }
    batch.setBody(record, ValueType.String, start, to);
  }
}
