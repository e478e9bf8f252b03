import type { SinkDefinition } from '../component/definition.ts';
import type { AgentConfig, Configured } from '../config/agent-config.ts';
import type { ConfigDiff } from '../config/config-diff.ts';
import type { Sink } from '../core/contracts.ts';
import type { Pipeline, Twins } from '../pipeline/pipeline.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { buildPipeline, endsOf, type PipelineSetting, takerOf } from './build-pipeline.ts';
import { buildSink } from './build-sink.ts';
import { type OpenedRegistries, openRegistries } from './open-registries.ts';
import { type PlannedPipeline, type PlannedReader, type PlannedSource, planReaders } from './plan-readers.ts';
import type { Shared } from './shared.ts';
import { isSameWanted, wantedBySinks } from './wanted-attributes.ts';

/** The parts of an agent that stand behind its readers, built for one configuration. */
export interface Parts {
  readonly config: AgentConfig;
  readonly planned: readonly PlannedSource[];
  readonly sinks: ReadonlyMap<string, Sink>;
  /** What each sink shows of itself. */
  readonly metrics: ReadonlyMap<Sink, Metrics>;
  /** By the names of their stages. */
  readonly pipelines: ReadonlyMap<string, Pipeline>;
  readonly registries: OpenedRegistries;
  /** In the order in which the records of a reader take them. */
  pipelinesOf(reader: PlannedReader): Pipeline[];
}

/** What is there already, and how it differs from what is to be built. */
export interface Before {
  readonly parts: Parts;
  readonly diff: ConfigDiff;
}

/**
 * Builds the parts for a configuration; those that are the same as `before` are carried over. Throws an OperatorError
 * when one cannot be built: then what was built is closed again, and what was there is as it was.
 */
export function buildParts(config: AgentConfig, shared: Shared, before?: Before): Parts {
  const planned = planReaders(config);
  const sinks = new Map<string, Sink>();
  const metrics = new Map<Sink, Metrics>();
  const pipelines = new Map<string, Pipeline>();
  try {
    for (const configured of config.sinks) {
      const old = keptSink(configured.name, planned, before);
      const scope = (old && before?.parts.metrics.get(old)) ?? shared.metrics.scope();
      const sink = old ?? buildSpread(configured, { ...shared, metrics: scope });
      sinks.set(configured.name, sink);
      metrics.set(sink, scope);
    }
    const registries = openRegistries(planned, { config, sinks, shared, before: before?.parts.registries });
    for (const plan of plansIn(planned)) {
      const wanted = wantedBySinks(plan, config.sinks);
      const registry = registries.byPipeline.get(plan);
      const setting = { sinks, shared, registry, wanted };
      const twins = (): Twins | undefined => shared.workers?.twinsOf(plan, registry !== undefined);
      pipelines.set(
        plan.stagesName,
        keptPipeline(plan, setting, before) ?? buildPipeline(plan, { ...setting, twins: twins() }),
      );
    }
    registries.begin();
    const pipelinesOf = (reader: PlannedReader): Pipeline[] =>
      reader.pipelines.map(({ stagesName }) => pipelines.get(stagesName)!);
    return { config, planned, sinks, metrics, pipelines, registries, pipelinesOf };
  } catch (error) {
    for (const pipeline of pipelines.values()) if (!isKept(pipeline, before)) void pipeline.close();
    for (const [name, sink] of sinks) {
      if (before?.parts.sinks.get(name) === sink) continue;
      void sink.close();
      metrics.get(sink)?.retire();
    }
    throw error;
  }
}

/** Builds a sink, which is in each worker, too, where there are any. */
function buildSpread(configured: Configured<SinkDefinition<unknown>>, shared: Shared): Sink {
  const sink = buildSink(configured, shared);
  return shared.workers?.spreadSink(configured, sink) ?? sink;
}

/** The pipelines that are needed, each once. */
function plansIn(planned: readonly PlannedSource[]): ReadonlySet<PlannedPipeline> {
  return new Set(planned.flatMap(({ readers }) => readers.flatMap(({ pipelines }) => pipelines)));
}

/**
 * The sink of that name, if it goes on. One whose readers all end, since others take their place, does not: what it
 * could not deliver they read again, and it must not deliver that, too.
 */
function keptSink(name: string, planned: readonly PlannedSource[], before: Before | undefined): Sink | undefined {
  if (before === undefined || before.diff.sinks.changed.includes(name)) return undefined;
  const readersNow = new Set(readersOf(name, planned));
  const readersBefore = readersOf(name, before.parts.planned);
  if (readersBefore.length > 0 && !readersBefore.some((reader) => readersNow.has(reader))) return undefined;
  return before.parts.sinks.get(name);
}

function readersOf(sink: string, planned: readonly PlannedSource[]): string[] {
  const readers = planned.flatMap(({ readers }) => readers);
  return readers.filter(({ sinks }) => sinks.includes(sink)).map(({ name }) => name);
}

/** The pipeline with the stages that are there already, with their state, and perhaps other ways out. */
function keptPipeline(
  plan: PlannedPipeline,
  { sinks, shared, registry, wanted }: PipelineSetting,
  before: Before | undefined,
): Pipeline | undefined {
  const old = before?.parts.pipelines.get(plan.stagesName);
  if (before === undefined || old === undefined || before.diff.stages.includes(plan.name)) return undefined;
  const planBefore = [...plansIn(before.parts.planned)].find(({ stagesName }) => stagesName === plan.stagesName);
  if (planBefore?.isFirst !== plan.isFirst) return undefined;
  // Its stages count in it.
  if (before.parts.registries.byPipeline.get(planBefore) !== registry) return undefined;
  // Its stages set what they had to set then.
  if (!isSameWanted(wantedBySinks(planBefore, before.parts.config.sinks), wanted)) return undefined;
  const isSame =
    !before.diff.pipelines.changed.includes(plan.name) &&
    planBefore.siblings.join() === plan.siblings.join() &&
    plan.to.every((sink) => sinks.get(sink) === before.parts.sinks.get(sink));
  return isSame ? old : old.withEnds(endsOf(plan, sinks, shared), takerOf(plan));
}

function isKept(pipeline: Pipeline, before: Before | undefined): boolean {
  const old = before?.parts.pipelines.values() ?? [];
  return [...old].some((other) => other.hasStagesOf(pipeline));
}
