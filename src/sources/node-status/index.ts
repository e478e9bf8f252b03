import type { SourceDefinition } from '../../component/definition.ts';
import { type Infer, object, texts } from '../../component/options.ts';
import { httpOptions } from '../../delivery/http-options.ts';
import { isObject, type Json } from '../../mapping/json.ts';
import { metricDocs } from '../../mapping/metric-docs.ts';
import { buildHttpPages, checkHttpPages, type PageKind } from '../http-pages.ts';
import { httpTarget } from '../http-targets.ts';
import { MAPPED_OPTIONS } from '../mapped-options.ts';
import { parseJson } from '../parse-json.ts';
import { ScrapeFailure } from '../scrape-failure.ts';
import { NODE_MAPPINGS } from './mappings.ts';

const options = object({
  targets: texts({
    doc: 'Where applications show what Node says of them, as JSON: URLs, or `host:port` for `http://host:port/json`. `examples/node-status.mjs` is what an application needs for it.',
    example: 'localhost:9228',
  }),
  ...MAPPED_OPTIONS,
  ...httpOptions,
});

const kind: PageKind = {
  urlOf: (target) => httpTarget(target, '/json'),
  example: 'http://localhost:9228/json',
  accept: 'application/json',
  parse: parseNodeStatus,
  mappings: NODE_MAPPINGS,
  start: { uptime: 'uptime' },
};

/** CPU, memory and event loop of applications of Node. */
export const nodeStatusSource: SourceDefinition<Infer<typeof options>> = {
  type: 'node_status',
  summary:
    'Asks applications of Node for what the runtime says of them, as JSON, and reads CPU, memory and event loop out of it, with `up`.',
  gives: 'metrics',
  metrics: metricDocs(NODE_MAPPINGS),
  options,
  check: (options) => checkHttpPages(options, kind),
  build: (options, context) => buildHttpPages(options, context, kind),
};

/** All of it may be left out, but not everything. */
function parseNodeStatus(body: Buffer): Json {
  const page = parseJson(body);
  const known = ['uptime', 'memoryUsage', 'resourceUsage', 'eventLoopUtilization', 'heapSpaces'];
  if (!isObject(page) || !known.some((key) => Object.hasOwn(page, key)))
    throw new ScrapeFailure('parse', `Answer has none of ${known.join(', ')}`);
  return page;
}
