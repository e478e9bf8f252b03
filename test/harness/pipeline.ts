import type { Judge } from '../../src/condition/verdict.ts';
import type { Sink, Stage } from '../../src/core/contracts.ts';
import { routeName } from '../../src/ledger/route-name.ts';
import { Pipeline } from '../../src/pipeline/pipeline.ts';
import { PipelineEnd } from '../../src/pipeline/pipeline-end.ts';

/** A pipeline with these sinks by their names; `conditions` say which records a sink gets. */
export function pipelineOf(
  name: string,
  stages: readonly Stage[],
  sinks: ReadonlyMap<string, Sink>,
  conditions: Readonly<Record<string, Judge>> = {},
): Pipeline {
  const ends = Array.from(sinks, ([sink, to]) => new PipelineEnd(routeName(name, sink), to, conditions[sink]));
  return new Pipeline(stages, ends);
}
