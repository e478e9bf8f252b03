import type { Stage } from '../core/contracts.ts';
import type { Lease } from '../core/lease.ts';
import type { RecordBatch } from '../core/record-batch.ts';
import type { Stream } from '../core/stream.ts';
import type { PipelineEnd } from './pipeline-end.ts';

/** Where records go that stages could not read. */
export interface Aside {
  /** Encodes a record, which may be dropped then. */
  add(batch: RecordBatch, record: number, reason: string): void;
  /** Writes what was added; holds the lease until it is written. */
  write(lease: Lease): void;
}

/** What stages count of the records of a batch. */
export interface Counts {
  /** Ends the counting of a batch; what was counted since the last call is committed with the range of `lease`. */
  seal(lease: Lease): void;
}

/** The same stages in other threads. */
export interface Twins {
  /** What they are called there. */
  readonly id: number;
  readonly stagesName: string;
  /** Whether they remember something of each stream, so that it should not change its thread. */
  readonly rememberStreams: boolean;
  close(): void;
}

/** What belongs to a pipeline beside its stages and ends. */
export interface PipelineParts {
  readonly aside?: Aside | undefined;
  readonly counts?: Counts | undefined;
  /** Undefined: there are none. */
  readonly twins?: Twins | undefined;
  /** Whether it takes a stream that asks for that pipeline, or for none; left out: it takes all. */
  readonly takes?: (asked: string | undefined) => boolean;
}

/** Stages in their order, and the ways out behind them. */
export class Pipeline {
  readonly ends: readonly PipelineEnd[];
  readonly #stages: readonly Stage[];
  readonly #parts: PipelineParts;

  constructor(stages: readonly Stage[], ends: readonly PipelineEnd[], parts: PipelineParts = {}) {
    this.#stages = stages;
    this.ends = ends;
    this.#parts = parts;
  }

  /** Runs the batch, whose claim `lease` is, through all stages, at once and in place. */
  process(batch: RecordBatch, lease: Lease): void {
    for (const stage of this.#stages) stage.process(batch);
    this.#parts.counts?.seal(lease);
    this.#parts.aside?.write(lease);
  }

  /** The same stages, with what they remember, and other ways out, for other streams. */
  withEnds(ends: readonly PipelineEnd[], takes: PipelineParts['takes']): Pipeline {
    return new Pipeline(this.#stages, ends, { ...this.#parts, ...(takes && { takes }) });
  }

  /** Whether the other one has the very same stages: then closing one closes both. */
  hasStagesOf(other: Pipeline): boolean {
    return this.#stages === other.#stages;
  }

  get twins(): Twins | undefined {
    return this.#parts.twins;
  }

  /** Whether the records of a stream take it. */
  takes({ pipeline }: Stream): boolean {
    return this.#parts.takes?.(pipeline) ?? true;
  }

  async close(): Promise<void> {
    this.#parts.twins?.close();
    for (const stage of this.#stages) await stage.close?.();
  }
}
