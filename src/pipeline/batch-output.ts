import type { Output } from '../core/contracts.ts';
import type { Outcome } from '../core/lease.ts';
import type { Pipeline } from './pipeline.ts';

/** How batches come to take other ways. */
export interface UseOptions {
  /** Whether they wait until all that was sent before is settled, so that nothing overtakes what may have to be read again. */
  readonly afterOthers: boolean;
  /** What they wait for besides. */
  readonly besides?: Promise<unknown> | undefined;
}

/** Takes the batches of one source through its pipelines to their sinks, those of a sequence in the order in which they were sent. */
export interface BatchOutput extends Output {
  /** The pipelines that batches take now. */
  readonly pipelines: readonly Pipeline[];
  /** Resolves when these ways are not taken any more and all that took them is settled, with the worst outcome. */
  readonly settled: Promise<Outcome>;
  /**
   * Has batches take other ways from the next `send()` on; those that were sent before take the ways that they had.
   * Resolves when all that was sent before is settled, with the worst outcome.
   */
  use(pipelines: readonly Pipeline[], options: UseOptions): Promise<Outcome>;
  /** From now on no stage makes it wait: a drain has begun, and what is left shall be delivered. */
  hurry(): void;
  /** Resolves once every batch that was sent has been taken by its sinks, or abandoned. */
  idle(): Promise<void>;
  /** Nothing is sent any more, and all that was sent is settled. */
  close?(): void;
}

/** One of several outputs side by side. */
export interface BatchLane extends BatchOutput {
  /** Whether `rent()` would not wait. */
  readonly isFree: boolean;
}
