import type { StageContext } from '../component/definition.ts';
import type { ConfiguredStep } from '../config/agent-config.ts';
import { RecordBatch } from '../core/record-batch.ts';
import type { Resource } from '../core/resource.ts';
import { Framings, type Grouping } from '../framing/framings.ts';
import { MetricRegistry } from '../metrics/metric-registry.ts';
import { Metrics } from '../telemetry/metrics.ts';
import { fieldsOf, type RecordFields } from './record-fields.ts';
import { type TracedStep, traceStages } from './traced-stages.ts';

/** What a stage did to one record. */
export interface StageTrace {
  readonly name: string;
  readonly label: string;
  /** The record behind it. */
  readonly after: RecordFields;
  /** Whether it worked on the record; false: its condition was not met. */
  readonly isTaken: boolean;
  /** Why it could not read the record. */
  readonly failure: string | undefined;
  /** Whether that is no error, because only some records have what it looks for. */
  readonly isFailureIgnored: boolean;
  /** Why it dropped the record. */
  readonly dropped: string | undefined;
  /** What it would have counted of it, a line for each metric. */
  readonly counts: readonly string[];
}

/** A record with its way through the stages. It ends where the record is dropped. */
export interface RecordTrace {
  readonly framed: RecordFields;
  readonly stages: readonly StageTrace[];
}

/** What is traced, and how. */
export interface TraceOptions {
  readonly steps: readonly ConfiguredStep[];
  /** How lines are put together; undefined: each is a record. */
  readonly grouping: Grouping | undefined;
  readonly resource: Resource;
  /** The name of the file. */
  readonly stream: string;
  readonly context: StageContext;
}

const MAX_RECORD_BYTES = 1 << 20;

/** Takes a whole input through framing and stages, as a file that is complete, and tells what became of each record. */
export function traceInput(
  input: Uint8Array,
  { steps, grouping, resource, stream, context }: TraceOptions,
): RecordTrace[] {
  const batch = frameInput(input, { grouping, resource, stream, context });
  const traces = Array.from({ length: batch.count }, (_, record) => ({
    framed: fieldsOf(batch, record),
    stages: [] as StageTrace[],
  }));
  for (const step of traceStages(steps, context)) runStep(step, batch, traces);
  return traces;
}

/** The records of an input, before any stage. */
export function frameInput(
  input: Uint8Array,
  { grouping, resource, stream, context }: Omit<TraceOptions, 'steps'>,
): RecordBatch {
  const batch = new RecordBatch(context.keys);
  batch.reset({ id: stream, name: stream, resource }, context.clock.unixMs());
  const framings = new Framings({ maxRecordBytes: MAX_RECORD_BYTES, grouping, keys: context.keys });
  let start = batch.appendBytes(input, 0, input.length);
  const end = batch.byteLength;
  const framing = framings.of(known(framings.detect(batch, start, end, false, true)));
  for (let resume = 'line'; start < end; ) {
    const framed = framing.frame(batch, start, end, {
      resume,
      maxRecordBytes: MAX_RECORD_BYTES,
      maxRecords: 1 << 20,
      isFinal: true,
      isQuiet: true,
      hasHoles: true,
      offset: start,
    });
    if (framed.consumed === 0) break;
    start += framed.consumed;
    resume = framed.resume;
  }
  return batch;
}

function known(format: ReturnType<Framings['detect']>) {
  return format === undefined || format === 'blank' ? 'plain' : format;
}

function runStep(step: TracedStep, batch: RecordBatch, traces: readonly { readonly stages: StageTrace[] }[]): void {
  if ('choose' in step) {
    step.choose(batch);
    return;
  }
  const live = Array.from(traces, (_, record) => record).filter((record) => batch.isLive(record));
  const before = new Map(batch.drops);
  const { taken, failures, isFailureIgnored, counts } = step.run(batch);
  const grown = [...batch.drops.keys()].filter((reason) => batch.drops.get(reason) !== before.get(reason));
  const dropped = grown.find((reason) => reason !== 'on_error');
  for (const record of live) {
    traces[record]!.stages.push({
      name: step.name,
      label: step.label,
      after: fieldsOf(batch, record),
      isTaken: taken.has(record),
      failure: failures.get(record),
      isFailureIgnored,
      counts: counts.get(record) ?? [],
      dropped: batch.isLive(record) ? undefined : failures.has(record) ? 'on_error' : dropped,
    });
  }
}

/** How long is measured: long enough for V8 to have compiled what is hot. */
const MEASURE_MS = 60;
/** However long they take: the first one compiles. */
const MIN_RUNS = 3;

/**
 * How long each stage takes for a record of this input, in milliseconds: the shortest of many runs over copies of it,
 * because one run alone measures a program that has just started.
 */
export function timeStages(input: Uint8Array, options: TraceOptions): Map<string, number> {
  const { clock } = options.context;
  const times = new Map<string, number>();
  const framed = frameInput(input, options);
  if (framed.count === 0) return times;
  const metrics = new Metrics();
  const registry = registryFor({ ...options.context, metrics });
  const steps = traceStages(options.steps, { ...options.context, metrics, instruments: registry });
  const batch = new RecordBatch(options.context.keys);
  const endMs = clock.nowMs() + MEASURE_MS;
  for (let run = 0; run < MIN_RUNS || clock.nowMs() < endMs; run++) {
    batch.copyFrom(framed);
    for (const step of steps) {
      if ('choose' in step) {
        step.choose(batch);
        continue;
      }
      const startMs = clock.nowMs();
      step.run(batch);
      const took = (clock.nowMs() - startMs) / framed.count;
      times.set(step.name, Math.min(took, times.get(step.name) ?? took));
    }
    registry.seal({ onCommit: (counts) => counts.commit() });
  }
  return times;
}

/** A registry that nobody looks into. */
function registryFor({ clock, logger, metrics }: Pick<StageContext, 'clock' | 'logger' | 'metrics'>): MetricRegistry {
  return new MetricRegistry({
    name: '',
    clock,
    logger,
    metrics,
    scope: { name: '', version: '' },
    restored: undefined,
    isVolatile: true,
    onChange: () => {},
  });
}
