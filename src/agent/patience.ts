import type { Clock } from '../core/clock.ts';
import type { Sink } from '../core/contracts.ts';

/** How long the answers of sinks that do get their records through are waited for … */
const MAX_WAIT_MS = 8000;
/** … and those of sinks that do not: long enough for one more attempt. */
const MAX_TROUBLED_WAIT_MS = 1000;
const LOOK_INTERVAL_MS = 50;

/** What a wait goes by. */
export interface Patience {
  readonly clock: Clock;
  readonly stop: AbortSignal;
  /** Brings the states of sinks up to date that are in other threads; left out: there are none. */
  readonly refresh?: (() => Promise<void>) | undefined;
}

/**
 * Waits for `done`, as long as it is worth it: resolves with whether it was in time. One of `sinks` that tries again, or
 * is let in nowhere, may do so for days.
 */
export async function waitFor(
  done: Promise<unknown>,
  sinks: readonly Sink[],
  { clock, stop, refresh }: Patience,
): Promise<boolean> {
  let isDone = false;
  const over = new AbortController();
  void done.then(() => {
    isDone = true;
    over.abort();
  });
  const onStop = (): void => over.abort();
  stop.addEventListener('abort', onStop, { once: true });
  if (stop.aborted) over.abort();
  const startMs = clock.nowMs();
  while (!over.signal.aborted) {
    await clock.sleep(LOOK_INTERVAL_MS, over.signal);
    if (clock.nowMs() - startMs < MAX_TROUBLED_WAIT_MS) continue;
    await refresh?.();
    const isTroubled = sinks.some(({ state }) => state?.kind === 'retrying' || state?.kind === 'held');
    if (isTroubled || clock.nowMs() - startMs >= MAX_WAIT_MS) break;
  }
  stop.removeEventListener('abort', onStop);
  return isDone;
}
