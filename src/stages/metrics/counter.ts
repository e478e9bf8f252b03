import type { StageDefinition } from '../../component/definition.ts';
import { SCALE } from '../../component/metric-options.ts';
import { type Infer, object, optionalText } from '../../component/options.ts';
import { loadConditions } from '../../condition/library.ts';
import { measuringStage } from './measuring-stage.ts';
import { attributesOf, checkMetric, checkValue, LIMIT_OPTIONS, METRIC_OPTIONS, specOf } from './metric-options.ts';

const options = object({
  ...METRIC_OPTIONS,
  value: optionalText({
    doc:
      'What is added for a record: an attribute by its name, or a CEL expression; 1 where nothing is given. A record ' +
      'without it is not counted; one whose value is no number, or below 0, counts as not read.',
    example: 'http.response.body.size',
  }),
  scale: SCALE,
  ...LIMIT_OPTIONS,
});

/** The stage `counter`. */
export const counterStage: StageDefinition<Infer<typeof options>> = {
  type: 'counter',
  summary:
    'Counts records, or adds up a value of theirs, for the sinks of the pipeline that take metrics. What is counted is ' +
    'committed with the offsets of the file: a crash loses none of it, and counts nothing twice.',
  options,
  example: {
    config: '- counter: { name: http_requests_total, labels: { code: status } }',
    input: '{"status":200}',
    output: '{"body":{"stringValue":"{\\"status\\":200}"},"attributes":[{"key":"status","value":{"intValue":"200"}}]}',
  },
  load: loadConditions,
  measures: (options) => [specOf('counter', options)],
  check: (options) => [...checkMetric(options), ...checkValue(options.value, ['value'])],
  looksAt: ({ value, labels }) => attributesOf([value, ...Object.values(labels)]),
  build: (options, context) => measuringStage(specOf('counter', options), options, context),
};
