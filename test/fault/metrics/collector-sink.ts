import { createServer } from 'node:http';
import type { SinkContext, SinkDefinition } from '../../../src/component/definition.ts';
import { type Infer, integer, object } from '../../../src/component/options.ts';
import type { Sink } from '../../../src/core/contracts.ts';
import type { Lease } from '../../../src/core/lease.ts';
import type { MetricPoint, MetricProducer } from '../../../src/core/metric.ts';
import type { RecordBatch } from '../../../src/core/record-batch.ts';

/** What the log says when the address is known, which is its field `address`. */
export const SHOWN = 'Metrics are shown.';

const options = object({
  max_delay_ms: integer({ doc: 'How long an answer takes at most.', default: 0 }),
});

/** The sink `collector` of tests: shows metrics as plain lines, and answers for records late and in any order. */
export const collectorSink: SinkDefinition<Infer<typeof options>> = {
  type: 'collector',
  summary: 'Shows metrics.',
  takes: 'both',
  options,
  build: ({ max_delay_ms: maxDelayMs }, context) => new CollectorSink(maxDelayMs, context),
};

class CollectorSink implements Sink {
  readonly #maxDelayMs: number;
  readonly #producers = new Set<MetricProducer>();
  readonly #open = new Set<Promise<void>>();
  readonly #server = createServer((_, response) => response.end(this.#text()));

  constructor(maxDelayMs: number, { logger, name }: SinkContext) {
    this.#maxDelayMs = maxDelayMs;
    this.#server.listen(0, '127.0.0.1', () => {
      const address = this.#server.address();
      logger.info({ sink: name, address: typeof address === 'object' ? `127.0.0.1:${address?.port}` : '' }, SHOWN);
    });
  }

  write(batch: RecordBatch, lease: Lease): boolean {
    let records = 0;
    for (let record = 0; record < batch.count; record++) if (batch.isLive(record)) records++;
    const answer = (): void => {
      lease.count('delivered', records);
      lease.settle('delivered');
    };
    if (this.#maxDelayMs === 0) {
      answer();
      return true;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#open.add(promise);
    setTimeout(() => {
      answer();
      this.#open.delete(promise);
      resolve();
    }, Math.random() * this.#maxDelayMs);
    return true;
  }

  addMetrics(producer: MetricProducer): () => void {
    this.#producers.add(producer);
    return () => this.#producers.delete(producer);
  }

  async ready(): Promise<void> {}

  async flush(): Promise<void> {
    await Promise.all(this.#open);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #text(): string {
    const lines: string[] = [];
    for (const producer of this.#producers) {
      for (const { families } of producer.collect()) {
        for (const { name, points } of families) for (const point of points) lines.push(...linesOf(name, point));
      }
    }
    return lines.map((line) => `${line}\n`).join('');
  }
}

/** A line for each number of a point: name and labels, a space, the number; buckets are not cumulative. */
function linesOf(name: string, point: MetricPoint): string[] {
  const labels = [...point.labels].map(([label, value]) => `${label}=${value}`).join(',');
  const line = (what: string, value: number): string => `${name}${what}{${labels}} ${value}`;
  const start = line('_created', point.startUnixMs ?? 0);
  if (point.kind === 'number') return [line('', point.value), start];
  if (point.kind !== 'histogram') return [];
  const buckets = Array.from(point.counts, (count, bucket) => line(`_bucket_${bucket}`, count));
  return [...buckets, line('_count', point.count), line('_sum', point.sum ?? Number.NaN), start];
}
