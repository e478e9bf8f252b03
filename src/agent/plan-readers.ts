import type { SourceDefinition } from '../component/definition.ts';
import type { AgentConfig, Configured, ConfiguredPipeline } from '../config/agent-config.ts';
import { readerName } from '../ledger/reader-name.ts';
import { routeName } from '../ledger/route-name.ts';

/** A pipeline as it is built: with all its sinks, or with the one of a reader. */
export interface PlannedPipeline extends ConfiguredPipeline {
  /** What the names of its stages begin with: no other pipeline that is built has it. */
  readonly stagesName: string;
  /** The names of all pipelines. */
  readonly siblings: readonly string[];
  /** Whether it is the only one of its pipeline that is built, or the first. */
  readonly isFirst: boolean;
}

/** What reads a source: for all its sinks, or for one of them. */
export interface PlannedReader {
  /** The name of the source; of one that several read, `<source>/<sink>`, which no source is called. */
  readonly name: string;
  /** In the order of the configuration; none where the source gives metrics alone. */
  readonly pipelines: readonly PlannedPipeline[];
  readonly sinks: readonly string[];
}

/** A source that is used, and what reads it: at least one. */
export interface PlannedSource {
  readonly source: Configured<SourceDefinition<unknown>>;
  readonly readers: readonly PlannedReader[];
  /** What to say at the start. */
  readonly notice: string | undefined;
}

/**
 * Who reads what. A source that can be read more than once, and whose records go to several sinks, has a reader for each
 * of them unless its options forbid that: a sink that is down then holds nobody up but its own reader. Readers that
 * need the same pipeline with the same sinks share it.
 */
export function planReaders({ sources, pipelines }: Pick<AgentConfig, 'sources' | 'pipelines'>): PlannedSource[] {
  const siblings = pipelines.map(({ name }) => name);
  const whole = pipelines.map(
    (pipeline): PlannedPipeline => ({ ...pipeline, stagesName: pipeline.name, siblings, isFirst: true }),
  );
  const parts = new Map<string, PlannedPipeline>();
  const partOf = (pipeline: PlannedPipeline, sink: string): PlannedPipeline => {
    const stagesName = routeName(pipeline.name, sink);
    let part = parts.get(stagesName);
    if (part === undefined)
      parts.set(stagesName, (part = { ...pipeline, to: [sink], stagesName, isFirst: sink === pipeline.to[0] }));
    return part;
  };
  return sources.flatMap((source) => {
    const { name, definition, options } = source;
    const taking = whole.filter(({ from }) => from.includes(name));
    if (taking.length === 0) return [];
    const sinks = [...new Set(taking.flatMap(({ to }) => to))];
    if (definition.gives === 'metrics')
      return [{ source, readers: [{ name, pipelines: [], sinks }], notice: undefined }];
    const choice = sinks.length > 1 ? definition.readers?.(options) : undefined;
    const notice = choice?.notice;
    if (choice?.readers !== 'per_sink') return [{ source, readers: [{ name, pipelines: taking, sinks }], notice }];
    const readers = sinks.map((sink) => ({
      name: readerName(name, sink),
      // One that leads to this sink alone is built once, whoever needs it.
      pipelines: taking.filter(({ to }) => to.includes(sink)).map((p) => (p.to.length === 1 ? p : partOf(p, sink))),
      sinks: [sink],
    }));
    return [{ source, readers, notice }];
  });
}

/** The routes that the records of a reader take. */
export function routesOf({ pipelines }: PlannedReader): string[] {
  return pipelines.flatMap(({ name, to }) => to.map((sink) => routeName(name, sink)));
}
