import type { StageDefinition } from '../../component/definition.ts';
import { type Infer, object } from '../../component/options.ts';
import { PARSER_OPTIONS, ParserStage, TYPES_OPTION } from '../parser.ts';
import { LogfmtReader } from './logfmt-reader.ts';

const options = object({ ...PARSER_OPTIONS, ...TYPES_OPTION });

/** The stage `logfmt`. */
export const logfmtStage: StageDefinition<Infer<typeof options>> = {
  type: 'logfmt',
  summary:
    'Reads lines such as `level=info msg="it is ready" took=3ms` into attributes. Quoted values have the escapes of ' +
    'JSON and of Go; a key alone has an empty text as its value; of a key that comes twice the last value counts. A ' +
    'line that holds no `=` is not taken for logfmt, as each of its words would become a key.',
  options,
  example: {
    config: '- logfmt: { types: true }',
    input: 'level=info msg="it is ready" port=8080 took=3ms',
    output:
      '{"body":{"stringValue":"level=info msg=\\"it is ready\\" port=8080 took=3ms"},' +
      '"attributes":[{"key":"level","value":{"stringValue":"info"}},' +
      '{"key":"msg","value":{"stringValue":"it is ready"}},' +
      '{"key":"port","value":{"intValue":"8080"}},{"key":"took","value":{"stringValue":"3ms"}}]}',
  },
  build: ({ field, types }, context) => new ParserStage(new LogfmtReader(types), { field }, context),
};
