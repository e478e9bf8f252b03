import type { StageContext } from '../component/definition.ts';
import type { ConfiguredAuto, ConfiguredStep, OnError } from '../config/agent-config.ts';
import type { Stage } from '../core/contracts.ts';
import { OperatorError } from '../core/errors.ts';
import type { RecordBatch } from '../core/record-batch.ts';
import { type Detection, type Found, readableAs } from '../detect/detection.ts';
import { Detector } from '../detect/detector.ts';
import type { SampleCollector } from '../detect/sample.ts';

/** Builds stages that are called `<context.name>.<position>`. */
type Build = (steps: readonly ConfiguredStep[], context: StageContext) => Stage[];

/** So many records are enough to decide for good. */
const ENOUGH_RECORDS = 50;
/** What is looked at of a stream. */
const LIMITS = { maxRecords: 200, maxBytes: 128 * 1024 };
/** A stream that is still not sure after so many batches stays with what it has. */
const MAX_BATCHES = 8;
/** The oldest stream is forgotten when there are more; should it come back, it is decided anew. */
const MAX_STREAMS = 4096;
/** So many streams may be undecided: the records of each are kept until then. */
const MAX_UNDECIDED = 256;
/** Formats whose stages are kept for the next stream of the same. */
const MAX_BUILT = 256;
/** What was built to decide is kept for other streams so long. */
const KEEP_MS = 60_000;

/** What was decided for a stream. */
interface Decided {
  readonly stages: readonly Stage[];
  readonly format: string | undefined;
}

/** A stream whose records so far may be too few. */
interface Undecided extends Decided {
  readonly collector: SampleCollector;
  batches: number;
}

/**
 * `use: auto`: finds out what the records of each stream are by its first ones, and reads them as that from then on.
 *
 * It decides with the first batch, for good when that has enough records or the format is beyond doubt; otherwise the
 * next batches may change it, up to the eighth. A restart decides anew, by the first records that it sees.
 */
export class AutoStage implements Stage {
  readonly #auto: ConfiguredAuto;
  readonly #context: StageContext;
  readonly #build: Build;
  readonly #detector: Detector;
  readonly #decided = new Map<string, Decided>();
  readonly #undecided = new Map<string, Undecided>();
  /** The stages that were chosen, by what they would be in a configuration. */
  readonly #built = new Map<string, readonly Stage[]>();
  #lastDecisionMs = 0;

  constructor(
    auto: ConfiguredAuto,
    { build, buildTrial }: { readonly build: Build; readonly buildTrial: Build },
    context: StageContext,
  ) {
    const { candidates: readyMade, catalog } = auto;
    this.#auto = auto;
    this.#build = build;
    this.#context = context;
    this.#detector = new Detector({ readyMade, catalog, build: buildTrial, context });
  }

  process(batch: RecordBatch): void {
    if (batch.count === 0) return;
    const { stages } = this.#decided.get(batch.stream.id) ?? this.#decide(batch);
    for (const stage of stages) stage.process(batch);
    this.#releaseDetector();
  }

  async close(): Promise<void> {
    for (const stages of this.#built.values()) for (const stage of stages) await stage.close?.();
  }

  #decide(batch: RecordBatch): Decided {
    const { id, name } = batch.stream;
    const before = this.#undecided.get(id);
    const collector = before?.collector ?? this.#detector.collector(LIMITS);
    const batches = (before?.batches ?? 0) + 1;
    collector.add(batch);
    this.#lastDecisionMs = this.#context.clock.nowMs();
    const sample = collector.sample();
    const detection = this.#detector.detect({ name, sampleFor: () => sample });
    const found = readableAs(detection);
    const decided = { stages: this.#stagesOf(found), format: found?.name };
    if (before === undefined || before.format !== decided.format) this.#report(name, detection, found);
    const isSure = detection.confidence?.level === 'high' || collector.count >= ENOUGH_RECORDS;
    if (isSure || batches === MAX_BATCHES || this.#undecided.size >= MAX_UNDECIDED) this.#settle(id, decided);
    else this.#undecided.set(id, { ...decided, collector, batches });
    return decided;
  }

  #settle(id: string, { stages, format }: Decided): void {
    this.#undecided.delete(id);
    this.#decided.set(id, { stages, format });
    if (this.#decided.size > MAX_STREAMS) this.#decided.delete(this.#decided.keys().next().value!);
  }

  #stagesOf(found: Found | undefined): readonly Stage[] {
    if (found === undefined) return [];
    const id = JSON.stringify(found.written);
    const built = this.#built.get(id) ?? this.#buildStages(found);
    this.#built.set(id, built);
    // Streams keep what they have; only the next one of the kind builds it anew.
    if (this.#built.size > MAX_BUILT) this.#built.delete(this.#built.keys().next().value!);
    return built;
  }

  #buildStages({ name, steps }: Found): readonly Stage[] {
    const { onError } = this.#auto;
    const own = steps.map((step) => withOnError(step, onError));
    try {
      return this.#build(own, { ...this.#context, name: `${this.#context.name}.${name}` });
    } catch (error) {
      // The table of keys is full, of records that invent them: no stage can have one of its own any more.
      if (!(error instanceof RangeError || error instanceof OperatorError)) throw error;
      this.#context.logger.warn({ format: name, error: error.message }, 'Cannot build the stages that were found.');
      return [];
    }
  }

  #report(stream: string, { confidence }: Detection, found: Found | undefined): void {
    const { logger, name: stage } = this.#context;
    if (found === undefined || confidence === undefined) {
      logger.info({ stage, stream }, 'No known format fits the stream: its records go on as they are.');
      return;
    }
    const { name: format, written } = found;
    const stages = JSON.stringify(written);
    logger.info({ stage, stream, format, confidence: confidence.level, stages }, 'The format of the stream was found.');
  }

  /** Gives back the memory that decisions need, when there have been none for a while, or when it has become too much. */
  #releaseDetector(): void {
    if (this.#detector.isLarge) {
      // Their samples are worth nothing without it.
      for (const [id, stream] of this.#undecided) this.#settle(id, stream);
    } else if (this.#undecided.size > 0 || this.#context.clock.nowMs() - this.#lastDecisionMs < KEEP_MS) {
      return;
    }
    this.#detector.release();
  }
}

/** The step with what becomes of records that it cannot read, unless it says that itself. */
function withOnError(step: ConfiguredStep, onError: OnError): ConfiguredStep {
  if ('definition' in step) return step.onError === 'forward' ? { ...step, onError } : step;
  return 'stages' in step ? { ...step, stages: step.stages.map((inner) => withOnError(inner, onError)) } : step;
}
