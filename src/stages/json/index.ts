import type { StageDefinition } from '../../component/definition.ts';
import { type Infer, object, optionalText } from '../../component/options.ts';
import { PARSER_OPTIONS } from '../parser.ts';
import { JsonStage } from './json-stage.ts';

const options = object({
  ...PARSER_OPTIONS,
  prefix: optionalText({
    doc: 'What is put before the names of the attributes that are read, as in `app.level`.',
    example: 'app.',
  }),
});

/** The stage `json`. */
export const jsonStage: StageDefinition<Infer<typeof options>> = {
  type: 'json',
  summary:
    'Reads a body, or an attribute, that is a JSON object into attributes. Objects and arrays inside are kept as they ' +
    'are nested; whole numbers are exact. The body stays until a `body` stage replaces it. A record that has no JSON ' +
    'object there goes on as it came, marked `parse_failed`.',
  options,
  example: {
    config: '- json',
    input: '{"level":"info","msg":"ready","port":8080,"tags":["a","b"]}',
    output:
      '{"body":{"stringValue":"{\\"level\\":\\"info\\",\\"msg\\":\\"ready\\",\\"port\\":8080,\\"tags\\":[\\"a\\",\\"b\\"]}"},' +
      '"attributes":[{"key":"level","value":{"stringValue":"info"}},{"key":"msg","value":{"stringValue":"ready"}},' +
      '{"key":"port","value":{"intValue":"8080"}},' +
      '{"key":"tags","value":{"arrayValue":{"values":[{"stringValue":"a"},{"stringValue":"b"}]}}}]}',
  },
  build: ({ field, prefix }, { keys }) =>
    new JsonStage({
      field: field === undefined ? -1 : keys.internText(field),
      ...(prefix === undefined ? {} : { prefix }),
    }),
};
