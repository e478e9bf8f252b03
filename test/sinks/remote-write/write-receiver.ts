import type { IncomingHttpHeaders, IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import snappy from 'snappyjs';
import { checkOptions } from '../../../src/component/check-options.ts';
import { FakeClock } from '../../../src/core/fake-clock.ts';
import { KeyTable } from '../../../src/core/key-table.ts';
import type { MetricFamily, MetricProducer, MetricSet } from '../../../src/core/metric.ts';
import { Resource } from '../../../src/core/resource.ts';
import { remoteWriteSink } from '../../../src/sinks/remote-write/index.ts';
import { Metrics } from '../../../src/telemetry/metrics.ts';
import { recordingLogger } from '../../delivery/fixtures.ts';
import { bodyOf, httpServer, until } from '../../delivery/servers.ts';
import type { Cleanup } from '../../harness/cleanup.ts';
import { decodeV1, decodeV2, type ReceivedSeries, type ReceivedV1 } from '../../harness/remote-write-reference.ts';

/** A request that came whole. */
export interface ReceivedWrite {
  readonly headers: IncomingHttpHeaders;
  readonly version: 'v1' | 'v2';
  readonly series: readonly ReceivedSeries[];
  /** Of version 1.0. */
  readonly metadata: ReceivedV1['metadata'];
  /** Of version 2.0. */
  readonly symbols: readonly string[];
}

/** What a receiver of version 2.0 answers. */
export const WRITTEN = { 'x-prometheus-remote-write-samples-written': '1' };

/** Takes everything, as a receiver of version 2.0 does. */
export const take: RequestListener = (_, response) => response.writeHead(204, WRITTEN).end();

/** Answers with that status. */
export function status(code: number, headers: Record<string, string> = {}, body = ''): RequestListener {
  return (_, response) => response.writeHead(code, headers).end(body);
}

/** A receiver of remote write. It answers as `answers` say, one after another, then takes everything. */
export async function writeReceiver(t: Cleanup, answers: readonly RequestListener[] = []) {
  const received: ReceivedWrite[] = [];
  const server = await httpServer(t, async (request: IncomingMessage, response: ServerResponse) => {
    const body = snappy.uncompress(await bodyOf(request));
    const { headers } = request;
    const answer = answers[received.length] ?? take;
    if (headers['content-type'] === 'application/x-protobuf') {
      received.push({ headers, version: 'v1', symbols: [], ...decodeV1(body) });
    } else {
      received.push({ headers, version: 'v2', metadata: [], ...decodeV2(body) });
    }
    answer(request, response);
  });
  const url = server.url.replace('/v1/logs', '/api/v1/write');
  return {
    url,
    received,
    untilReceived: (count: number) => until(() => received.length >= count),
    close: server.close,
  };
}

/** A producer whose families a test replaces. */
export function producerOf(families: readonly MetricFamily[], naming: MetricSet['naming'] = 'prometheus') {
  const it = { families };
  const resource = new Resource([
    ['service.name', 'shop'],
    ['service.instance.id', 'pod:80'],
  ]);
  const producer: MetricProducer = {
    collect: () => [
      { resource, scope: { name: '', version: '' }, naming, unixMs: 1_700_000_000_000, families: it.families },
    ],
  };
  return { producer, set: (families: readonly MetricFamily[]) => (it.families = families) };
}

/** A sink as the agent would build it, on a clock that stands still. */
export async function writeSinkOf(t: Cleanup, written: Record<string, unknown>) {
  const checked = checkOptions(remoteWriteSink.options, written, []);
  if (!checked.ok) throw new AggregateError(checked.errors, 'Cannot use options');
  const errors = remoteWriteSink.check?.(checked.options) ?? [];
  if (errors.length > 0) throw new AggregateError(errors, 'Cannot use options');
  await remoteWriteSink.load?.();
  const [metrics, clock, keys] = [new Metrics(), new FakeClock(), new KeyTable()];
  const { logger, lines: log } = recordingLogger();
  const sink = remoteWriteSink.build(checked.options, {
    name: 'far',
    clock,
    logger,
    metrics,
    keys,
    userAgent: 'pillion/1.2.3',
  });
  t.after(() => sink.close());
  const points = (name: 'delivered' | 'rejected' | 'dropped') => metrics.sum(`pillion_sink_${name}_points_total`);
  return { sink, clock, metrics, log, points };
}
