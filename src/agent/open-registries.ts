import type { AgentConfig } from '../config/agent-config.ts';
import { measuredMetrics } from '../config/measured-metrics.ts';
import type { Sink } from '../core/contracts.ts';
import { sourceOfReader } from '../ledger/reader-name.ts';
import { MetricRegistries, type StoredRegistry } from '../metrics/metric-registries.ts';
import type { MetricRegistry } from '../metrics/metric-registry.ts';
import { predecessorsOf } from './inherit.ts';
import type { PlannedPipeline, PlannedReader, PlannedSource } from './plan-readers.ts';
import type { Shared } from './shared.ts';

/** Registries, by the pipelines that count in them. */
export interface OpenedRegistries {
  readonly byPipeline: ReadonlyMap<PlannedPipeline, MetricRegistry>;
  /** Gives them to their sinks, and to the checkpoint; once all pipelines are built. */
  begin(): void;
}

/** A registry that is needed. */
interface Needed {
  /** Those that take metrics, in order. */
  readonly sinks: readonly string[];
  readonly pipelines: Set<PlannedPipeline>;
  readonly readers: { readonly reader: PlannedReader; readonly plan: PlannedSource }[];
}

/**
 * Opens the registries that the pipelines need: one for each set of sinks that take metrics. A pipeline that counts
 * nothing, or leads to none of these, has none.
 */
export function openRegistries(
  planned: readonly PlannedSource[],
  { config, sinks, shared }: { config: AgentConfig; sinks: ReadonlyMap<string, Sink>; shared: Omit<Shared, 'ledger'> },
): OpenedRegistries {
  const { clock, logger, metrics, userAgent, checkpoint } = shared;
  const [name = '', version = ''] = userAgent.split('/');
  const section = checkpoint.section('metrics');
  const registries = new MetricRegistries({ section, clock, logger, metrics, scope: { name, version } });
  const byPipeline = new Map<PlannedPipeline, MetricRegistry>();
  const opened: { readonly sinks: readonly string[]; readonly registry: MetricRegistry }[] = [];
  for (const needed of neededRegistries(planned, sinks)) {
    const candidate = candidateFor(needed.sinks, registries.stored, config);
    const goesOn = candidate !== undefined && followsReaders(candidate, needed, registries.storedReaders);
    if (candidate !== undefined && !goesOn) {
      const fields = { sinks: needed.sinks };
      logger.info(fields, 'The metrics count anew: what reads for these sinks goes on where nobody had counted to.');
    }
    const readers = needed.readers.map(({ reader }) => reader.name);
    const registry = registries.open(needed.sinks, readers, goesOn ? candidate.state : undefined);
    for (const pipeline of needed.pipelines) byPipeline.set(pipeline, registry);
    opened.push({ sinks: needed.sinks, registry });
  }
  return {
    byPipeline,
    begin() {
      registries.begin(planned.flatMap(({ readers }) => readers.map((reader) => reader.name)));
      for (const { sinks: names, registry } of opened)
        for (const sink of names) sinks.get(sink)?.addMetrics?.(registry);
    },
  };
}

function neededRegistries(planned: readonly PlannedSource[], sinks: ReadonlyMap<string, Sink>): Iterable<Needed> {
  const needed = new Map<string, Needed>();
  for (const plan of planned) {
    for (const reader of plan.readers) {
      for (const pipeline of reader.pipelines) {
        const taking = pipeline.to.filter((sink) => sinks.get(sink)?.addMetrics !== undefined).sort();
        if (taking.length === 0 || measuredMetrics(pipeline.stages).length === 0) continue;
        const key = taking.join('/');
        let entry = needed.get(key);
        if (entry === undefined) needed.set(key, (entry = { sinks: taking, pipelines: new Set(), readers: [] }));
        entry.pipelines.add(pipeline);
        if (!entry.readers.some((known) => known.reader === reader)) entry.readers.push({ reader, plan });
      }
    }
  }
  return needed.values();
}

/**
 * The registry of the last life whose place one for `sinks` may take: that of the same sinks; else the only one of some
 * of them; else the only one whose sinks are gone, which may be called otherwise now.
 */
function candidateFor(
  sinks: readonly string[],
  stored: readonly StoredRegistry[],
  config: AgentConfig,
): StoredRegistry | undefined {
  const same = stored.find(
    (one) => one.sinks.length === sinks.length && one.sinks.every((name) => sinks.includes(name)),
  );
  if (same !== undefined) return same;
  const related = stored.filter((one) => one.sinks.some((name) => sinks.includes(name)));
  if (related.length > 0) return related.length === 1 ? related[0] : undefined;
  const isThere = (sink: string): boolean => config.sinks.some(({ name }) => name === sink);
  const orphans = stored.filter((one) => !one.sinks.some(isThere));
  return orphans.length === 1 ? orphans[0] : undefined;
}

/**
 * Whether every reader goes on where one of those was that the candidate has counted. One that takes the place of
 * several reads again what some of them had read, and no count of theirs is right for it.
 */
function followsReaders(candidate: StoredRegistry, { readers }: Needed, storedReaders: readonly string[]): boolean {
  return readers.every(({ reader, plan }) => {
    const left = storedReaders.filter((name) => sourceOfReader(name) === plan.source.name);
    const predecessors = predecessorsOf(reader, plan, left);
    return predecessors.length === 0 || (predecessors.length === 1 && candidate.readers.includes(predecessors[0]!));
  });
}
