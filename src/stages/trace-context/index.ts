import * as v from 'valibot';
import type { StageDefinition } from '../../component/definition.ts';
import { described, flag, type Infer, notList, object } from '../../component/options.ts';
import { FieldTable } from '../field-table.ts';
import { FORMS, KNOWN_NAMES } from './forms.ts';
import { TraceContextStage } from './trace-context-stage.ts';

const form = v.picklist(FORMS, `expected one of ${FORMS.join(', ')}`);

const options = object({
  fields: v.optional(
    described(notList(v.record(v.string(), form, 'expected a map of attributes and what they hold')), 'map', {
      doc:
        `Attributes of your own, and what they hold: ${FORMS.map((word) => `\`${word}\``).join(', ')}. They go before ` +
        'the names that are known.',
      example: '{ correlation: traceparent }',
    }),
    {},
  ),
  keep: flag({ doc: 'Whether the attributes stay with the record.', default: false }),
});

/** The stage `trace_context`. */
export const traceContextStage: StageDefinition<Infer<typeof options>> = {
  type: 'trace_context',
  summary:
    'Reads trace id, span id and trace flags out of the attributes that loggers and tracers write: `traceparent`, ' +
    '`trace_id`, `span_id` and `trace_flags` (also as `traceId` and the like), `b3` and `X-B3-TraceId`, `dd.trace_id` and ' +
    '`dd.span_id`. Ids are hexadecimal, those of Datadog decimal; a trace id of 64 bits gets zeros before it. An id of ' +
    'zeros is none, and stays an attribute. What cannot be read stays too, and its record is marked `parse_failed`.',
  options,
  example: {
    config: '- trace_context',
    input: '{"traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01","user":7}',
    output:
      '{"body":{"stringValue":"{\\"traceparent\\":\\"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\\",\\"user\\":7}"},' +
      '"attributes":[{"key":"user","value":{"intValue":"7"}}],"flags":1,' +
      '"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7"}',
  },
  build({ fields, keep }, { keys }) {
    const own = Object.entries(fields);
    const names = FORMS.map((form) => [
      ...own.filter(([, given]) => given === form).map(([name]) => name),
      ...KNOWN_NAMES[form].filter((name) => fields[name] === undefined),
    ]);
    return new TraceContextStage(new FieldTable(names, keys), keep);
  },
};
