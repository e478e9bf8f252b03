import { contentTypeOf } from '../../codec/prometheus/exposition-format.ts';
import type { ListenAddress } from '../../component/options.ts';
import type { Clock } from '../../core/clock.ts';
import type { Sink, SinkState } from '../../core/contracts.ts';
import { messageOf } from '../../core/errors.ts';
import type { Lease } from '../../core/lease.ts';
import type { MetricProducer } from '../../core/metric.ts';
import type { RecordBatch } from '../../core/record-batch.ts';
import { type Compressor, createCompressor } from '../../delivery/compression.ts';
import { settleCounted } from '../../delivery/settle-counted.ts';
import { type Answer, HttpListener, type RequestHeaders, text } from '../../serving/http-listener.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Counter } from '../../telemetry/metrics.ts';
import type { Exposition } from './exposition.ts';

interface PrometheusSinkOptions {
  readonly name: string;
  readonly listen: ListenAddress;
  /** Where the metrics are, such as `/metrics`. */
  readonly path: string;
  readonly maxConnections: number;
  readonly exposition: Exposition;
  readonly delivered: Counter;
  readonly scrapes: (format: string) => Counter;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** An answer that is smaller is sent as it is. */
const MIN_COMPRESSED_BYTES = 1024;

/** How long an address is left alone that could not be had. */
const RETRY_MS = 2000;

const HINT = 'Give "listen" an address with a port that is free; the containers of a pod share their ports';

/**
 * Shows metrics to who asks for them over HTTP. Takes records only to end them: what stages count of them is shown.
 * An address that is taken is tried for again, so that an agent that takes over from another one gets it.
 */
export class PrometheusSink implements Sink {
  readonly #options: PrometheusSinkOptions;
  readonly #closing = new AbortController();
  readonly #opened: Promise<void>;
  #compressor: Compressor | undefined;
  #listener: HttpListener | undefined;
  #state: SinkState = { kind: 'ready' };

  constructor(options: PrometheusSinkOptions) {
    this.#options = options;
    this.#opened = this.#open();
  }

  get state(): SinkState {
    return this.#state;
  }

  /** Where it listens, as in a URL; undefined: not yet. */
  get address(): string | undefined {
    return this.#listener?.address;
  }

  addMetrics(producer: MetricProducer): () => void {
    return this.#options.exposition.add(producer);
  }

  write(batch: RecordBatch, lease: Lease): boolean {
    settleCounted(batch, lease, this.#options.delivered);
    return true;
  }

  ready(): Promise<void> {
    return Promise.resolve();
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#opened;
    await this.#listener?.close();
  }

  async #open(): Promise<void> {
    const { name, listen, path, maxConnections, clock, logger } = this.#options;
    const closing = this.#closing.signal;
    const sinceMs = clock.nowMs();
    const endpoint = {
      method: 'GET' as const,
      answer: (_: URLSearchParams, headers: RequestHeaders) => this.#answer(headers),
    };
    const paths = new Map([[path, endpoint]]);
    const onError = (path: string, error: unknown): void =>
      logger.error({ sink: name, path, error: messageOf(error) }, 'A scrape could not be answered.');
    while (!closing.aborted) {
      try {
        this.#listener = await HttpListener.listen(listen, { paths, onError }, { maxConnections });
        if (this.#state.kind !== 'ready') logger.info({ sink: name }, 'The address for metrics is there now.');
        this.#state = { kind: 'ready' };
        logger.info({ sink: name, url: `http://${this.#listener.address}${path}` }, 'Metrics can be scraped.');
        return;
      } catch (error) {
        const message = `Cannot listen on "${listen.host ?? ''}:${listen.port}": ${messageOf(error)}`;
        if (this.#state.kind === 'ready')
          logger.error({ sink: name, code: 'ERR_METRICS_LISTEN', hint: HINT }, `${message}; it is tried again.`);
        this.#state = { kind: 'retrying', message, sinceMs };
      }
      await clock.sleep(RETRY_MS, closing);
    }
  }

  async #answer(headers: RequestHeaders): Promise<Answer> {
    const { exposition, scrapes } = this.#options;
    if (this.#closing.signal.aborted) return { status: 503, ...text('The agent ends\n') };
    const { format, bytes } = exposition.render(headers.accept);
    scrapes(format.kind).add(1);
    const type = contentTypeOf(format);
    const vary = { vary: 'accept, accept-encoding' };
    if (bytes.length < MIN_COMPRESSED_BYTES || !takesGzip(headers['accept-encoding']))
      return { type, body: bytes, headers: vary };
    this.#compressor ??= createCompressor('gzip');
    const body = await this.#compressor.compress(bytes);
    return { type, body, headers: { ...vary, 'content-encoding': 'gzip' } };
  }
}

/** Whether an `accept-encoding` header names gzip, or everything, and not with a quality of 0. */
function takesGzip(header: string | string[] | undefined): boolean {
  let takesAny = false;
  for (const part of String(header ?? '').split(',', 50)) {
    const [name = '', ...parameters] = part.split(';').map((word) => word.trim().toLowerCase());
    const quality = parameters.find((word) => word.startsWith('q='))?.slice(2);
    const isTaken = quality === undefined || Number(quality) > 0;
    if (name === 'gzip') return isTaken;
    if (name === '*') takesAny = isTaken;
  }
  return takesAny;
}
