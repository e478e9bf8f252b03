import * as v from 'valibot';
import type { StageDefinition } from '../../component/definition.ts';
import { choice, defaultText, described, flag, type Infer, notList, object } from '../../component/options.ts';
import { LEVEL_NAMES, LEVEL_NUMBERS, type LevelNumbers, SEVERITY_NUMBERS } from './severity-names.ts';
import { SeverityStage } from './severity-stage.ts';
import { SeverityTable } from './severity-table.ts';

const EXPECTED_SEVERITY = 'expected a severity such as INFO, WARN2 or 17';

const severity = v.pipe(
  v.union([v.string(), v.number()], EXPECTED_SEVERITY),
  v.transform((written) => (typeof written === 'string' ? SEVERITY_NUMBERS.get(written.toUpperCase()) : written)),
  v.picklist([...SEVERITY_NUMBERS.values()], EXPECTED_SEVERITY),
);

const options = object({
  field: defaultText({ doc: 'The attribute that holds the level.', default: 'level' }),
  keep: flag({ doc: 'Whether the attribute stays with the record.', default: false }),
  numbers: choice(Object.keys(LEVEL_NUMBERS) as LevelNumbers[], {
    doc:
      'Who wrote levels that are numbers: `pino` (and bunyan) counts from 10 for trace to 60 for fatal, `python` from 10 ' +
      'for debug to 50 for critical, `syslog` from 7 for debug to 0 for emergency.',
    default: 'pino',
  }),
  map: v.optional(
    described(notList(v.record(v.string(), severity, 'expected a map of levels and severities')), 'map', {
      doc:
        'Levels of your own, and others that shall mean something else: the severity is one of ' +
        '`TRACE DEBUG INFO WARN ERROR FATAL`, with 2, 3 or 4 behind it for finer steps, or its number from 1 to 24.',
      example: '{ audit: INFO, "35": WARN2 }',
    }),
    {},
  ),
});

/** The stage `severity`. */
export const severityStage: StageDefinition<Infer<typeof options>> = {
  type: 'severity',
  summary:
    'Reads the severity out of an attribute: names of levels in any case, as log4j, java.util.logging, Python, zap, ' +
    'klog, .NET and syslog write them, and numbers. The text is kept as the severity text; a level that is not known ' +
    'gives no number, and is no failure.',
  options,
  example: {
    config: '- severity: { field: level }',
    input: '{"level":"Warning","disk":"sda1"}',
    output:
      '{"severityNumber":13,"severityText":"Warning",' +
      '"body":{"stringValue":"{\\"level\\":\\"Warning\\",\\"disk\\":\\"sda1\\"}"},' +
      '"attributes":[{"key":"disk","value":{"stringValue":"sda1"}}]}',
  },
  looksAt: ({ field }) => [field],
  build({ field, keep, numbers, map }, { keys }) {
    const table = new SeverityTable([
      ...LEVEL_NAMES,
      ...Object.entries(LEVEL_NUMBERS[numbers]),
      ...Object.entries(map),
    ]);
    return new SeverityStage(keys.internText(field), keep, table);
  },
};
