import type { StageDefinition } from '../../component/definition.ts';
import { SCALE } from '../../component/metric-options.ts';
import { type Infer, object, text } from '../../component/options.ts';
import { loadConditions } from '../../condition/library.ts';
import { measuringStage } from './measuring-stage.ts';
import { attributesOf, checkMetric, checkValue, LIMIT_OPTIONS, METRIC_OPTIONS, specOf } from './metric-options.ts';

const options = object({
  ...METRIC_OPTIONS,
  value: text({
    doc:
      'The value: an attribute by its name, or a CEL expression. A record without it changes nothing; one whose value ' +
      'is no number counts as not read.',
    example: 'queue.length',
  }),
  scale: SCALE,
  ...LIMIT_OPTIONS,
});

/** The stage `gauge`. */
export const gaugeStage: StageDefinition<Infer<typeof options>> = {
  type: 'gauge',
  summary:
    'Keeps the last value that was read of a series, for the sinks of the pipeline that take metrics. It is committed ' +
    'with the offsets of the file.',
  options,
  example: {
    config: '- gauge: { name: queue.length, value: queued, labels: [queue] }',
    input: '{"queue":"mail","queued":7}',
    output:
      '{"body":{"stringValue":"{\\"queue\\":\\"mail\\",\\"queued\\":7}"},"attributes":[' +
      '{"key":"queue","value":{"stringValue":"mail"}},{"key":"queued","value":{"intValue":"7"}}]}',
  },
  load: loadConditions,
  measures: (options) => [specOf('gauge', options)],
  check: (options) => [...checkMetric(options), ...checkValue(options.value, ['value'])],
  looksAt: ({ value, labels }) => attributesOf([value, ...Object.values(labels)]),
  build: (options, context) => measuringStage(specOf('gauge', options), options, context),
};
