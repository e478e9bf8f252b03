import { CountedLease, type Lease, type Outcome } from '../core/lease.ts';
import type { RecordBatch } from '../core/record-batch.ts';
import type { UseOptions } from './batch-output.ts';
import type { Pipeline } from './pipeline.ts';

/** The ways that batches take, from one change of them to the next. */
export interface Ways {
  readonly pipelines: readonly Pipeline[];
  /** How many sinks a batch goes to: each settles one hold of its lease. */
  readonly holds: number;
  /** Batches wait until this has resolved; undefined: they need not, or no longer. */
  opening: Promise<unknown> | undefined;
  /** Held by the ways as long as they are taken, and by each batch that took them until it is settled. */
  readonly taken: Lease;
  /** Resolves when these are not taken any more and all that took them is settled, with the worst outcome. */
  readonly settled: Promise<Outcome>;
}

/** Opens ways, which are taken from now on. `opening`: batches wait until it has resolved. */
export function openWays(pipelines: readonly Pipeline[], opening: Promise<unknown> | undefined): Ways {
  const { promise: settled, resolve } = Promise.withResolvers<Outcome>();
  const holds = pipelines.reduce((sum, pipeline) => sum + pipeline.ends.length, 0);
  const ways: Ways = { pipelines, holds, opening, taken: new CountedLease(resolve), settled };
  void opening?.then(() => {
    ways.opening = undefined;
  });
  return ways;
}

/** Opens the ways that are taken in place of `before`. */
export function openNext(before: Ways, pipelines: readonly Pipeline[], { afterOthers, besides }: UseOptions): Ways {
  const awaited = besides === undefined ? before.settled : Promise.all([before.settled, besides]);
  const ways = openWays(pipelines, afterOthers ? awaited : before.opening);
  // What took even older ways counts, too.
  before.taken.carry(ways.taken);
  before.taken.settle('delivered');
  return ways;
}

/** Gives up a batch that no pipeline has seen. */
export function abandonUnseen(
  batch: RecordBatch,
  lease: Lease,
  pipelines: readonly Pipeline[],
  abandoned: { add(records: number): void },
): void {
  for (const { route } of pipelines.flatMap(({ ends }) => ends)) {
    abandoned.add(batch.count);
    lease.onRoute(route).count('abandoned', batch.count);
  }
  lease.settle('abandoned');
}

/** Resolves when `awaited` has, or `stop` aborts. Leaves nothing behind at `stop`, which may live long. */
export function resolvedOrStopped(awaited: Promise<unknown>, stop: AbortSignal): Promise<void> {
  if (stop.aborted) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const done = (): void => {
      stop.removeEventListener('abort', done);
      resolve();
    };
    stop.addEventListener('abort', done, { once: true });
    awaited.then(done, reject);
  });
}
