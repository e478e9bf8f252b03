import type { SourceContext } from '../component/definition.ts';
import type { AgentConfig } from '../config/agent-config.ts';
import { writtenFiles } from '../config/check-files.ts';
import type { Legacy } from '../core/contracts.ts';
import { BatchPool } from '../pipeline/batch-pool.ts';
import { SourceOutput } from '../pipeline/source-output.ts';
import { type Estate, inherit } from './inherit.ts';
import type { Parts } from './parts.ts';
import { type PlannedPipeline, type PlannedReader, type PlannedSource, routesOf } from './plan-readers.ts';
import { Reader, type ReaderOutput } from './reader.ts';
import type { Shared } from './shared.ts';
import { obstacleOf } from './workers/obstacle.ts';

/**
 * How many batches of a reader may be out at once: one is filled by a read while another goes through the stages, and a
 * third waits for a sink.
 */
const BATCHES_PER_READER = 3;

/** What the names of the sections of readers begin with. */
const SECTIONS = 'source/';

/** What readers are opened with. */
export interface ReaderSetting {
  readonly parts: Parts;
  readonly shared: Shared;
  /** Whether the agent runs already. */
  readonly isLate: boolean;
  /** Is told of a bug in a stage or sink. */
  readonly onError: (what: string, error: unknown) => void;
}

/** What readers of a source have stored, in the last life or in this one. */
export function estateOf(source: string, { checkpoint, ledger }: Shared): Estate {
  const sections = checkpoint.peek(SECTIONS + source);
  const states = new Map(Array.from(sections, ([section, state]) => [section.slice(SECTIONS.length), state]));
  return { states, books: ledger.peek(source) };
}

/** Gives up what a reader has stored: another one has taken it over. */
export function forgetReader(reader: string, { checkpoint, ledger }: Shared): void {
  checkpoint.forget(SECTIONS + reader);
  ledger.forget(reader);
}

/** Opens the readers of a source, which go on from where those of the last life were. */
export function openReaders(source: PlannedSource, setting: ReaderSetting): Reader[] {
  const { shared } = setting;
  if (source.notice !== undefined) shared.logger.info({ source: source.source.name }, source.notice);
  const estate = estateOf(source.source.name, shared);
  for (const reader of new Set([...estate.states.keys(), ...estate.books.keys()])) forgetReader(reader, shared);
  return source.readers.map((reader) => openReader(source, reader, estate, undefined, setting));
}

/** Opens a reader that goes on from what others have left. */
export function openReader(
  source: PlannedSource,
  plan: PlannedReader,
  estate: Estate,
  predecessor: Legacy | undefined,
  setting: ReaderSetting,
): Reader {
  const inherited = inherit(plan, source, estate);
  const ledger = setting.shared.ledger.open(plan.name, routesOf(plan), inherited.books);
  const into = { ...openOutput(plan, setting), ledger };
  return buildReader(source, plan, { into, state: inherited.state, predecessor }, setting);
}

/** Opens a reader in the place of one of that name: it goes on with the books of that one. */
export function succeedReader(
  old: Reader,
  source: PlannedSource,
  predecessor: Legacy | undefined,
  setting: ReaderSetting,
  into: ReaderOutput = old.into,
): Reader {
  const { checkpoint } = setting.shared;
  const section = SECTIONS + old.name;
  const state = checkpoint.peek(section).get(section);
  into.ledger.leavePlaces();
  const reader = buildReader(source, old.plan, { into, state, predecessor }, setting);
  old.retire();
  return reader;
}

/** What the batches of a reader go into. */
export function openOutput(
  plan: PlannedReader,
  { parts, shared, onError }: ReaderSetting,
): Omit<ReaderOutput, 'ledger'> {
  const { keys, clock, logger, metrics, onInput, workers } = shared;
  const pool = new BatchPool(BATCHES_PER_READER, keys, () => clock.unixMs());
  const abandon = new AbortController();
  const common = {
    stop: abandon.signal,
    abandoned: metrics.counter('pillion_source_abandoned_records_total', { source: plan.name }),
    onSend: onInput,
  };
  const here = new SourceOutput(pool, parts.pipelinesOf(plan), {
    ...common,
    pause: async (ms, signal) => {
      const startMs = clock.nowMs();
      await clock.sleep(ms, signal);
      const seconds = metrics.counter('pillion_source_paused_seconds_total', { source: plan.name });
      seconds.add((clock.nowMs() - startMs) / 1000);
    },
    onError: (error) => onError(`Cannot process records of source "${plan.name}"`, error),
  });
  const source = parts.planned.find(({ readers }) => readers.includes(plan));
  if (workers === undefined || source?.source.definition.files === undefined) return { output: here, abandon };
  const isCounting = (pipeline: PlannedPipeline): boolean => parts.registries.byPipeline.has(pipeline);
  const reason = obstacleOf(source, plan, { config: parts.config, isCounting });
  if (reason !== undefined) logger.info({ source: plan.name, reason }, 'The files are not spread over the workers.');
  const output = workers.spreadOutput(plan.name, here, {
    ...common,
    keys,
    pool,
    unixMs: () => clock.unixMs(),
    slots: BATCHES_PER_READER,
  });
  return { output, abandon };
}

function buildReader(
  source: PlannedSource,
  plan: PlannedReader,
  on: { readonly into: ReaderOutput; readonly state: unknown; readonly predecessor: Legacy | undefined },
  { parts, shared, isLate }: ReaderSetting,
): Reader {
  const { clock, logger, keys, checkpoint, resource, userAgent, onInput } = shared;
  const { name, definition, options } = source.source;
  const section = SECTIONS + plan.name;
  const metrics = shared.metrics.scope();
  checkpoint.forget(section);
  const context: SourceContext = {
    clock,
    logger,
    metrics,
    keys,
    name,
    userAgent,
    onInput,
    readers: source.readers.length,
    get resource() {
      return resource.current;
    },
    get writtenAttributes() {
      return resource.written;
    },
    ledger: on.into.ledger,
    checkpoint: checkpoint.section(section, on.state),
    predecessor: on.predecessor,
    stateFolder: checkpoint.folder,
    ownPaths: ownPathsOf(parts.config),
  };
  const built = definition.build(options, context);
  on.predecessor?.close();
  const reader = new Reader({ source, plan, built, into: on.into, metrics, isLate });
  reader.showMetrics(parts.sinks);
  return reader;
}

/** What the agent writes, which no source reads. */
export function ownPathsOf(config: AgentConfig): readonly string[] {
  return writtenFiles(config);
}
