import type { SourceContext } from '../component/definition.ts';
import type { AgentConfig } from '../config/agent-config.ts';
import { writtenFiles } from '../config/check-files.ts';
import type { Sink } from '../core/contracts.ts';
import { routeName } from '../ledger/route-name.ts';
import { BatchPool } from '../pipeline/batch-pool.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import { SourceOutput } from '../pipeline/source-output.ts';
import { inherit } from './inherit.ts';
import type { PlannedPipeline, PlannedReader, PlannedSource } from './plan-readers.ts';
import { Reader } from './reader.ts';
import type { Shared } from './shared.ts';

/**
 * How many batches of a reader may be out at once: one is filled by a read while another goes through the stages, and a
 * third waits for a sink.
 */
const BATCHES_PER_READER = 3;

/** What the names of the sections of readers begin with. */
const SECTIONS = 'source/';

/** What readers are opened with. */
export interface ReaderSetting {
  readonly config: AgentConfig;
  readonly shared: Shared;
  readonly pipelines: ReadonlyMap<PlannedPipeline, Pipeline>;
  readonly sinks: ReadonlyMap<string, Sink>;
  /** Gives up waiting for sinks. */
  readonly stop: AbortSignal;
  /** Is told of a bug in a stage or sink. */
  readonly onError: (what: string, error: unknown) => void;
}

/** Builds the readers of a source, which go on from where those of the last life were. */
export function openReaders(plan: PlannedSource, setting: ReaderSetting): Reader[] {
  const { config, shared, pipelines, sinks, stop, onError } = setting;
  const { clock, logger, metrics, keys, checkpoint, ledger, resource } = shared;
  const { source, readers, notice } = plan;
  const { name, definition, options } = source;
  if (notice !== undefined) logger.info({ source: name }, notice);
  const sections = checkpoint.peek(SECTIONS + name);
  const states = new Map(Array.from(sections, ([section, state]) => [section.slice(SECTIONS.length), state]));
  const books = ledger.peek(name);
  for (const section of sections.keys()) checkpoint.forget(section);
  for (const reader of books.keys()) ledger.forget(reader);
  return readers.map((reader) => {
    const pool = new BatchPool(BATCHES_PER_READER, keys, () => clock.unixMs());
    const ways = reader.pipelines.map((pipeline) => pipelines.get(pipeline)!);
    const output = new SourceOutput(pool, ways, {
      stop,
      abandoned: metrics.counter('pillion_source_abandoned_records_total', { source: reader.name }),
      onSend: shared.onInput,
      pause: async (ms, signal) => {
        const startMs = clock.nowMs();
        await clock.sleep(ms, signal);
        const seconds = metrics.counter('pillion_source_paused_seconds_total', { source: reader.name });
        seconds.add((clock.nowMs() - startMs) / 1000);
      },
      onError: (error) => onError(`Cannot process records of source "${reader.name}"`, error),
    });
    const inherited = inherit(reader, plan, { states, books });
    const context: SourceContext = {
      clock,
      logger,
      metrics,
      keys,
      name,
      readers: readers.length,
      get resource() {
        return resource.current;
      },
      ledger: ledger.open(reader.name, routesOf(reader), inherited.books),
      checkpoint: checkpoint.section(SECTIONS + reader.name, inherited.state),
      stateFolder: checkpoint.folder,
      ownPaths: writtenFiles(config),
    };
    const built = definition.build(options, context);
    for (const sink of reader.sinks) if (built.metrics) sinks.get(sink)!.addMetrics?.(built.metrics);
    return new Reader(reader.name, built, output);
  });
}

function routesOf({ pipelines }: PlannedReader): string[] {
  return pipelines.flatMap(({ name, to }) => to.map((sink) => routeName(name, sink)));
}
