import type { AgentConfig } from '../config/agent-config.ts';
import { measuredMetrics } from '../config/measured-metrics.ts';
import type { Sink } from '../core/contracts.ts';
import { sourceOfReader } from '../ledger/reader-name.ts';
import { MetricRegistries, type OpenRegistry, type StoredRegistry } from '../metrics/metric-registries.ts';
import type { MetricRegistry } from '../metrics/metric-registry.ts';
import { predecessorsOf } from './inherit.ts';
import type { PlannedPipeline, PlannedReader, PlannedSource } from './plan-readers.ts';
import type { Shared } from './shared.ts';

/** Registries, by the pipelines that count in them. */
export interface OpenedRegistries {
  readonly registries: MetricRegistries;
  readonly byPipeline: ReadonlyMap<PlannedPipeline, MetricRegistry>;
  readonly opened: readonly OpenRegistry[];
  /** What ends that a sink shows a registry. */
  readonly shown: ReadonlyMap<Sink, Map<MetricRegistry, () => void>>;
  /** Gives them to their sinks, and to the checkpoint; once all pipelines are built. */
  begin(): void;
}

/** What registries are opened with. */
export interface RegistrySetting {
  readonly config: AgentConfig;
  readonly sinks: ReadonlyMap<string, Sink>;
  readonly shared: Omit<Shared, 'ledger'>;
  /** Those that are there already: they go on, where somebody still counts in them. */
  readonly before: OpenedRegistries | undefined;
}

/** About what a series takes in the checkpoint. */
const STORED_SERIES_BYTES = 64;

/** A registry that is needed. */
interface Needed {
  /** Those that take metrics, in order. */
  readonly sinks: readonly string[];
  readonly pipelines: Set<PlannedPipeline>;
  readonly readers: { readonly reader: PlannedReader; readonly plan: PlannedSource }[];
  /** Of its metrics. */
  readonly names: Set<string>;
}

/**
 * Opens the registries that the pipelines need: one for each set of sinks that take metrics. A pipeline that counts
 * nothing, or leads to none of these, has none.
 */
export function openRegistries(planned: readonly PlannedSource[], setting: RegistrySetting): OpenedRegistries {
  const { sinks, before } = setting;
  const registries = before?.registries ?? createRegistries(setting.shared);
  const byPipeline = new Map<PlannedPipeline, MetricRegistry>();
  const opened: OpenRegistry[] = [];
  for (const needed of neededRegistries(planned, sinks)) {
    const readers = needed.readers.map(({ reader }) => reader.name);
    const known = before?.opened.find((one) => isSameSet(one.sinks, needed.sinks))?.registry;
    const state = before === undefined ? stateFor(needed, registries, setting) : undefined;
    const registry = known ?? registries.create(needed.sinks, state);
    for (const pipeline of needed.pipelines) byPipeline.set(pipeline, registry);
    opened.push({ sinks: needed.sinks, readers, names: needed.names, registry });
  }
  const shown = new Map<Sink, Map<MetricRegistry, () => void>>();
  return {
    registries,
    byPipeline,
    opened,
    shown,
    begin() {
      registries.begin(
        opened,
        planned.flatMap(({ readers }) => readers.map((reader) => reader.name)),
      );
      for (const { sinks: names, registry } of opened) {
        for (const name of names) show(registry, sinks.get(name)!, shown, before?.shown);
      }
      for (const ofSink of before?.shown.values() ?? []) for (const hide of ofSink.values()) hide();
    },
  };
}

function createRegistries(shared: Omit<Shared, 'ledger'>): MetricRegistries {
  const { clock, logger, metrics, userAgent, checkpoint, onInput } = shared;
  const [name = '', version = ''] = userAgent.split('/');
  const section = checkpoint.section('metrics');
  const registries = new MetricRegistries({ section, clock, logger, metrics, scope: { name, version } });
  // Who restores many series has much to do before the first line comes, and to show when it is asked for them.
  onInput(registries.storedSeries * STORED_SERIES_BYTES);
  return registries;
}

/** Has a sink show a registry, unless it does; what is left in `before` is to be hidden. */
function show(
  registry: MetricRegistry,
  sink: Sink,
  shown: Map<Sink, Map<MetricRegistry, () => void>>,
  before: OpenedRegistries['shown'] | undefined,
): void {
  const hide = before?.get(sink)?.get(registry) ?? sink.addMetrics?.(registry);
  before?.get(sink)?.delete(registry);
  const ofSink = shown.get(sink) ?? new Map<MetricRegistry, () => void>();
  if (hide !== undefined) shown.set(sink, ofSink.set(registry, hide));
}

/** What the last life left for a registry; undefined: it begins to count. */
function stateFor(needed: Needed, registries: MetricRegistries, { config, shared }: RegistrySetting): unknown {
  const candidate = candidateFor(needed.sinks, registries.stored, config);
  if (candidate === undefined) return undefined;
  if (followsReaders(candidate, needed, registries.storedReaders)) return candidate.state;
  const fields = { sinks: needed.sinks };
  shared.logger.info(fields, 'The metrics count anew: what reads for these sinks goes on where nobody had counted to.');
  return undefined;
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name) => b.includes(name));
}

function neededRegistries(planned: readonly PlannedSource[], sinks: ReadonlyMap<string, Sink>): Iterable<Needed> {
  const needed = new Map<string, Needed>();
  for (const plan of planned) {
    for (const reader of plan.readers) {
      for (const pipeline of reader.pipelines) {
        const taking = pipeline.to.filter((sink) => sinks.get(sink)?.addMetrics !== undefined).sort();
        const metrics = measuredMetrics(pipeline.stages);
        if (taking.length === 0 || metrics.length === 0) continue;
        const key = taking.join('/');
        let entry = needed.get(key);
        if (entry === undefined) {
          entry = { sinks: taking, pipelines: new Set(), readers: [], names: new Set() };
          needed.set(key, entry);
        }
        entry.pipelines.add(pipeline);
        for (const { name } of metrics) entry.names.add(name);
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
  const same = stored.find((one) => isSameSet(one.sinks, sinks));
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
