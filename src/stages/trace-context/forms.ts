/** What an attribute with a part of a trace context may hold. */
export const FORMS = [
  'traceparent',
  'trace_id',
  'span_id',
  'trace_flags',
  'sampled',
  'b3',
  'datadog_trace_id',
  'datadog_span_id',
] as const;

/** One of the forms. */
export type Form = (typeof FORMS)[number];

/** The attributes that loggers and tracers write, by form, best first. */
export const KNOWN_NAMES: Readonly<Record<Form, readonly string[]>> = {
  traceparent: ['traceparent', 'traceParent'],
  trace_id: [
    ...['trace_id', 'traceId', 'TraceId', 'traceID', 'trace.id'],
    ...['otelTraceID', 'X-B3-TraceId', 'x-b3-traceid'],
  ],
  span_id: ['span_id', 'spanId', 'SpanId', 'spanID', 'span.id', 'otelSpanID', 'X-B3-SpanId', 'x-b3-spanid'],
  trace_flags: ['trace_flags', 'traceFlags', 'TraceFlags'],
  sampled: ['otelTraceSampled', 'X-B3-Sampled', 'x-b3-sampled'],
  b3: ['b3'],
  datadog_trace_id: ['dd.trace_id'],
  datadog_span_id: ['dd.span_id'],
};
