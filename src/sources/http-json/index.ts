import type { SourceDefinition } from '../../component/definition.ts';
import { type Infer, object, texts } from '../../component/options.ts';
import { httpOptions } from '../../delivery/http-options.ts';
import { checkMappings, checkStart } from '../../mapping/check-mappings.ts';
import { MAPPINGS, START } from '../../mapping/mapping-options.ts';
import { buildHttpPages, checkHttpPages, type PageKind } from '../http-pages.ts';
import { httpTarget } from '../http-targets.ts';
import { MAPPED_OPTIONS } from '../mapped-options.ts';
import { parseJson } from '../parse-json.ts';

const options = object({
  targets: texts({
    doc: 'Where applications show their JSON: URLs, or `host:port` for `http://host:port/`. They are asked at the same time.',
    example: 'http://localhost:8080/status.json',
  }),
  metrics: MAPPINGS,
  start: START,
  ...MAPPED_OPTIONS,
  ...httpOptions,
});

type Options = Infer<typeof options>;

/** Reads metrics out of what an application says in JSON. */
export const httpJsonSource: SourceDefinition<Options> = {
  type: 'http_json',
  summary: 'Asks applications for a JSON document, and reads metrics out of it by a mapping, with `up`.',
  gives: 'metrics',
  options,
  check: (options) => [
    ...checkMappings(options.metrics, ['metrics']),
    ...checkStart(options.start, ['start']),
    ...checkHttpPages(options, kindOf(options)),
  ],
  build: (options, context) => buildHttpPages(options, context, kindOf(options)),
};

function kindOf({ metrics, start }: Options): PageKind {
  return {
    urlOf: (target) => httpTarget(target, '/'),
    example: 'http://localhost:8080/status.json',
    accept: 'application/json, */*;q=0.1',
    parse: parseJson,
    mappings: metrics,
    start,
  };
}
