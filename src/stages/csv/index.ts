import * as v from 'valibot';
import type { StageDefinition } from '../../component/definition.ts';
import { described, flag, type Infer, object, texts } from '../../component/options.ts';
import { ConfigError } from '../../core/errors.ts';
import { PARSER_OPTIONS, ParserStage, TYPES_OPTION } from '../parser.ts';
import { CsvReader, SKIPPED_COLUMN } from './csv-reader.ts';

const EXPECTED_DELIMITER = 'expected one ASCII character that is no quote, such as ";" or "\\t"';

const delimiter = v.pipe(v.string(EXPECTED_DELIMITER), v.regex(/^[\t !#-~]$/, EXPECTED_DELIMITER));

const options = object({
  ...PARSER_OPTIONS,
  columns: texts({
    doc:
      'The names of the columns, in their order; `_` is one that becomes no attribute. They are not read from a first ' +
      'line, as a file that is followed is mostly read from its middle.',
    example: '[time, level, message]',
  }),
  delimiter: v.optional(
    described(delimiter, 'character', { doc: 'What stands between fields; `"\\t"` for TSV.', example: '";"' }),
    ',',
  ),
  strict: flag({
    doc:
      'Whether a line with more or fewer fields than columns cannot be read; otherwise further fields are left out, and ' +
      'columns without a field become no attribute.',
    default: true,
  }),
  ...TYPES_OPTION,
});

/** The stage `csv`. */
export const csvStage: StageDefinition<Infer<typeof options>> = {
  type: 'csv',
  summary:
    'Reads lines of CSV (RFC 4180) or TSV into attributes. A field may stand in double quotes, in which two quotes are ' +
    'one; blanks belong to the field. An empty field becomes no attribute.',
  options,
  example: {
    config: '- csv: { columns: [user, _, note] }',
    input: 'anna,7,"likes ""tea"", not coffee"',
    output:
      '{"body":{"stringValue":"anna,7,\\"likes \\"\\"tea\\"\\", not coffee\\""},' +
      '"attributes":[{"key":"user","value":{"stringValue":"anna"}},' +
      '{"key":"note","value":{"stringValue":"likes \\"tea\\", not coffee"}}]}',
  },
  check: ({ columns }) =>
    columns.flatMap((name, i) =>
      name !== SKIPPED_COLUMN && columns.indexOf(name) < i ? [repeatedColumn(name, i)] : [],
    ),
  build: ({ field, ...format }, context) => new ParserStage(new CsvReader(format, context.keys), { field }, context),
};

function repeatedColumn(name: string, index: number): ConfigError {
  return new ConfigError({
    code: 'ERR_CONFIG_VALUE',
    path: ['columns', index],
    message: `Cannot use column ${JSON.stringify(name)} twice`,
    hint: 'Give each column a name of its own, or "_" to leave it out',
  });
}
