import type { StageDefinition } from '../../component/definition.ts';
import { type Infer, object, someTexts } from '../../component/options.ts';
import { ConfigError } from '../../core/errors.ts';
import { PARSER_OPTIONS, ParserStage, TYPES_OPTION } from '../parser.ts';
import { KeyValueReader } from './key-value-reader.ts';

const options = object({
  ...PARSER_OPTIONS,
  pair_separator: someTexts({
    doc: 'What separates pairs: a text, or a list of them. Separators without a pair between them count as one.',
    default: [','],
    example: '[",", ";"]',
  }),
  key_separator: someTexts({
    doc: 'What separates a key from its value: a text, or a list of them; the first one in a pair counts.',
    default: ['='],
    example: '":"',
  }),
  ...TYPES_OPTION,
});

/** The stage `key_value`. */
export const keyValueStage: StageDefinition<Infer<typeof options>> = {
  type: 'key_value',
  summary:
    'Reads keys with values into attributes. Blanks around both are left out; keys and values may stand in quotes, with ' +
    'the escapes of JSON and of Go; a value that goes on behind its quotes is taken as it stands. A key alone has an ' +
    'empty text as its value; of a key that comes twice the last value counts. A line without a pair cannot be read.',
  options,
  example: {
    config: '- key_value: { pair_separator: [",", ";"], key_separator: ["=", ":"] }',
    input: 'a=1, b="x, y"; c: z',
    output:
      '{"body":{"stringValue":"a=1, b=\\"x, y\\"; c: z"},' +
      '"attributes":[{"key":"a","value":{"stringValue":"1"}},{"key":"b","value":{"stringValue":"x, y"}},' +
      '{"key":"c","value":{"stringValue":"z"}}]}',
  },
  check: ({ pair_separator, key_separator }) =>
    pair_separator.filter((text) => key_separator.includes(text)).map(bothSeparators),
  build: ({ field, ...format }, context) => new ParserStage(new KeyValueReader(format), { field }, context),
};

function bothSeparators(text: string): ConfigError {
  return new ConfigError({
    code: 'ERR_CONFIG_VALUE',
    path: ['pair_separator'],
    message: `Cannot separate pairs by ${JSON.stringify(text)}: it separates keys from values`,
    hint: 'Give the two different texts',
  });
}
