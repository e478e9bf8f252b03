import { ByteBuffer } from '../bytes/byte-buffer.ts';
import { RecordValueWriter } from '../codec/json/record-value.ts';
import { isoNanoText } from '../codec/json/unix-nano-text.ts';
import { marksOf } from '../codec/otlp/marks.ts';
import { NO_SPAN, type RecordBatch } from '../core/record-batch.ts';
import { ValueType } from '../core/value-type.ts';

/**
 * What a record holds, as a person compares it: the name of each field with its value as JSON, whose numbers have the
 * digits that they came with. Attributes are called `attributes.<key>`; what the record does not have is left out.
 */
export type RecordFields = ReadonlyMap<string, string>;

const SEVERITIES = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
const ATTRIBUTE = 'attributes.';

/** The fields of a record, in the order in which they are shown. Makes garbage. */
export function fieldsOf(batch: RecordBatch, record: number): RecordFields {
  const fields = new Map<string, string>();
  const out = new ByteBuffer(256);
  const values = new RecordValueWriter(out);
  const jsonOf = (type: number, start: number, end: number): string => {
    out.length = 0;
    values.append(batch.bytes, type, start, end);
    return out.written().toString();
  };
  const [low, high] = [batch.time[2 * record]!, batch.time[2 * record + 1]!];
  if (low !== 0 || high !== 0) fields.set('time', JSON.stringify(isoNanoText(low, high)));
  const severity = batch.severityNumber[record]!;
  if (severity > 0) fields.set('severity', JSON.stringify(severityText(severity)));
  const [start, end] = [batch.severityStart[record]!, batch.severityEnd[record]!];
  if (end > start) fields.set('severity_text', jsonOf(ValueType.String, start, end));
  fields.set('body', jsonOf(batch.bodyType[record]!, batch.bodyStart[record]!, batch.bodyEnd[record]!));
  for (let row = batch.firstAttribute[record]!; row !== 0; row = batch.attributeNext[row]!) {
    const value = jsonOf(batch.attributeType[row]!, batch.attributeStart[row]!, batch.attributeEnd[row]!);
    fields.set(`${ATTRIBUTE}${batch.keyText(batch.attributeKey[row]!)}`, value);
  }
  const hex = (at: number, length: number): string => JSON.stringify(batch.bytes.toString('hex', at, at + length));
  if (batch.traceId[record] !== NO_SPAN) fields.set('trace_id', hex(batch.traceId[record]!, 16));
  if (batch.spanId[record] !== NO_SPAN) fields.set('span_id', hex(batch.spanId[record]!, 8));
  if (batch.traceFlags[record] !== 0) fields.set('trace_flags', String(batch.traceFlags[record]));
  const marks = marksOf(batch.flags[record]!);
  if (marks.length > 0) fields.set('marks', JSON.stringify(marks));
  return fields;
}

/** The fields as one JSON object on a line, attributes as an object inside. */
export function toLine(fields: RecordFields): string {
  const parts: string[] = [];
  const attributes: string[] = [];
  for (const [name, value] of fields) {
    if (!name.startsWith(ATTRIBUTE)) parts.push(`${JSON.stringify(name)}:${value}`);
    else attributes.push(`${JSON.stringify(name.slice(ATTRIBUTE.length))}:${value}`);
  }
  if (attributes.length > 0) parts.push(`"attributes":{${attributes.join(',')}}`);
  return `{${parts.join(',')}}`;
}

/** What `toLine()` has written. Throws a SyntaxError for a line that is no JSON object. */
export function fromLine(line: string): RecordFields {
  const fields = new Map<string, string>();
  const add = (name: string, value: unknown): void => void fields.set(name, stringify(value));
  const object = parse(line);
  if (typeof object !== 'object' || object === null) throw new SyntaxError('no JSON object');
  for (const [name, value] of Object.entries(object)) {
    if (name !== 'attributes') add(name, value);
    else for (const [key, attribute] of Object.entries(Object(value))) add(`${ATTRIBUTE}${key}`, attribute);
  }
  return fields;
}

/** `INFO`, `INFO2`. */
function severityText(number: number): string {
  const step = (number - 1) % 4;
  return `${SEVERITIES[Math.floor((number - 1) / 4)]}${step === 0 ? '' : step + 1}`;
}

/** A number of JSON by its digits. */
class Digits {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

function parse(line: string): unknown {
  const keepDigits = (_: string, value: unknown, context?: { source?: string }): unknown =>
    typeof value === 'number' ? new Digits(context?.source ?? String(value)) : value;
  return JSON.parse(line, keepDigits) as unknown;
}

function stringify(value: unknown): string {
  if (value instanceof Digits) return value.text;
  if (Array.isArray(value)) return `[${value.map(stringify).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, inner]) => `${JSON.stringify(key)}:${stringify(inner)}`)
    .join(',')}}`;
}
