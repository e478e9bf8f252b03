import type { AnyValue, Attributes, DecodedLogRecord } from '../../codec/otlp/decode-logs.ts';
import { printable } from '../../core/printable.ts';
import { severityName } from '../../sinks/console/severity-name.ts';

/**
 * A decoded record for people, on one line: time, severity, body and attributes, and the resource that it belongs to.
 * Text is quoted and escaped, so that nothing in a log drives a terminal.
 */
export function describeRecord(record: DecodedLogRecord, resource: Attributes): string {
  const unixMs = Number(record.timeUnixNano / 1_000_000n);
  const severity = severityName(record.severityNumber) ?? 'unknown';
  return [
    new Date(unixMs).toISOString(),
    `${severity} (${record.severityNumber})`,
    `body ${describeValue(record.body)}`,
    `attributes ${describeValue(record.attributes)}`,
    `resource ${describeValue(resource)}`,
  ].join(', ');
}

function describeValue(value: AnyValue): string {
  if (value === null) return 'none';
  if (typeof value === 'string') return quoted(value);
  if (Buffer.isBuffer(value)) return `0x${value.toString('hex')}`;
  if (value instanceof Map) {
    const fields = [...(value as Attributes)].map(([key, item]) => `${quoted(key)}: ${describeValue(item)}`);
    return `{${fields.join(', ')}}`;
  }
  if (Array.isArray(value)) return `[${value.map(describeValue).join(', ')}]`;
  return String(value);
}

function quoted(text: string): string {
  return printable(JSON.stringify(text));
}
