import type { Outcome } from '../../core/lease.ts';
import type { PackedBatch } from '../../core/record-batch.ts';
import type { ResourceValue } from '../../core/resource.ts';
import type { Series } from '../../telemetry/metrics.ts';
import type { ToldMemory } from './slots.ts';

/** What a worker starts with. */
export interface WorkerStart {
  /** Counted from 1; the log and error messages have it. */
  readonly number: number;
  readonly logLevel: string;
  /** Whether a person looks at the log. */
  readonly isPretty: boolean;
}

/** Where the batches of an output go, by the names that things have across threads. */
export interface RemoteWays {
  readonly output: number;
  /** For logs and labels. */
  readonly reader: string;
  /** Which configuration says what is not built yet. */
  readonly version: number;
  readonly pipelines: readonly {
    readonly stages: number;
    readonly stagesName: string;
    /** By the name of each sink. */
    readonly sinks: Readonly<Record<string, number>>;
  }[];
}

/** A batch on its way to a worker, with what that may not know yet. */
export interface RemoteBatch {
  readonly output: number;
  readonly lease: number;
  readonly stream: { readonly id: string; readonly name: string; readonly pipeline?: string };
  readonly resource: number;
  /** Left out: the worker has it. */
  readonly attributes?: readonly (readonly [string, ResourceValue])[];
  /** Keys that came after those that were told before. */
  readonly keys: readonly string[];
  /** Where it lies, until the worker says that it is done with it. */
  readonly slot: number;
  readonly memory: ToldMemory;
  readonly packed: PackedBatch;
}

/** What a worker is told. What has a `request` is answered. */
export type ToWorker =
  /** Reads a configuration, so that it can be used. */
  | {
      readonly kind: 'load';
      readonly request: number;
      readonly version: number;
      readonly file: string;
      readonly text: string;
    }
  /** That one is in force: of those before it none is asked for any more. */
  | { readonly kind: 'in_force'; readonly version: number }
  | { readonly kind: 'use'; readonly ways: RemoteWays }
  | { readonly kind: 'batch'; readonly sent: RemoteBatch }
  | { readonly kind: 'hurry' | 'abandon' | 'close_output'; readonly output: number }
  | { readonly kind: 'flush'; readonly request: number; readonly sink: number }
  /** Ends the waiting of a flush. */
  | { readonly kind: 'cut_flush'; readonly flush: number }
  | { readonly kind: 'send_eagerly'; readonly sink: number }
  | { readonly kind: 'narrow'; readonly sink: number; readonly isNarrow: boolean }
  | { readonly kind: 'close_sink'; readonly request: number; readonly sink: number }
  | { readonly kind: 'close_stages'; readonly stages: number }
  | { readonly kind: 'save_memory' }
  | { readonly kind: 'log_level'; readonly level: string }
  | { readonly kind: 'forget_resource'; readonly resource: number }
  | { readonly kind: 'report'; readonly request: number }
  | { readonly kind: 'end' };

/** What became of the records of a range, as `Lease.count()` has it. */
export interface RemoteCount {
  readonly route: string;
  readonly outcome: Outcome;
  readonly records: number;
  readonly reason: string;
}

/** A range that is settled in a worker. */
export interface SettledLease {
  readonly lease: number;
  readonly outcome: Outcome;
  readonly counts: readonly RemoteCount[];
}

/** How a sink of a worker is doing; a time is what has passed since, because threads count it from their own starts. */
export interface RemoteSinkState {
  readonly sink: number;
  readonly kind: 'ready' | 'retrying' | 'held' | 'rejecting';
  readonly message: string;
  readonly cure: string;
  readonly forMs: number;
}

/** What a worker knows of its work. */
export interface WorkerReport {
  readonly series: readonly Series[];
  readonly sinks: readonly RemoteSinkState[];
}

/** An error as it goes from thread to thread. */
export interface RemoteError {
  readonly code?: string | undefined;
  readonly message: string;
  readonly hint?: string | undefined;
  /** Where it happened there; undefined: nobody knows. */
  readonly stack?: string | undefined;
}

/** What a worker says. */
export type FromWorker =
  | {
      readonly kind: 'answer';
      readonly request: number;
      readonly error?: RemoteError;
      readonly report?: WorkerReport;
    }
  /** The batch in that slot has gone to its sinks. */
  | { readonly kind: 'returned'; readonly output: number; readonly slot: number }
  | { readonly kind: 'settled'; readonly leases: readonly SettledLease[] }
  | { readonly kind: 'log'; readonly line: string }
  /** Lines that a stage could not read. */
  | {
      readonly kind: 'unmatched';
      readonly stage: string;
      readonly label: string;
      readonly records: number;
      readonly lines: readonly string[];
    }
  /** Something in it failed that must not: the agent ends. */
  | { readonly kind: 'failed'; readonly what: string; readonly error: RemoteError };
