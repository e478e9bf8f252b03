import * as v from 'valibot';
import type { StageDefinition } from '../../component/definition.ts';
import { described, type Infer, integer, object, optionalText } from '../../component/options.ts';
import { SampleStage } from './sample-stage.ts';

const EXPECTED_RATE = 'expected a number from 0 to 1, such as 0.1';

const options = object({
  rate: described(
    v.pipe(v.number(EXPECTED_RATE), v.minValue(0, EXPECTED_RATE), v.maxValue(1, EXPECTED_RATE)),
    'number from 0 to 1',
    { doc: 'How much of the records is kept.', example: '0.1' },
  ),
  by: optionalText({
    doc:
      'An attribute whose value decides: records with the same value are all kept or all dropped. A record that does ' +
      'not have it is decided as without this option.',
    example: 'user_id',
  }),
  attribute: optionalText({
    doc: 'The attribute in which kept records have the rate, for who wants to count back.',
    example: 'sample_rate',
  }),
  seed: integer({
    doc: 'Another number makes other choices where no trace id decides: for stages that shall not choose alike.',
    default: 0,
    max: 0xffffffff,
  }),
});

/** The stage `sample`. */
export const sampleStage: StageDefinition<Infer<typeof options>> = {
  type: 'sample',
  summary:
    'Keeps a part of the records and drops the others (reason `sample`). A record with a trace id is decided by it as ' +
    'OpenTelemetry decides on spans, by its last 56 bits, so that logs and spans of one trace stay together; another ' +
    'one by its text and its place in its file. So a record that is read again is decided again as before.',
  options,
  example: {
    config: '- sample: { rate: 1, attribute: sample_rate }',
    input: '{"a":1}',
    output:
      '{"body":{"stringValue":"{\\"a\\":1}"},"attributes":[{"key":"a","value":{"intValue":"1"}},' +
      '{"key":"sample_rate","value":{"intValue":"1"}}]}',
  },
  build({ rate, by, attribute, seed }, context) {
    const { keys } = context;
    return new SampleStage({
      rate,
      byKey: by === undefined ? undefined : keys.internText(by),
      rateKey: attribute === undefined ? undefined : keys.internText(attribute),
      seed,
    });
  },
};
