import type { Clock } from '../core/clock.ts';
import type { Sink } from '../core/contracts.ts';

/** How long the answers of sinks that do get their records through are waited for … */
const MAX_WAIT_MS = 8000;
/** … and those of sinks that do not: long enough for one more attempt. */
const MAX_TROUBLED_WAIT_MS = 1000;
const LOOK_INTERVAL_MS = 50;

/**
 * Waits for `done`, as long as it is worth it: resolves with whether it was in time. One of `sinks` that tries again, or
 * is let in nowhere, may do so for days.
 */
export async function waitFor(
  done: Promise<unknown>,
  sinks: readonly Sink[],
  { clock, stop }: { readonly clock: Clock; readonly stop: AbortSignal },
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
    const isTroubled = sinks.some(({ state }) => state?.kind === 'retrying' || state?.kind === 'held');
    if (clock.nowMs() - startMs >= (isTroubled ? MAX_TROUBLED_WAIT_MS : MAX_WAIT_MS)) break;
  }
  stop.removeEventListener('abort', onStop);
  return isDone;
}
