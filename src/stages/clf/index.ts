import type { StageDefinition } from '../../component/definition.ts';
import { choice, type Infer, object, optionalText } from '../../component/options.ts';
import { looksAtField, PARSER_OPTIONS, ParserStage } from '../parser.ts';
import { ClfReader } from './clf-reader.ts';

const options = object({
  ...PARSER_OPTIONS,
  format: choice(['auto', 'common', 'combined'], {
    doc:
      'How the lines are written: `common` ends with the size, `combined` has a referer and a user agent behind it, ' +
      '`auto` takes what is there.',
    default: 'auto',
  }),
  rest: optionalText({
    doc: 'The attribute for what follows the parts that are known, for another parser; left out where nothing is named.',
    example: 'rest',
  }),
});

/** The stage `clf`. */
export const clfStage: StageDefinition<Infer<typeof options>> = {
  type: 'clf',
  summary:
    'Reads lines of access logs in the common and the combined format, as nginx, Apache and others write them, also ' +
    'with a virtual host before them and more fields behind. Sets the time; attributes have the names of the semantic ' +
    'conventions; a dash is no attribute. A method that HTTP does not know is `_OTHER`, and stands in ' +
    '`http.request.method_original`; a request that is none goes as it stands into `clf.request`. Escapes as `\\x22` ' +
    'and `\\"` are decoded where that gives UTF-8.',
  options,
  example: {
    config: '- clf',
    input:
      '10.0.0.7 - anna [02/Jan/2026:04:04:05 +0100] "GET /cart?id=7 HTTP/1.1" 200 612 "https://shop.example/" "curl/8.5.0"',
    output:
      '{"timeUnixNano":"1767323045000000000",' +
      '"body":{"stringValue":"10.0.0.7 - anna [02/Jan/2026:04:04:05 +0100] \\"GET /cart?id=7 HTTP/1.1\\" 200 612 ' +
      '\\"https://shop.example/\\" \\"curl/8.5.0\\""},' +
      '"attributes":[{"key":"client.address","value":{"stringValue":"10.0.0.7"}},' +
      '{"key":"user.name","value":{"stringValue":"anna"}},' +
      '{"key":"http.request.method","value":{"stringValue":"GET"}},' +
      '{"key":"url.path","value":{"stringValue":"/cart"}},{"key":"url.query","value":{"stringValue":"id=7"}},' +
      '{"key":"network.protocol.version","value":{"stringValue":"1.1"}},' +
      '{"key":"http.response.status_code","value":{"intValue":"200"}},' +
      '{"key":"http.response.body.size","value":{"intValue":"612"}},' +
      '{"key":"http.request.header.referer","value":{"arrayValue":{"values":[{"stringValue":"https://shop.example/"}]}}},' +
      '{"key":"user_agent.original","value":{"stringValue":"curl/8.5.0"}}]}',
  },
  looksAt: looksAtField,
  build({ field, format, rest }, context) {
    return new ParserStage(new ClfReader(format, rest, context), { field }, context);
  },
};
