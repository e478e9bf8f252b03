import * as v from 'valibot';
import type { StageDefinition } from '../../component/definition.ts';
import {
  choice,
  described,
  type Infer,
  integer,
  object,
  optionalInteger,
  optionalText,
} from '../../component/options.ts';
import { ThrottleStage } from './throttle-stage.ts';
import { TokenBuckets } from './token-buckets.ts';

const EXPECTED_RATE = 'expected a rate such as 100/s, 30/m or 10/h';
const RATE = /^(\d+(?:\.\d+)?) ?\/ ?([smh])$/;
const UNIT_MS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000 };

/** Records a millisecond. */
const rate = v.pipe(
  v.string(EXPECTED_RATE),
  v.regex(RATE, EXPECTED_RATE),
  v.transform((text) => {
    const [, count = '', unit = ''] = RATE.exec(text) ?? [];
    return Number(count) / UNIT_MS[unit]!;
  }),
  v.check((perMs) => perMs > 0, 'expected a rate above 0'),
);

const options = object({
  rate: described(rate, 'rate', {
    doc: 'How many records of a key pass in the long run: `/s`, `/m` or `/h`.',
    example: '100/s',
  }),
  burst: optionalInteger({
    doc: 'How many records of a key pass at once after a quiet time; what the rate gives in a second where nothing is given.',
    example: '500',
    min: 1,
    max: 1_000_000_000,
  }),
  by: optionalText({
    doc:
      'An attribute: each of its values has the rate for itself, and so have the records without it, together. Where ' +
      'nothing is given each stream (a file through all its names) has it.',
    example: 'service.name',
  }),
  over_limit: choice(['drop', 'wait'], {
    doc:
      'What happens beyond the rate: `drop` drops the records, `wait` has the source wait before it reads on, so that ' +
      'nothing is lost and the rest stays in the file. It waits between reads of up to 256 KiB, as a whole: its other ' +
      'files and keys wait, too. A drain does not wait: what is left is read and sent at full speed.',
    default: 'drop',
  }),
  max_keys: integer({
    doc: 'For how many keys in use at the same time there is room. Those beyond it share the rate of one.',
    default: 8192,
    min: 8,
    max: 1_048_576,
  }),
});

/** The stage `throttle`. */
export const throttleStage: StageDefinition<Infer<typeof options>> = {
  type: 'throttle',
  remembers: 'all',
  summary:
    'Lets so many records of a key pass in a time, and drops those beyond (reason `rate_limit`), or has the source wait ' +
    'for them. Time is that of reading: an agent that catches up on a file reads it faster than it was written, and drops ' +
    'or waits accordingly.',
  options,
  example: {
    config: '- throttle: { rate: 100/s, by: service }',
    input: '{"service":"checkout"}',
    output:
      '{"body":{"stringValue":"{\\"service\\":\\"checkout\\"}"},' +
      '"attributes":[{"key":"service","value":{"stringValue":"checkout"}}]}',
  },
  build({ rate: perMs, burst, by, over_limit: overLimit, max_keys: maxKeys }, context) {
    return new ThrottleStage({
      buckets: new TokenBuckets(perMs, burst ?? Math.max(1, Math.ceil(1000 * perMs)), maxKeys),
      key: by === undefined ? undefined : context.keys.internText(by),
      waits: overLimit === 'wait',
      clock: context.clock,
    });
  },
};
