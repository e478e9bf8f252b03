import type { Span, Tracer } from '../telemetry/tracer.ts';
import type { HttpAnswer } from './http-answer.ts';

/** A span of a request of ours, by the semantic conventions of HTTP clients. The query is left out: it can hold a key. */
export function startHttpSpan(
  tracer: Tracer,
  url: URL,
  request: { readonly method: string; readonly path?: string; readonly body?: Uint8Array },
): Span {
  const path = request.path?.replace(/\?.*/s, '') ?? url.pathname;
  return tracer.start(request.method, 'client', {
    'http.request.method': request.method,
    'url.full': url.origin + path,
    'server.address': url.hostname.replace(/[[\]]/g, ''),
    'server.port': Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
    ...(request.body === undefined ? {} : { 'http.request.body.size': request.body.length }),
  });
}

/** Ends it with what came. */
export function endHttpSpan(span: Span, answer: HttpAnswer): void {
  if (answer.kind === 'no_answer') {
    span.end({}, answer.error.failure);
    return;
  }
  const { status } = answer;
  span.end({ 'http.response.status_code': status }, status >= 400 ? String(status) : undefined);
}
