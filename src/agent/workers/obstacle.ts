import type { SinkDefinition } from '../../component/definition.ts';
import type { AgentConfig, Configured, ConfiguredStage, ConfiguredStep } from '../../config/agent-config.ts';
import type { PlannedPipeline, PlannedReader, PlannedSource } from '../plan-readers.ts';

/** Why the records of a reader do not go through workers, as a sentence for the log; undefined: they do. */
export function obstacleOf(
  { source }: PlannedSource,
  { pipelines }: PlannedReader,
  setting: {
    readonly config: Pick<AgentConfig, 'sinks'>;
    /** Whether a pipeline counts metrics that somebody sees. */
    readonly isCounting: (pipeline: PlannedPipeline) => boolean;
  },
): string | undefined {
  if (source.definition.files === undefined) return 'it reads no files';
  for (const pipeline of pipelines) {
    const obstacle = obstacleOfPipeline(pipeline, setting.isCounting(pipeline));
    if (obstacle !== undefined) return obstacle;
    for (const sink of setting.config.sinks.filter(({ name }) => pipeline.to.includes(name))) {
      const obstacle = obstacleOfSink(sink);
      if (obstacle !== undefined) return obstacle;
    }
  }
  return undefined;
}

/** Why a pipeline cannot be in several threads. */
export function obstacleOfPipeline(
  { name, stages, deadLetter }: PlannedPipeline,
  isCounting: boolean,
): string | undefined {
  const all = stagesIn(stages).find(({ definition }) => definition.remembers === 'all');
  if (all !== undefined) return `the stage "${all.label}" of pipeline "${name}" must see all records`;
  if (isCounting) return `pipeline "${name}" counts metrics`;
  return deadLetter === undefined ? undefined : `pipeline "${name}" sets records aside in a file`;
}

/** Why a sink cannot be in several threads. */
export function obstacleOfSink({ name, definition, options }: Configured<SinkDefinition<unknown>>): string | undefined {
  if (definition.isSingle === true) return `there can be but one sink "${name}"`;
  if (definition.takes === 'metrics') return `sink "${name}" takes metrics`;
  return (definition.writes?.(options) ?? []).length > 0 ? `sink "${name}" writes a file` : undefined;
}

/** Whether stages remember something of each stream from batch to batch. */
export function rememberStreams(steps: readonly ConfiguredStep[]): boolean {
  // What `use: auto` has chosen for a stream, it remembers.
  const isAuto = (step: ConfiguredStep): boolean =>
    'stages' in step ? step.stages.some(isAuto) : !('definition' in step);
  return steps.some(isAuto) || stagesIn(steps).some(({ definition }) => definition.remembers === 'streams');
}

function stagesIn(steps: readonly ConfiguredStep[]): ConfiguredStage[] {
  return steps.flatMap((step) => ('stages' in step ? stagesIn(step.stages) : 'definition' in step ? [step] : []));
}
