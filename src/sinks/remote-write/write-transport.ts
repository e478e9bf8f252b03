import type { WriteVersion } from '../../codec/remote-write/write-body.ts';
import type { SinkContext } from '../../component/definition.ts';
import type { SendResult, Transport } from '../../core/contracts.ts';
import { createHttpClient } from '../../delivery/create-http-client.ts';
import type { HttpClient } from '../../delivery/http-client.ts';
import type { HttpOptions } from '../../delivery/http-options.ts';
import { judgeWriteAnswer } from './judge-answer.ts';
import type { WriteVersions } from './write-versions.ts';

/** The headers by which a receiver knows the message; nobody may override them. */
const FORM_HEADERS: Record<WriteVersion, Readonly<Record<string, string>>> = {
  v1: {
    'content-type': 'application/x-protobuf',
    'content-encoding': 'snappy',
    'x-prometheus-remote-write-version': '0.1.0',
  },
  v2: {
    'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
    'content-encoding': 'snappy',
    'x-prometheus-remote-write-version': '2.0.0',
  },
};

/** Sends requests of remote write, in the version that the receiver takes. */
export class WriteTransport implements Transport {
  readonly #clients = new Map<WriteVersion, HttpClient>();
  readonly #versions: WriteVersions;
  readonly #createClient: (version: WriteVersion) => HttpClient;
  readonly #unixMs: () => number;

  constructor(
    options: HttpOptions & { readonly endpoint: string; readonly timeout: number },
    versions: WriteVersions,
    { userAgent, clock, tracer }: SinkContext,
  ) {
    this.#versions = versions;
    this.#unixMs = () => clock.unixMs();
    this.#createClient = (version) =>
      createHttpClient(options, {
        url: new URL(options.endpoint),
        userAgent,
        formHeaders: FORM_HEADERS[version],
        timeoutMs: options.timeout,
        maxIdleConnections: 1,
        clock,
        tracer,
      });
  }

  async send(body: Uint8Array, signal: AbortSignal): Promise<SendResult> {
    const { current: version, mayFallBack } = this.#versions;
    const client = this.#clientOf(version);
    const answer = await client.post(body, signal);
    const conceal = (text: string): string => client.conceal(text);
    const context = { target: client.target, version, mayFallBack, conceal, unixMs: this.#unixMs() };
    const result = judgeWriteAnswer(answer, context);
    if (result.status === 'other_form') this.#versions.fallBack();
    else if (result.status === 'delivered') this.#versions.confirm();
    return result;
  }

  close(): Promise<void> {
    for (const client of this.#clients.values()) client.close();
    return Promise.resolve();
  }

  #clientOf(version: WriteVersion): HttpClient {
    let client = this.#clients.get(version);
    if (client === undefined) this.#clients.set(version, (client = this.#createClient(version)));
    return client;
  }
}
