import { LabelSet } from '../../core/label-set.ts';
import type { Exemplar } from '../../core/metric.ts';

/** What OTLP says of an exemplar: the ids, as hexadecimal text, apart from the other attributes. */
export interface ExemplarParts {
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;
  readonly others: LabelSet;
}

const TRACE_ID = /^[0-9a-f]{32}$/i;
const SPAN_ID = /^[0-9a-f]{16}$/i;

/** Takes the ids out of the labels `trace_id` and `span_id`; what is none stays a label. */
export function splitExemplar({ labels }: Exemplar): ExemplarParts {
  const idOf = (name: string, form: RegExp): string | undefined => {
    const text = labels.get(name);
    return text !== undefined && form.test(text) ? text.toLowerCase() : undefined;
  };
  const traceId = idOf('trace_id', TRACE_ID);
  const spanId = idOf('span_id', SPAN_ID);
  const isId = (name: string): boolean =>
    (name === 'trace_id' && traceId !== undefined) || (name === 'span_id' && spanId !== undefined);
  return { traceId, spanId, others: LabelSet.of([...labels].filter(([name]) => !isId(name))) };
}
