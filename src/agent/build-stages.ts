import type { StageContext } from '../component/definition.ts';
import type { ConfiguredAuto, ConfiguredStage, ConfiguredStep } from '../config/agent-config.ts';
import type { Stage } from '../core/contracts.ts';
import type { Aside } from '../pipeline/pipeline.ts';
import { StageGroup } from '../pipeline/stage-group.ts';
import { StageHost } from '../pipeline/stage-host.ts';
import { AutoStage } from './auto-stage.ts';
import { ReloadingStage } from './reloading-stage.ts';
import type { UnmatchedTaker } from './shared.ts';
import { wantedBehind } from './wanted-attributes.ts';

/** Who hears of records that stages could not read. */
export interface Outlets {
  /** Takes those that shall be set aside. */
  readonly aside?: Aside | undefined;
  /** Keeps what their lines look like. */
  readonly unmatched?: UnmatchedTaker | undefined;
}

/**
 * Builds the stages of a pipeline, each in its host. `context.name` is that of the pipeline; its stages are called
 * `<pipeline>/<position>`, and those of a group in it `<pipeline>/<position>.<position>`. `context.wanted` is what is
 * looked at behind the last of them.
 */
export function buildStages(steps: readonly ConfiguredStep[], context: StageContext, outlets: Outlets = {}): Stage[] {
  return buildSteps(steps, context, '/', outlets);
}

function buildSteps(
  steps: readonly ConfiguredStep[],
  context: StageContext,
  separator: '/' | '.',
  outlets: Outlets,
): Stage[] {
  const wanted = wantedBehind(steps, context.wanted);
  return steps.flatMap((step, index) =>
    buildStep(step, { ...context, wanted: wanted[index], name: `${context.name}${separator}${index + 1}` }, outlets),
  );
}

function buildStep(step: ConfiguredStep, context: StageContext, outlets: Outlets): Stage[] {
  if ('definition' in step) return [hostStage(buildStage(step, context), step, context, outlets)];
  const when = step.when?.build(context.keys);
  const stages =
    'stages' in step ? buildSteps(step.stages, context, '.', outlets) : [buildAuto(step, context, outlets)];
  return when === undefined ? stages : [new StageGroup(stages, when)];
}

function buildStage({ definition, options, file }: ConfiguredStage, context: StageContext): Stage {
  const stage = definition.build(options, context);
  return file === undefined ? stage : new ReloadingStage(stage, { file, options, context });
}

/** The stage that chooses its stages; these are called `<its name>.<format>.<position>`. */
export function buildAuto(auto: ConfiguredAuto, context: StageContext, outlets: Outlets = {}): Stage {
  return new AutoStage(
    auto,
    {
      build: (steps, inner) => buildSteps(steps, inner, '.', outlets),
      // What only shows what would become of records tells nobody.
      buildTrial: (steps, inner) => buildSteps(steps, inner, '.', {}),
    },
    // What it chooses by may be any attribute.
    { ...context, wanted: undefined },
  );
}

/** The host of a stage, by what the configuration says of it. */
export function hostStage(
  stage: Stage,
  { definition, when, onError, label }: ConfiguredStage,
  context: StageContext,
  { aside, unmatched }: Outlets = {},
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
    onFailures: unmatched && ((batch) => unmatched.add(name, label, batch)),
    failedRecords: metrics.counter('pillion_stage_failed_records_total', labels),
    droppedRecords: (reason) => metrics.counter('pillion_dropped_records_total', { ...labels, reason }),
  });
}
