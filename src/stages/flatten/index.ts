import type { StageDefinition } from '../../component/definition.ts';
import { defaultText, defaultTexts, type Infer, integer, object } from '../../component/options.ts';
import { FlattenStage, MAX_FLATTENED } from './flatten-stage.ts';

const options = object({
  fields: defaultTexts({
    doc: 'The attributes that are flattened; all that are objects where nothing is named.',
    default: [],
    example: '[http, error]',
  }),
  separator: defaultText({ doc: 'What stands between the names of two levels.', default: '.' }),
  max_depth: integer({
    doc: 'How many levels of objects become part of a name; objects below stay as they are.',
    default: 64,
    min: 1,
    max: 64,
  }),
});

/** The stage `flatten`. */
export const flattenStage: StageDefinition<Infer<typeof options>> = {
  type: 'flatten',
  summary:
    'Makes an attribute of each value inside an attribute that is an object: `http: { method: GET }` becomes ' +
    '`http.method`. It replaces an attribute that has that name. Arrays and empty objects stay as they are. A record ' +
    `gets at most ${MAX_FLATTENED} attributes that way; an object that would give more stays as it is, and the record is ` +
    'marked `parse_failed`.',
  options,
  example: {
    config: '- flatten',
    input: '{"msg":"done","http":{"method":"GET","tags":["a"]}}',
    output:
      '{"body":{"stringValue":"{\\"msg\\":\\"done\\",\\"http\\":{\\"method\\":\\"GET\\",\\"tags\\":[\\"a\\"]}}"},' +
      '"attributes":[{"key":"msg","value":{"stringValue":"done"}},{"key":"http.method","value":{"stringValue":"GET"}},' +
      '{"key":"http.tags","value":{"arrayValue":{"values":[{"stringValue":"a"}]}}}]}',
  },
  build: ({ fields, separator, max_depth }, { keys }) =>
    new FlattenStage(
      fields.map((field) => keys.internText(field)),
      separator,
      max_depth,
    ),
};
