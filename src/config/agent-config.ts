import type { Catalog } from '../component/catalog.ts';
import type { SinkDefinition, SourceDefinition, StageDefinition } from '../component/definition.ts';
import type { ListenAddress, LoopbackAddress } from '../component/options.ts';
import type { Condition } from '../condition/condition.ts';
import type { ConfigPath } from '../core/errors.ts';
import type { Resource } from '../core/resource.ts';
import type { LocatedError, Place } from './located-error.ts';
import type { ResourceLayers } from './resource.ts';
import type { WrittenConfig } from './written-config.ts';

/** A component with its name in the configuration and its options, checked by its own definition. */
export interface Configured<Definition> {
  readonly name: string;
  readonly definition: Definition;
  readonly options: unknown;
}

/** What may become of a record that a stage cannot read: it goes on with a mark or without, or is dropped, or set aside. */
export const ON_ERROR = ['forward', 'ignore', 'drop', 'dead_letter'] as const;
/** One of them. */
export type OnError = (typeof ON_ERROR)[number];

/** A stage of a pipeline. */
export interface ConfiguredStage {
  readonly definition: StageDefinition<unknown>;
  readonly options: unknown;
  /** What the configuration calls it: the type of a built-in stage, the path of an own one. */
  readonly label: string;
  /** The file of a stage of the user's own, absolute. */
  readonly file?: string;
  /** Which records it works on; undefined: all of them. */
  readonly when: Condition | undefined;
  readonly onError: OnError;
}

/** Stages out of a file of their own: a ready-made pipeline, or one of the user's. */
export interface ConfiguredGroup {
  readonly stages: readonly ConfiguredStep[];
  /** What the configuration calls it: `nginx`, `./pipelines/app.yaml`. */
  readonly label: string;
  readonly when: Condition | undefined;
  /** Whether a record, once the stages have read it, shows that it is of this format; undefined: nothing shows it. */
  readonly detect: Condition | undefined;
  /** How the file source has to put lines together for it, as written; undefined: a line is a record. */
  readonly multiline: unknown;
  /** What it reads, in a sentence; undefined: it does not say. */
  readonly summary: string | undefined;
}

/** `use: auto`: stages that are chosen for each stream, by its first records. */
export interface ConfiguredAuto {
  readonly label: 'auto';
  readonly when: Condition | undefined;
  readonly onError: OnError;
  /** The ready-made pipelines that are there to choose from. */
  readonly candidates: readonly ConfiguredGroup[];
  /** The stages to choose from where none of them fits. */
  readonly catalog: Catalog;
}

/** One item of a list of stages. */
export type ConfiguredStep = ConfiguredStage | ConfiguredGroup | ConfiguredAuto;

/** A way from sources through stages to sinks. */
export interface ConfiguredPipeline {
  readonly name: string;
  /** Names of sources; each is defined and named once. */
  readonly from: readonly string[];
  readonly stages: readonly ConfiguredStep[];
  /** Names of sinks; each is defined and named once. */
  readonly to: readonly string[];
  /** Which records go to a sink, where not all of them do. */
  readonly conditions: ReadonlyMap<string, Condition>;
  /** The file for records that stages could not read, and what it may measure; undefined: there is none. */
  readonly deadLetter: { readonly path: string; readonly maxBytes: number } | undefined;
  /** Whether only streams take it that ask for it. */
  readonly isOptIn: boolean;
  /** Whether records carry `log.record.uid`. */
  readonly recordUid: boolean;
}

/** How much of the agent's own log is shown; each with what comes after it. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/** When a changed configuration is taken over: as soon as it is seen, or when somebody asks for it. */
export const RELOADS = ['auto', 'manual'] as const;

/** When an agent ends by itself, for Jobs on clusters without native sidecars. Whatever comes first counts. */
export interface ExitWhen {
  /** A file that says, by being there, that the application is done. */
  readonly file: string | undefined;
  /** How long nothing was written or read. */
  readonly idleMs: number | undefined;
  /** The name of a process that has been there and is gone. */
  readonly processGone: string | undefined;
  /** How long it is waited for when it has not been there; undefined: for ever. */
  readonly processWaitMs: number | undefined;
  /** How long the drain may take then; undefined: as long as it takes. */
  readonly drainTimeoutMs: number | undefined;
}

/** A configuration in which everything is checked that can be checked without running it. */
export interface AgentConfig {
  /** What it was read from. */
  readonly file: string;
  /** Where checkpoints are kept; undefined: in the usual folder, if that can be used. As written: may be relative. */
  readonly stateFolder: string | undefined;
  /** As it was when the configuration was read; with `service.name` always. */
  readonly resource: Resource;
  /** What it is made of, so that it can be made again when the labels of the pod change. */
  readonly resourceLayers: ResourceLayers;
  /** Where the agent answers questions; undefined: nowhere. */
  readonly admin: LoopbackAddress | undefined;
  /** Where it answers probes; undefined: nowhere but at the admin address. */
  readonly health: ListenAddress | undefined;
  /** The file for the last words; undefined: Kubernetes' own where it exists. */
  readonly terminationMessage: string | undefined;
  /** When the agent ends by itself; undefined: never. */
  readonly exitWhen: ExitWhen | undefined;
  readonly drainTimeoutMs: number;
  /** How long nothing must have been written after SIGTERM until the drain begins. */
  readonly lingerMs: number;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  readonly reload: (typeof RELOADS)[number];
  /** How many threads the files are spread over; 1: there are none beside the agent's own. */
  readonly workers: number;
  readonly sources: readonly Configured<SourceDefinition<unknown>>[];
  readonly pipelines: readonly ConfiguredPipeline[];
  readonly sinks: readonly Configured<SinkDefinition<unknown>>[];
}

/** A checked configuration with what is odd about it, or everything that is wrong with it, in the order of the file. */
export type LoadedConfig = (
  | {
      readonly ok: true;
      readonly config: AgentConfig;
      readonly warnings: readonly LocatedError[];
      readonly written: WrittenConfig;
      /** Where the key at `path` stands. */
      readonly placeOf: (path: ConfigPath) => Place;
    }
  | { readonly ok: false; readonly errors: readonly LocatedError[] }
) & {
  /** The files that it was read from, as far as they were found out: itself, files of stages, own stages. */
  readonly files: readonly string[];
};

/** A configuration that can be used. */
export type UsableConfig = LoadedConfig & { readonly ok: true };
