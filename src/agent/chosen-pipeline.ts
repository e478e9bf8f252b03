import type { AgentConfig, ConfiguredStep } from '../config/agent-config.ts';
import { OperatorError } from '../core/errors.ts';
import type { Resource } from '../core/resource.ts';
import type { Grouping } from '../framing/framings.ts';
import { createGrouping, type MultilineOptions } from '../sources/file/multiline-options.ts';

/** What of a pipeline decides what becomes of a line. */
export interface ChosenPipeline {
  readonly name: string;
  readonly steps: readonly ConfiguredStep[];
  /** How its first source puts lines together. */
  readonly grouping: Grouping | undefined;
  readonly resource: Resource;
}

/** The pipelines of a configuration. */
export function pipelinesOf({ pipelines, sources, resource }: AgentConfig): ChosenPipeline[] {
  return pipelines.map(({ name, stages, from }) => {
    const options = sources.find((source) => source.name === from[0])?.options as { multiline?: MultilineOptions };
    const grouping = options?.multiline === undefined ? undefined : createGrouping(options.multiline);
    return { name, steps: stages, grouping, resource };
  });
}

/** The pipeline of that name, or the only one. Throws an OperatorError when there is none, or several. */
export function choosePipeline(config: AgentConfig, name: string | undefined): ChosenPipeline {
  const pipelines = pipelinesOf(config);
  const chosen =
    name === undefined && pipelines.length === 1 ? pipelines[0] : pipelines.find((pipeline) => pipeline.name === name);
  if (chosen !== undefined) return chosen;
  const { file } = config;
  throw new OperatorError({
    code: 'ERR_USAGE',
    message: name === undefined ? `${file} has several pipelines` : `${file} has no pipeline ${JSON.stringify(name)}`,
    hint: `Name one with --pipeline: ${pipelines.map((pipeline) => pipeline.name).join(', ')}`,
  });
}
