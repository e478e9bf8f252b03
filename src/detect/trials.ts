import { checkOptions } from '../component/check-options.ts';
import type { StageContext } from '../component/definition.ts';
import type { Judge } from '../condition/verdict.ts';
import type { ConfiguredGroup, ConfiguredStage } from '../config/agent-config.ts';
import type { Stage } from '../core/contracts.ts';
import { unwatchedInstruments } from '../core/instruments.ts';
import { KeyTable } from '../core/key-table.ts';
import { RecordBatch } from '../core/record-batch.ts';
import { Metrics } from '../telemetry/metrics.ts';
import type { DetectorOptions } from './detector-options.ts';
import type { StageList } from './forms/form.ts';
import type { Sample } from './sample.ts';
import { type Tally, tallyOf } from './tally.ts';

/** A ready-made pipeline, built. */
interface Candidate {
  readonly stages: readonly Stage[];
  readonly isRecognised: Judge;
}

/** What became of a sample. */
export interface Trial {
  readonly tally: Tally;
  /** The records, as the stages left them; valid until the next trial. */
  readonly batch: RecordBatch;
  /** Whether a record shows its format; undefined: any that was read does. */
  readonly isRecognised: Judge | undefined;
}

/** Records that are looked at first: a format that none of them shows is not tried on the others. */
const FIRST_LOOK = 16;

const MAX_KEYS = 1 << 20;

/** Lets stages read samples, away from the records and the metrics of the agent. */
export class Trials {
  /** Room for the keys of several samples that invent them, so that no stage that is built goes without. */
  readonly keys = new KeyTable(MAX_KEYS);
  readonly #options: DetectorOptions;
  readonly #context: StageContext;
  readonly #batch = new RecordBatch(this.keys, 4096);
  readonly #candidates = new Map<ConfiguredGroup, Candidate>();

  constructor(options: DetectorOptions) {
    this.#options = options;
    const own = { name: 'detect', metrics: new Metrics(), keys: this.keys, instruments: unwatchedInstruments };
    this.#context = { ...options.context, ...own };
  }

  /**
   * What a ready-made pipeline makes of the records; undefined: they are not of its format. `commonKeys`: attributes that
   * are no sign of it.
   */
  tryGroup(group: ConfiguredGroup, sample: Sample, commonKeys?: ReadonlySet<number>): Trial | undefined {
    const candidate = this.#candidateOf(group);
    if (candidate === undefined) return undefined;
    const { stages, isRecognised } = candidate;
    if (sample.batch.count > 2 * FIRST_LOOK) {
      const first = tallyOf(this.#process(sample, stages, Math.floor(sample.batch.count / FIRST_LOOK)), isRecognised);
      if (first.recognised === 0) return undefined;
    }
    const batch = this.#process(sample, stages);
    return { tally: tallyOf(batch, isRecognised, commonKeys), batch, isRecognised };
  }

  #candidateOf(group: ConfiguredGroup): Candidate | undefined {
    if (group.detect === undefined) return undefined;
    const candidate = this.#candidates.get(group) ?? {
      stages: this.#options.build(group.stages, this.#context),
      isRecognised: group.detect.build(this.keys),
    };
    this.#candidates.set(group, candidate);
    return candidate;
  }

  /** What stages make of the records; undefined: they cannot be used. */
  tryStages(written: StageList, sample: Sample): Trial | undefined {
    const steps = this.configure(written);
    if (steps === undefined) return undefined;
    const batch = this.#process(sample, this.#options.build(steps, this.#context));
    return { tally: tallyOf(batch), batch, isRecognised: undefined };
  }

  /** Stages with their options checked; undefined: the catalog does not have one, or it does not take the options. */
  configure(written: StageList): ConfiguredStage[] | undefined {
    const steps = written.flatMap((stage) => {
      const [type, options] = typeof stage === 'string' ? [stage, {}] : Object.entries(stage)[0]!;
      const definition = this.#options.catalog.stages.get(type);
      // What has to be loaded first cannot be built at once.
      if (definition === undefined || definition.load !== undefined) return [];
      const checked = checkOptions(definition.options, options, []);
      if (!checked.ok || (definition.check?.(checked.options) ?? []).length > 0) return [];
      return [{ definition, options: checked.options, label: type, when: undefined, onError: 'forward' as const }];
    });
    return steps.length === written.length ? steps : undefined;
  }

  /** Runs stages over a copy of the records, or over every `step`th of them. */
  #process({ batch: sample }: Sample, stages: readonly Stage[], step = 1): RecordBatch {
    const batch = this.#batch;
    batch.copyFrom(sample);
    if (step > 1) for (let record = 0; record < batch.count; record++) if (record % step !== 0) batch.drop(record);
    for (const stage of stages) stage.process(batch);
    return batch;
  }
}
