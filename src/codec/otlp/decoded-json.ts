import type { AnyValue, Attributes, DecodedLogRecord, DecodedLogs } from './decode-logs.ts';

/**
 * A decoded request as OTLP/JSON, on one line. What has protobuf's default is left out. For what is rare, such as a
 * record that is set aside: it makes an object a value. O(values).
 */
export function logsToJson({ resourceLogs }: DecodedLogs): string {
  return JSON.stringify({
    resourceLogs: resourceLogs.map(({ resource, scopeLogs, schemaUrl }) => ({
      resource: attributed(resource),
      scopeLogs: scopeLogs.map(({ scope, logRecords, schemaUrl }) => ({
        scope: { name: scope.name, version: scope.version || undefined, ...attributed(scope) },
        logRecords: logRecords.map(recordOf),
        schemaUrl: schemaUrl || undefined,
      })),
      schemaUrl: schemaUrl || undefined,
    })),
  });
}

function recordOf(record: DecodedLogRecord): object {
  return {
    timeUnixNano: String(record.timeUnixNano),
    observedTimeUnixNano: String(record.observedTimeUnixNano),
    severityNumber: record.severityNumber || undefined,
    severityText: record.severityText || undefined,
    body: record.body === null ? undefined : anyValueOf(record.body),
    ...attributed(record),
    flags: record.flags || undefined,
    traceId: record.traceId || undefined,
    spanId: record.spanId || undefined,
    eventName: record.eventName || undefined,
  };
}

function attributed(holder: { readonly attributes: Attributes; readonly droppedAttributesCount: number }): object {
  return {
    attributes: pairsOf(holder.attributes),
    droppedAttributesCount: holder.droppedAttributesCount || undefined,
  };
}

function pairsOf(attributes: Attributes): object[] {
  return [...attributes].map(([key, value]) => ({ key, value: anyValueOf(value) }));
}

function anyValueOf(value: AnyValue): object {
  if (value === null) return {};
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'bigint') return { intValue: String(value) };
  // What JSON has no number for is text: "NaN", "Infinity", "-Infinity".
  if (typeof value === 'number') return { doubleValue: Number.isFinite(value) ? value : String(value) };
  if (Buffer.isBuffer(value)) return { bytesValue: value.toString('base64') };
  if (value instanceof Map) return { kvlistValue: { values: pairsOf(value) } };
  return { arrayValue: { values: [...(value as readonly AnyValue[])].map(anyValueOf) } };
}
