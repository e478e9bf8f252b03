import type { StageContext } from '../component/definition.ts';
import type { ConfiguredStage, ConfiguredStep } from '../config/agent-config.ts';
import type { Stage } from '../core/contracts.ts';
import type { Aside } from '../pipeline/pipeline.ts';
import { StageGroup } from '../pipeline/stage-group.ts';
import { StageHost } from '../pipeline/stage-host.ts';
import { ReloadingStage } from './reloading-stage.ts';

/**
 * Builds the stages of a pipeline, each in its host. `context.name` is that of the pipeline; its stages are called
 * `<pipeline>/<position>`, and those of a group in it `<pipeline>/<position>.<position>`. `aside` takes the records that
 * they shall set aside.
 */
export function buildStages(steps: readonly ConfiguredStep[], context: StageContext, aside?: Aside): Stage[] {
  return steps.flatMap((step, index) => buildStep(step, { ...context, name: `${context.name}/${index + 1}` }, aside));
}

function buildStep(step: ConfiguredStep, context: StageContext, aside: Aside | undefined): Stage[] {
  if (!('stages' in step)) return [hostStage(buildStage(step, context), step, context, aside)];
  const when = step.when?.build(context.keys);
  const stages = step.stages.flatMap((inner, index) =>
    buildStep(inner, { ...context, name: `${context.name}.${index + 1}` }, aside),
  );
  return when === undefined ? stages : [new StageGroup(stages, when)];
}

function buildStage({ definition, options, file }: ConfiguredStage, context: StageContext): Stage {
  const stage = definition.build(options, context);
  return file === undefined ? stage : new ReloadingStage(stage, { file, options, context });
}

/** The host of a stage, by what the configuration says of it. */
export function hostStage(
  stage: Stage,
  { definition, when, onError, label }: ConfiguredStage,
  context: StageContext,
  aside?: Aside,
): Stage {
  const { metrics, name, keys } = context;
  const labels = { stage: name, type: definition.type };
  return new StageHost(stage, {
    when: when?.build(keys),
    onError: onError === 'dead_letter' ? 'drop' : onError,
    setAside:
      onError !== 'dead_letter' || aside === undefined
        ? undefined
        : (batch, record, reason) => aside.add(batch, record, `${name} (${label}): ${reason}`),
    failedRecords: metrics.counter('pillion_stage_failed_records_total', labels),
    droppedRecords: (reason) => metrics.counter('pillion_dropped_records_total', { ...labels, reason }),
  });
}
