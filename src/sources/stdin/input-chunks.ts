import type { Readable } from 'node:stream';
import type { Clock } from '../../core/clock.ts';
import type { Lifetime } from '../../core/contracts.ts';

/**
 * What a pipe holds at most (/proc/sys/fs/pipe-max-size, without privileges). So what came before the agent was asked to
 * end lies within so many bytes, whatever a writer adds that does not stop.
 */
export const MAX_PIPE_BYTES = 1024 * 1024;

/** How long a drain waits for bytes that have come to show up, all its waits together. */
export const DRAIN_WAIT_MS = 20;

/**
 * The chunks of a stream until it ends. Once `drain` aborts only those that have come by then, and none once `stop` does.
 * Nothing is taken out of the stream before it is asked for, so who waits makes the writer wait. Throws when the input
 * fails. The input is destroyed at the end: while it is open, the process would not end.
 */
export async function* inputChunks(
  input: Readable,
  clock: Clock,
  { drain, stop }: Lifetime,
): AsyncGenerator<Buffer, void, void> {
  let failure: Error | undefined;
  let wake = (): void => {};
  const onChange = (): void => wake();
  // It stays to the end of the process: an error that comes later would end it if nobody listened.
  input.on('error', (error) => {
    failure = error;
    wake();
  });
  for (const event of ['readable', 'end', 'close']) input.on(event, onChange);
  for (const signal of [drain, stop]) signal.addEventListener('abort', onChange);
  const change = async (ms: number | undefined): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    wake = resolve;
    const timer = new AbortController();
    if (ms !== undefined) void clock.sleep(ms, timer.signal).then(resolve);
    await promise;
    timer.abort();
  };
  let leftBytes = MAX_PIPE_BYTES;
  let leftMs = DRAIN_WAIT_MS;
  try {
    while (!stop.aborted) {
      const chunk = input.read() as Buffer | null;
      if (chunk !== null) {
        if (drain.aborted) leftBytes -= chunk.length;
        yield chunk;
        if (leftBytes <= 0) return;
        continue;
      }
      if (failure !== undefined) throw new Error('Cannot read standard input', { cause: failure });
      if (input.readableEnded || input.destroyed) return;
      const isDraining = drain.aborted;
      const startMs = clock.nowMs();
      await change(isDraining ? leftMs : undefined);
      if (isDraining) leftMs -= clock.nowMs() - startMs;
      if (leftMs <= 0) return;
    }
  } finally {
    for (const event of ['readable', 'end', 'close']) input.off(event, onChange);
    for (const signal of [drain, stop]) signal.removeEventListener('abort', onChange);
    input.destroy();
  }
}
