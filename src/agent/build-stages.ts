import type { StageContext } from '../component/definition.ts';
import type { ConfiguredAuto, ConfiguredStage, ConfiguredStep } from '../config/agent-config.ts';
import type { Stage } from '../core/contracts.ts';
import type { Aside } from '../pipeline/pipeline.ts';
import { StageGroup } from '../pipeline/stage-group.ts';
import { StageHost } from '../pipeline/stage-host.ts';
import { AutoStage } from './auto-stage.ts';
import { ReloadingStage } from './reloading-stage.ts';

/**
 * Builds the stages of a pipeline, each in its host. `context.name` is that of the pipeline; its stages are called
 * `<pipeline>/<position>`, and those of a group in it `<pipeline>/<position>.<position>`. `aside` takes the records that
 * they shall set aside.
 */
export function buildStages(steps: readonly ConfiguredStep[], context: StageContext, aside?: Aside): Stage[] {
  return buildSteps(steps, context, '/', aside);
}

function buildSteps(
  steps: readonly ConfiguredStep[],
  context: StageContext,
  separator: '/' | '.',
  aside: Aside | undefined,
): Stage[] {
  return steps.flatMap((step, index) =>
    buildStep(step, { ...context, name: `${context.name}${separator}${index + 1}` }, aside),
  );
}

function buildStep(step: ConfiguredStep, context: StageContext, aside: Aside | undefined): Stage[] {
  if ('definition' in step) return [hostStage(buildStage(step, context), step, context, aside)];
  const when = step.when?.build(context.keys);
  const stages = 'stages' in step ? buildSteps(step.stages, context, '.', aside) : [buildAuto(step, context, aside)];
  return when === undefined ? stages : [new StageGroup(stages, when)];
}

function buildStage({ definition, options, file }: ConfiguredStage, context: StageContext): Stage {
  const stage = definition.build(options, context);
  return file === undefined ? stage : new ReloadingStage(stage, { file, options, context });
}

/** The stage that chooses its stages; these are called `<its name>.<format>.<position>`. */
export function buildAuto(auto: ConfiguredAuto, context: StageContext, aside?: Aside): Stage {
  return new AutoStage(
    auto,
    {
      build: (steps, inner) => buildSteps(steps, inner, '.', aside),
      // What only shows what would become of records sets none aside.
      buildTrial: (steps, inner) => buildSteps(steps, inner, '.', undefined),
    },
    context,
  );
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
