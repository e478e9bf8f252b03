import type { SourceDefinition } from '../component/definition.ts';
import { type Infer, object, someTexts } from '../component/options.ts';
import { httpOptions } from '../delivery/http-options.ts';
import { metricDocs } from '../mapping/metric-docs.ts';
import { buildHttpPages, checkHttpPages, type PageKind } from './http-pages.ts';
import { MAPPED_OPTIONS } from './mapped-options.ts';

/** Options of a source that knows the page of one kind of application. */
export function statusPageOptions(targets: { readonly doc: string; readonly default: string }) {
  return object({
    targets: someTexts({ doc: targets.doc, default: [targets.default] }),
    ...MAPPED_OPTIONS,
    ...httpOptions,
  });
}

type Options = Infer<ReturnType<typeof statusPageOptions>>;

/** A source that knows the page of one kind of application. */
export function statusPageSource(source: {
  readonly type: string;
  readonly summary: string;
  readonly options: ReturnType<typeof statusPageOptions>;
  readonly kind: PageKind;
}): SourceDefinition<Options> {
  const { type, summary, options, kind } = source;
  return {
    type,
    summary,
    gives: 'metrics',
    metrics: metricDocs(kind.mappings),
    options,
    check: (options) => checkHttpPages(options, kind),
    build: (options, context) => buildHttpPages(options, context, kind),
  };
}
