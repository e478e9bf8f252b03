import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Clock } from '../core/clock.ts';
import { quoteText } from '../core/printable.ts';

/** What came of a request whose answer is a stream. Handle it to exhaustion. */
export type OpenedStream =
  /** Status 200. The parts come until the peer ends them, or what the request was opened with aborts; then it throws. */
  | { readonly kind: 'stream'; readonly parts: AsyncIterable<Buffer> }
  /** Another status; nobody reads the body. */
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'failed'; readonly error: Error };

/** Waits for the head of the answer to `request`, which it ends. Never rejects. */
export function openStream(
  request: ClientRequest,
  options: {
    /** The start of the message of an error: without credentials. */
    readonly action: string;
    /** From now to the head of the answer. */
    readonly timeoutMs: number;
    readonly clock: Clock;
    /** Ends the stream, too. */
    readonly signal: AbortSignal;
  },
): Promise<OpenedStream> {
  const { action, timeoutMs, clock, signal } = options;
  const opened = new AbortController();
  const stop = (): void => void request.destroy(new Error('stopped'));
  signal.addEventListener('abort', stop, { once: true });
  request.once('close', () => signal.removeEventListener('abort', stop));
  void clock.sleep(timeoutMs, opened.signal).then(() => {
    if (!opened.signal.aborted) request.destroy(new Error(`no answer within ${timeoutMs} ms`));
  });
  return new Promise((resolve) => {
    const settle = (result: OpenedStream): void => {
      opened.abort(null);
      resolve(result);
    };
    request.once('response', (response: IncomingMessage) => {
      // Whoever reads the parts learns of it; nobody has to.
      response.on('error', () => {});
      const status = response.statusCode ?? 0;
      if (status === 200) return settle({ kind: 'stream', parts: response });
      settle({ kind: 'refused', status });
      request.destroy();
    });
    // Also behind the head of the answer, where the reader of the parts learns of it.
    request.on('error', (error) => {
      settle({ kind: 'failed', error: new Error(`${action} (${quoteText(error.message)})`) });
    });
    if (signal.aborted) stop();
    request.end();
  });
}
