import type { Clock } from '../core/clock.ts';
import type { CheckpointSection, Legacy, Sink, Source, Stage } from '../core/contracts.ts';
import type { ConfigError } from '../core/errors.ts';
import type { InstrumentSpec, Instruments } from '../core/instruments.ts';
import type { KeyTable } from '../core/key-table.ts';
import type { MetricType } from '../core/metric.ts';
import type { Resource, ResourceValue } from '../core/resource.ts';
import type { SourceLedger } from '../ledger/source-ledger.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Tracer } from '../telemetry/tracer.ts';
import type { OptionsSchema } from './options.ts';

/** What every component may use. */
export interface ComponentContext {
  /**
   * The component's name in the configuration; of a stage: `<pipeline>/<position>`, counted from 1, or
   * `<pipeline>/<sink>/<position>` where the pipeline is built once for each of its sinks.
   */
  readonly name: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** The agent's one key table: intern the keys that the configuration names in `build()`. */
  readonly keys: KeyTable;
}

/** What a source may use: of a source that is read for several sinks apart, each of its readers. */
export interface SourceContext extends ComponentContext {
  /** What the records come from; it becomes another one when the labels of the pod change, so it is asked for anew. */
  readonly resource: Resource;
  /** What of it is written in the configuration, for records that come from elsewhere; it may change like the resource. */
  readonly writtenAttributes: ReadonlyMap<string, ResourceValue>;
  /** How many readers the source has; what it may take is for all of them together. */
  readonly readers: number;
  /** The books of this reader: every byte and record that it reads is in them, and its name, for logs and labels. */
  readonly ledger: SourceLedger;
  readonly checkpoint: CheckpointSection;
  /** What the source has left whose place this one takes; undefined: there is none in this life. */
  readonly predecessor?: Legacy | undefined;
  /** Where the agent keeps its own state, which no source reads; undefined: nowhere. */
  readonly stateFolder?: string | undefined;
  /** Files and folders that the agent writes beside that; may be relative. */
  readonly ownPaths?: readonly string[];
  /** What a source that asks a peer calls itself: `pillion/<version>`. */
  readonly userAgent: string;
  /** Is told of input that makes no batches, so that the agent knows when it is busy: so many bytes, now and then. */
  readonly onInput?: (bytes: number) => void;
}

/** Names of attributes that somebody looks at; undefined: it may be any. */
export type WantedAttributes = ReadonlySet<string> | undefined;

/** What a stage may use. */
export interface StageContext extends ComponentContext {
  readonly instruments: Instruments;
  /** The attributes that anybody behind the stage looks at: it need not set others, but may. */
  readonly wanted?: WantedAttributes;
}

/** What a sink may use. */
export interface SinkContext extends ComponentContext {
  /** What a sink calls itself to its peer: `pillion/<version>`. */
  readonly userAgent: string;
  /** Is told of its requests; undefined: nobody asks. */
  readonly tracer?: Tracer | undefined;
}

/** What every definition says of its component: the configuration, `--help` and the reference pages are made from it. */
interface Definition<Options> {
  /** The word in the configuration, snake_case. */
  readonly type: string;
  /** What it does, as one sentence for the reference page. */
  readonly summary: string;
  readonly options: OptionsSchema<Options>;
  /** Loads what `check()` and `build()` need and an agent without the component does not. Awaited before them. */
  load?(): Promise<void>;
  /** What the types of the options cannot say; the paths are relative to the component. */
  check?(options: Options): ConfigError[];
  /** Files that it writes, and folders, which end with a slash: no source may read them. They may be relative. */
  writes?(options: Options): readonly string[];
}

/** The files that a source reads. */
export interface ClaimedFiles {
  /** Whether a file with that absolute path is among them. */
  matches(path: string): boolean;
  /** The patterns that name them, as absolute paths. */
  readonly patterns: readonly string[];
}

/** Who reads a source whose records go to several sinks. */
export interface ReaderChoice {
  /** `per_sink`: a reader for each sink, with offsets of its own; `shared`: one for all. */
  readonly readers: 'per_sink' | 'shared';
  /** A sentence for the log where other options forbid what `readers` asks for. */
  readonly notice?: string | undefined;
}

/** What a source gives, or a sink takes. */
export type Signals = 'records' | 'metrics' | 'both';

/** What the reference page says of a metric that a source gives. */
export interface MetricDoc {
  readonly name: string;
  readonly type: MetricType;
  /** UCUM; empty: none. */
  readonly unit: string;
  readonly description: string;
  readonly labels: readonly string[];
}

/** A kind of source. */
export interface SourceDefinition<Options> extends Definition<Options> {
  /** What it gives; left out: records. One that gives metrics alone goes through no stages. */
  readonly gives?: Signals;
  /** The metrics of a source that gives always the same. */
  readonly metrics?: readonly MetricDoc[];
  /** Whether its input can be opened only once in the life of a process, so that a change of the source needs a new one. */
  readonly isReadOnce?: boolean;
  /** Which files it reads, as far as its options say; of a source that reads files. */
  files?(options: Options): ClaimedFiles;
  /** Of a source that can read the same input more than once; the others have one reader for all sinks. */
  readers?(options: Options): ReaderChoice;
  /**
   * What one reader goes on from that takes the place of several: of each stream where the slowest of them is.
   * `states`: what these stored, unchecked.
   */
  joinStates?(states: readonly unknown[]): unknown;
  build(options: Options, context: SourceContext): Source;
}

/** A kind of stage. */
export interface StageDefinition<Options> extends Definition<Options> {
  /** Of a stage that counts records: the metrics that it counts in. A sink that takes metrics alone needs one. */
  measures?(options: Options): readonly InstrumentSpec[];
  /**
   * The attributes that it looks at, by name, whatever it is given; left out, or undefined: it may look at any. Stages
   * before it set no others when no sink gets the records. Removing an attribute, or replacing it, is not looking at it.
   */
  looksAt?(options: Options): Iterable<string> | undefined;
  /**
   * What it remembers from batch to batch: something of each stream, or of all records together. The records of a stream
   * then meet the same stage in each batch, or all records do: where files are spread over threads, each has stages of
   * its own. Left out: nothing that a record behind another one depends on.
   */
  readonly remembers?: 'streams' | 'all';
  /** A configuration and a line that the reference page shows, with the record that comes out (a test runs it). */
  readonly example: { readonly config: string; readonly input: string; readonly output: string };
  build(options: Options, context: StageContext): Stage;
}

/** A kind of sink. */
export interface SinkDefinition<Options> extends Definition<Options> {
  /** What it takes; left out: records. One that takes metrics alone still ends the records that stages count: they are delivered once they are counted. */
  readonly takes?: Signals;
  /** Whether there can be but one for what it writes to. Left out: each thread may have one. */
  readonly isSingle?: boolean;
  build(options: Options, context: SinkContext): Sink;
}
