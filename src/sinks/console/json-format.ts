import { ByteBuffer } from '../../bytes/byte-buffer.ts';
import { RecordValueWriter } from '../../codec/json/record-value.ts';
import { isoNanoText } from '../../codec/json/unix-nano-text.ts';
import { appendJsonString, appendJsonText } from '../../codec/json/write-string.ts';
import { marksOf } from '../../codec/otlp/marks.ts';
import { NO_SPAN, type RecordBatch } from '../../core/record-batch.ts';
import type { Resource, ResourceValue } from '../../core/resource.ts';
import type { RecordFormat } from './format.ts';
import { severityName } from './severity-name.ts';

/**
 * Records for programs, a JSON object a line, as people would write them; not OTLP. Numbers keep their digits.
 *
 * ```
 * {"time":"2026-01-02T03:04:05.678000000Z","severity":"error","severity_number":17,"body":"request failed",
 *  "attributes":{"http.route":"/cart"},"resource":{"service.name":"checkout"},"trace_id":"…","marks":["truncated"]}
 * ```
 * What a record does not have is left out; a record without a time has the time at which it was read.
 */
export class JsonFormat implements RecordFormat {
  readonly #out = new ByteBuffer(64 * 1024);
  readonly #values = new RecordValueWriter(this.#out);
  readonly #resources = new WeakMap<Resource, string>();

  render(batch: RecordBatch): string {
    this.#out.length = 0;
    const resource = this.#resourceOf(batch.stream.resource);
    for (let record = 0; record < batch.count; record++) {
      if (batch.isLive(record)) this.#line(batch, record, resource);
    }
    return this.#out.written().toString();
  }

  #line(batch: RecordBatch, record: number, resource: string): void {
    this.#append(`{"time":"${timeOf(batch, record)}"`);
    this.#severity(batch, record);
    this.#append(',"body":');
    this.#values.append(batch.bytes, batch.bodyType[record]!, batch.bodyStart[record]!, batch.bodyEnd[record]!);
    this.#attributes(batch, record);
    this.#append(resource);
    const traceId = batch.traceId[record]!;
    const spanId = batch.spanId[record]!;
    if (traceId !== NO_SPAN) this.#append(`,"trace_id":"${batch.bytes.toString('hex', traceId, traceId + 16)}"`);
    if (spanId !== NO_SPAN) this.#append(`,"span_id":"${batch.bytes.toString('hex', spanId, spanId + 8)}"`);
    const marks = marksOf(batch.flags[record]!);
    if (marks.length > 0) this.#append(`,"marks":${JSON.stringify(marks)}`);
    this.#append('}\n');
  }

  #severity(batch: RecordBatch, record: number): void {
    const severityNumber = batch.severityNumber[record]!;
    const start = batch.severityStart[record]!;
    const end = batch.severityEnd[record]!;
    const name = severityName(severityNumber);
    if (end > start) {
      this.#append(',"severity":');
      appendJsonString(this.#out, batch.bytes, start, end);
    } else if (name !== undefined) {
      this.#append(`,"severity":"${name}"`);
    }
    if (severityNumber !== 0) this.#append(`,"severity_number":${severityNumber}`);
  }

  #attributes(batch: RecordBatch, record: number): void {
    let row = batch.firstAttribute[record]!;
    if (row === 0) return;
    for (let before = ',"attributes":{'; row !== 0; row = batch.attributeNext[row]!, before = ',') {
      this.#append(before);
      const key = batch.keyBytes(batch.attributeKey[row]!);
      appendJsonString(this.#out, key, 0, key.length);
      this.#append(':');
      const type = batch.attributeType[row]!;
      this.#values.append(batch.bytes, type, batch.attributeStart[row]!, batch.attributeEnd[row]!);
    }
    this.#append('}');
  }

  /** `,"resource":{…}`, made once a resource; empty for one without attributes. */
  #resourceOf(resource: Resource): string {
    let text = this.#resources.get(resource);
    if (text === undefined) {
      const pairs = [...resource.attributes].map(([key, value]) => `${jsonText(key)}:${jsonText(value)}`);
      text = pairs.length === 0 ? '' : `,"resource":{${pairs.join(',')}}`;
      this.#resources.set(resource, text);
    }
    return text;
  }

  #append(text: string): void {
    const out = this.#out;
    out.reserve(out.length, 3 * text.length);
    out.length += out.bytes.write(text, out.length, 'utf8');
  }
}

function timeOf(batch: RecordBatch, record: number): string {
  const low = batch.time[2 * record]!;
  const high = batch.time[2 * record + 1]!;
  if (low !== 0 || high !== 0) return isoNanoText(low, high);
  return new Date(batch.observedUnixMs).toISOString().replace('Z', '000000Z');
}

function jsonText(value: ResourceValue): string {
  if (typeof value === 'object') return `[${value.map(jsonText).join(',')}]`;
  if (typeof value !== 'string') return JSON.stringify(value);
  const out = new ByteBuffer();
  appendJsonText(out, value);
  return out.written().toString();
}
