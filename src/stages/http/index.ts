import type { StageDefinition } from '../../component/definition.ts';
import { defaultTexts, flag, type Infer, object } from '../../component/options.ts';
import { FieldTable } from '../field-table.ts';
import { HTTP_FIELDS, type HttpField } from './fields.ts';
import { HttpAttributes } from './http-attributes.ts';
import { HttpStage, READ_ORDER } from './http-stage.ts';

function names(field: HttpField) {
  const { doc, names } = HTTP_FIELDS[field];
  return defaultTexts({ doc, default: names });
}

const options = object({
  request: names('request'),
  method: names('method'),
  url: names('url'),
  query: names('query'),
  status: names('status'),
  size: names('size'),
  protocol: names('protocol'),
  scheme: names('scheme'),
  host: names('host'),
  client: names('client'),
  forwarded_for: names('forwarded_for'),
  user_agent: names('user_agent'),
  keep: flag({ doc: 'Whether the attributes that are read stay with the record.', default: false }),
});

/** The stage `http`. */
export const httpStage: StageDefinition<Infer<typeof options>> = {
  type: 'http',
  summary:
    'Gives what loggers write of HTTP requests the names of the semantic conventions: a request line, URL, status, ' +
    'address and user agent become `http.request.method`, `url.path`, `url.query`, `http.response.status_code`, ' +
    '`client.address`, `user_agent.original` and so on. It knows the names that nginx, pino-http, Google Cloud and others ' +
    'use (nested ones behind `flatten`). A method that HTTP does not know is `_OTHER`, and stands in ' +
    '`http.request.method_original`; credentials in a URL are replaced. A dash or an empty text is left alone; anything ' +
    'else that cannot be read stays, and its record is marked `parse_failed`.',
  options,
  example: {
    config: '- http',
    input: '{"remote_addr":"10.0.0.7","request":"GET /cart?id=7 HTTP/1.1","status":"200"}',
    output:
      '{"body":{"stringValue":"{\\"remote_addr\\":\\"10.0.0.7\\",\\"request\\":\\"GET /cart?id=7 HTTP/1.1\\",\\"status\\":\\"200\\"}"},' +
      '"attributes":[{"key":"http.request.method","value":{"stringValue":"GET"}},' +
      '{"key":"url.path","value":{"stringValue":"/cart"}},{"key":"url.query","value":{"stringValue":"id=7"}},' +
      '{"key":"network.protocol.version","value":{"stringValue":"1.1"}},' +
      '{"key":"http.response.status_code","value":{"intValue":"200"}},' +
      '{"key":"client.address","value":{"stringValue":"10.0.0.7"}}]}',
  },
  looksAt: ({ keep: _, ...fields }) => Object.values(fields).flat(),
  build({ keep, ...fields }, { keys }) {
    const table = new FieldTable(
      READ_ORDER.map((field) => fields[field]),
      keys,
    );
    return new HttpStage(table, new HttpAttributes(keys), keep);
  },
};
