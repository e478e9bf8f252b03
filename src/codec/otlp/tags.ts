/**
 * Tags of the messages that the encoders write: field number * 8 + wire type (0 varint, 1 fixed64, 2 length-delimited,
 * 5 fixed32). Source: opentelemetry-proto 1.11, collector/logs/v1, logs/v1, resource/v1 and common/v1.
 */
export const REQUEST_RESOURCE_LOGS = 0x0a; // ExportLogsServiceRequest 1

export const RESOURCE_LOGS_RESOURCE = 0x0a; // ResourceLogs 1
export const RESOURCE_LOGS_SCOPE_LOGS = 0x12; // ResourceLogs 2
export const RESOURCE_ATTRIBUTES = 0x0a; // Resource 1

export const SCOPE_LOGS_SCOPE = 0x0a; // ScopeLogs 1
export const SCOPE_LOGS_LOG_RECORDS = 0x12; // ScopeLogs 2
export const SCOPE_NAME = 0x0a; // InstrumentationScope 1
export const SCOPE_VERSION = 0x12; // InstrumentationScope 2

export const RECORD_TIME_UNIX_NANO = 0x09; // LogRecord 1, fixed64
export const RECORD_SEVERITY_NUMBER = 0x10; // LogRecord 2, enum
export const RECORD_SEVERITY_TEXT = 0x1a; // LogRecord 3, string
export const RECORD_BODY = 0x2a; // LogRecord 5, AnyValue
export const RECORD_ATTRIBUTES = 0x32; // LogRecord 6, KeyValue
export const RECORD_FLAGS = 0x45; // LogRecord 8, fixed32
export const RECORD_TRACE_ID = 0x4a; // LogRecord 9, bytes
export const RECORD_SPAN_ID = 0x52; // LogRecord 10, bytes
export const RECORD_OBSERVED_TIME_UNIX_NANO = 0x59; // LogRecord 11, fixed64

export const STRING_VALUE = 0x0a; // AnyValue 1, string
export const BOOL_VALUE = 0x10; // AnyValue 2, bool
export const INT_VALUE = 0x18; // AnyValue 3, int64
export const DOUBLE_VALUE = 0x21; // AnyValue 4, double
export const ARRAY_VALUE = 0x2a; // AnyValue 5
export const KVLIST_VALUE = 0x32; // AnyValue 6
export const LIST_VALUES = 0x0a; // ArrayValue 1, KeyValueList 1
export const KEY = 0x0a; // KeyValue 1
export const VALUE = 0x12; // KeyValue 2
