import type { Sink } from '../core/contracts.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { Reader } from './reader.ts';

/** What a reader has sent until its batches took other ways. */
export interface Sent {
  readonly reader: Reader;
  /** Where it went to. */
  readonly sinks: readonly Sink[];
  readonly settled: Promise<void>;
  readonly isSettled: boolean;
}

/** Has an eye on what a reader has sent through `pipelines`; `settling` resolves when all of it is settled. */
export function watchSent(reader: Reader, settling: Promise<unknown>, pipelines: readonly Pipeline[]): Sent {
  let isSettled = false;
  const settled = settling.then(() => {
    isSettled = true;
  });
  return {
    reader,
    sinks: sinksOf(pipelines),
    settled,
    get isSettled() {
      return isSettled;
    },
  };
}

/** The sinks that pipelines lead to. */
export function sinksOf(pipelines: readonly Pipeline[]): Sink[] {
  return pipelines.flatMap(({ ends }) => ends.map(({ sink }) => sink));
}

/** Whether nothing of a source can be read again. */
export function isReadOnce({ source }: Reader): boolean {
  return source.source.definition.isReadOnce === true;
}
