import * as v from 'valibot';
import type { StageDefinition } from '../../component/definition.ts';
import { defaultText, duration, type Infer, integer, object, texts } from '../../component/options.ts';
import { ConfigError } from '../../core/errors.ts';
import { DedupeStage } from './dedupe-stage.ts';
import { SeenRecords } from './seen-records.ts';

const BODY = 'body';
const SEVERITY = 'severity';

const options = object({
  window: duration({
    doc:
      'How long a record that was kept makes equal ones repeats. It does not grow with them, so of a record that comes ' +
      'without end one is kept each time it is over.',
    default: '5s',
    min: '1ms',
    max: '1d',
  }),
  fields: v.optional(
    texts({
      doc: 'What is compared: `body`, `severity` (number and text), and attributes by their names.',
      example: '[body, error.type]',
    }),
    [BODY, SEVERITY],
  ),
  attribute: defaultText({
    doc: 'The attribute of a kept record that says how many equal ones were dropped; it is there when there are any.',
    default: 'pillion.repeated',
  }),
  max_entries: integer({
    doc: 'For how many different records there is room. Beyond it those are forgotten that were kept longest ago.',
    default: 8192,
    min: 8,
    max: 1_048_576,
  }),
});

type Options = Infer<typeof options>;

/** The stage `dedupe`. */
export const dedupeStage: StageDefinition<Options> = {
  type: 'dedupe',
  remembers: 'streams',
  summary:
    'Keeps the first of equal records of a stream and drops those that follow within a window (reason `dedupe`). How ' +
    'many is told by the record before them where that is of the same read, else by the next one that is kept; those ' +
    'after which no equal one comes are in `pillion_dropped_records_total` alone. What was seen is not remembered over ' +
    'a restart.',
  options,
  example: {
    config: '- dedupe: { window: 5s }',
    input: '{"a":1}',
    output: '{"body":{"stringValue":"{\\"a\\":1}"},"attributes":[{"key":"a","value":{"intValue":"1"}}]}',
  },
  check({ fields, attribute }) {
    if (!fields.includes(attribute)) return [];
    const message = `Cannot compare "${attribute}": the stage itself sets it`;
    return [new ConfigError({ code: 'ERR_CONFIG_VALUE', path: ['fields'], message })];
  },
  build({ window, fields, attribute, max_entries: maxEntries }, context) {
    const { keys, clock } = context;
    return new DedupeStage({
      seen: new SeenRecords(window, maxEntries),
      hasBody: fields.includes(BODY),
      hasSeverity: fields.includes(SEVERITY),
      keys: fields.filter((field) => field !== BODY && field !== SEVERITY).map((field) => keys.internText(field)),
      repeatsKey: keys.internText(attribute),
      clock,
    });
  },
};
