import assert from 'node:assert/strict';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';
import { decodeLogs } from '../../../src/codec/otlp/decode-logs.ts';
import { checkOptions } from '../../../src/component/check-options.ts';
import type { Clock } from '../../../src/core/clock.ts';
import type { Sink } from '../../../src/core/contracts.ts';
import { FakeClock } from '../../../src/core/fake-clock.ts';
import { KeyTable } from '../../../src/core/key-table.ts';
import { otlpSink } from '../../../src/sinks/otlp/index.ts';
import { Metrics } from '../../../src/telemetry/metrics.ts';
import { leaseOf, recordingLogger } from '../../delivery/fixtures.ts';
import { bodyOf } from '../../delivery/servers.ts';
import { batchOf } from '../../harness/batch.ts';
import { decompress } from '../../harness/decompress.ts';

/** A sink as the agent would build it from `written`; its clock stands still unless another one is given. */
export function sinkOf<Time extends Clock = FakeClock>(
  context: TestContext,
  written: Record<string, unknown>,
  clock: Time = new FakeClock() as unknown as Time,
) {
  const checked = checkOptions(otlpSink.options, written, []);
  if (!checked.ok) throw new AggregateError(checked.errors, 'Cannot use options');
  assert.deepEqual(otlpSink.check?.(checked.options), []);
  const [metrics, keys] = [new Metrics(), new KeyTable()];
  const { logger, lines: log } = recordingLogger();
  const sink = otlpSink.build(checked.options, {
    name: 'backend',
    clock,
    logger,
    metrics,
    keys,
    userAgent: 'pillion/1.2.3',
  });
  context.after(() => sink.close());
  return { sink, clock, metrics, log };
}

/** Writes one batch and gives the lease that waits for it. */
export function write(sink: Sink, lines: readonly string[]) {
  const watched = leaseOf();
  assert.equal(sink.write(batchOf(lines), watched.lease), true);
  return watched;
}

/** How many requests were answered, or failed. */
export function answers(metrics: Metrics): number {
  return metrics.sum('pillion_sink_requests_total');
}

/** The body of a request as it was before compression. */
export async function plainBody(request: IncomingMessage): Promise<Buffer> {
  return decompress(await bodyOf(request), request.headers['content-encoding']);
}

/** The bodies of the records in a request. */
export async function recordsOf(request: IncomingMessage): Promise<unknown[]> {
  const logs = decodeLogs(await plainBody(request));
  return logs.resourceLogs.flatMap(({ scopeLogs }) =>
    scopeLogs.flatMap(({ logRecords }) => logRecords.map(({ body }) => body)),
  );
}

/** A receiver that keeps the records of each request and answers as `answers` say, one after the other, then 200. */
export function receiver(answers: RequestListener[] = []) {
  const received: unknown[][] = [];
  const listener = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const answer = answers[received.length];
    received.push(await recordsOf(request));
    if (answer === undefined) response.end();
    else answer(request, response);
  };
  return { received, listener };
}

/** An answer to a request that is read already. */
export function reply(
  status: number,
  headers: Record<string, string> = {},
  body: string | Buffer = '',
): RequestListener {
  return (_request, response) => response.writeHead(status, headers).end(body);
}
