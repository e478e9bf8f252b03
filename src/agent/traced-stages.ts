import type { StageContext } from '../component/definition.ts';
import type { ConfiguredAuto, ConfiguredStage, ConfiguredStep } from '../config/agent-config.ts';
import type { Stage } from '../core/contracts.ts';
import { type RecordBatch, RecordFlag } from '../core/record-batch.ts';
import { RecordChoice } from '../pipeline/record-choice.ts';
import { buildAuto, hostStage } from './build-stages.ts';
import { TracedCounts } from './traced-counts.ts';

/** What a stage did with a batch; valid until it runs again. */
export interface TracedRun {
  /** The records that it worked on: those that meet its condition. */
  readonly taken: ReadonlySet<number>;
  /** What it could not read, and why, by record. */
  readonly failures: ReadonlyMap<number, string>;
  /** Whether that is no error (`on_error: ignore`). */
  readonly isFailureIgnored: boolean;
  /** What it would have counted, by record. */
  readonly counts: ReadonlyMap<number, readonly string[]>;
}

/** A stage that can be watched at its work. */
export interface TracedStage {
  /** As in metrics: `logs/1`, or `logs/1.2` in a group. */
  readonly name: string;
  /** What the configuration calls it; in a group with the name of that: `nginx: timestamp`. */
  readonly label: string;
  run(batch: RecordBatch): TracedRun;
}

/** One step of a run: a stage, or the start or end of a group that has a condition. */
export type TracedStep = TracedStage | { readonly choose: (batch: RecordBatch) => void };

/** Builds stages as the agent does, but so that each can be looked at on its own. */
export function traceStages(steps: readonly ConfiguredStep[], context: StageContext, label = ''): TracedStep[] {
  return steps.flatMap((step, index) =>
    traceStep(step, { ...context, name: `${context.name}${label === '' ? '/' : '.'}${index + 1}` }, label),
  );
}

function traceStep(step: ConfiguredStep, context: StageContext, outer: string): TracedStep[] {
  const label = outer === '' ? step.label : `${outer}: ${step.label}`;
  if ('definition' in step) return [traceStage(step, label, context)];
  const inner = 'stages' in step ? traceStages(step.stages, context, label) : [traceAuto(step, label, context)];
  if (step.when === undefined) return inner;
  const choice = new RecordChoice(step.when.build(context.keys));
  return [{ choose: (batch) => void choice.hide(batch) }, ...inner, { choose: (batch) => choice.show(batch) }];
}

/** What was chosen is shown as one stage: which it is shows with the records only. */
function traceAuto(step: ConfiguredAuto, label: string, context: StageContext): TracedStage {
  const stage = buildAuto(step, context);
  return {
    name: context.name,
    label,
    run(batch) {
      const live = Array.from({ length: batch.count }, (_, record) => record).filter((record) => batch.isLive(record));
      stage.process(batch);
      const failed = live.filter((record) => batch.flags[record]! & RecordFlag.ParseFailed);
      const failures = new Map(failed.map((record) => [record, 'not of the format']));
      return { taken: new Set(live), failures, isFailureIgnored: false, counts: new Map() };
    },
  };
}

function traceStage(step: ConfiguredStage, label: string, context: StageContext): TracedStage {
  const counts = new TracedCounts();
  const instruments = context.instruments.isWatched ? context.instruments : counts;
  const stage = step.definition.build(step.options, { ...context, instruments });
  const failures = new Map<number, string>();
  const taken = new Set<number>();
  const watched: Stage = {
    process(batch) {
      for (let record = 0; record < batch.count; record++) if (batch.isLive(record)) taken.add(record);
      stage.process(batch);
      for (const { record, reason } of batch.failures) failures.set(record, reason);
    },
  };
  const host = hostStage(watched, step, context);
  return {
    name: context.name,
    label,
    run(batch) {
      failures.clear();
      taken.clear();
      host.process(batch);
      return { taken, failures, isFailureIgnored: step.onError === 'ignore', counts: counts.take() };
    },
  };
}
