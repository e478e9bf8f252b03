import { type Span as ApiSpan, DiagLogLevel, diag, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Span, SpanAttributes, Tracer } from './tracer.ts';
import { VERSION } from './version.ts';

const KINDS = { client: SpanKind.CLIENT, internal: SpanKind.INTERNAL };

/** How long the end waits for the receiver. */
const END_MS = 2000;

/**
 * How long a request may take, with its repeats; in place of `OTEL_EXPORTER_OTLP_TIMEOUT`. They cannot be broken off, and
 * a process that has not ended two seconds after its last word is killed.
 */
const TIMEOUT_MS = 3000;

/** What the spans of the agent are sent with. */
export interface OtlpTracerOptions {
  /** What the agent runs in. */
  readonly attributes: Readonly<Record<string, string | number | boolean | string[]>>;
  /** Is told what the exporter has to complain about; it may be often. */
  readonly onProblem: (message: string) => void;
}

/**
 * A tracer that sends spans by OTLP over HTTP, as JSON, to where the variables `OTEL_EXPORTER_OTLP_*` say. Its own
 * requests go another way than those of the sinks, so no span is about the sending of spans.
 *
 * Loaded only when it is used: 5 MB. The distribution for Node (`sdk-node`) takes 31 MB, because it holds exporters for
 * all signals and protocols.
 */
export function openOtlpTracer({ attributes, onProblem }: OtlpTracerOptions): Tracer {
  const say = (message: string): void => onProblem(message);
  diag.setLogger({ error: say, warn: say, info() {}, debug() {}, verbose() {} }, { logLevel: DiagLogLevel.WARN });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ ...attributes, 'service.name': 'pillion', 'service.version': VERSION }),
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ timeoutMillis: TIMEOUT_MS }) })],
  });
  const tracer = provider.getTracer('pillion', VERSION);
  return {
    start(name, kind, spanAttributes) {
      return new OtlpSpan(tracer.startSpan(name, { kind: KINDS[kind], attributes: { ...spanAttributes } }));
    },
    async close() {
      try {
        await provider.forceFlush({ timeoutMillis: END_MS });
      } catch {
        onProblem('The last spans could not be sent.');
      }
      diag.disable();
    },
  };
}

class OtlpSpan implements Span {
  readonly #span: ApiSpan;

  constructor(span: ApiSpan) {
    this.#span = span;
  }

  end(attributes: SpanAttributes, error?: string): void {
    this.#span.setAttributes({ ...attributes });
    if (error !== undefined) {
      this.#span.setAttribute('error.type', error);
      this.#span.setStatus({ code: SpanStatusCode.ERROR });
    }
    this.#span.end();
  }
}
