import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { bodyOf, listen, type TestServer } from '../../delivery/servers.ts';
import type { Cleanup } from '../../harness/cleanup.ts';
import { decodeRequest } from '../../harness/otlp-backend.ts';
import { Deck } from '../../harness/random.ts';
import { FAULTS, type Fault } from './faults.ts';
import type { Oracle, Taking } from './oracle.ts';
import type { Outage } from './plan.ts';

/** The header by which the agent says which life it is in. */
export const LIFE_HEADER = 'x-life';

/** How the backend of a run is made. */
export interface TortureBackendOptions {
  readonly oracle: Oracle;
  readonly faults: readonly Fault[];
  readonly agentTimeoutMs: number;
  /** Is told what a request met. */
  readonly onFault: (fault: Fault, life: number) => void;
}

/** A backend that meets each request with the next fault of a deck, and tells the oracle what it takes. */
export class TortureBackend {
  /** How often each fault came to what it is about. */
  readonly fired: Partial<Record<Fault | Outage['kind'], number>> = {};
  requests = 0;
  /** Takes everything, whatever is planned. */
  isCalm = false;
  /** What all requests meet; undefined: the deck decides. */
  #everyFault: Fault | undefined;
  readonly #cleanup: Cleanup;
  readonly #options: TortureBackendOptions;
  readonly #deck: Deck<Fault>;
  #server: TestServer;

  private constructor(cleanup: Cleanup, options: TortureBackendOptions, server: TestServer) {
    this.#cleanup = cleanup;
    this.#options = options;
    this.#deck = new Deck(options.faults);
    this.#server = server;
  }

  /** Opens one on a free port; it is closed after the run. */
  static async open(cleanup: Cleanup, options: TortureBackendOptions): Promise<TortureBackend> {
    const server = createServer();
    const backend = new TortureBackend(cleanup, options, await listen(cleanup, server));
    server.on('request', backend.#onRequest);
    return backend;
  }

  /** The base URL. */
  get endpoint(): string {
    return `http://127.0.0.1:${this.#server.port}`;
  }

  /** Begins to take nothing. */
  async beginOutage(kind: Outage['kind']): Promise<void> {
    this.#count(kind);
    if (kind === 'refused') await this.#server.close();
    else this.#everyFault = kind;
  }

  /** Goes on as before. */
  async endOutage(kind: Outage['kind']): Promise<void> {
    if (kind === 'refused')
      this.#server = await listen(this.#cleanup, createServer(this.#onRequest), this.#server.port);
    else this.#everyFault = undefined;
  }

  readonly #onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    this.requests++;
    if (request.socket.writableEnded) {
      // It came on a connection that is being closed: nobody would hear the answer.
      request.destroy();
      return;
    }
    void this.#meet(request, response).catch(() => {
      // The sender went away in the middle of its request.
      request.destroy();
    });
  };

  async #meet(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { oracle, agentTimeoutMs, onFault } = this.#options;
    const fault = this.isCalm ? 'none' : (this.#everyFault ?? this.#deck.deal());
    const life = Number(request.headers[LIFE_HEADER]);
    onFault(fault, life);
    const recordsOf = (body: Buffer) =>
      decodeRequest(request, body).resourceLogs.flatMap(({ scopeLogs }) =>
        scopeLogs.flatMap(({ logRecords }) => logRecords),
      );
    const hasFired = await FAULTS[fault]({
      request,
      response,
      timeoutMs: agentTimeoutMs,
      body: () => bodyOf(request),
      count: (body) => recordsOf(body).length,
      take: (body, refused = 0) => {
        const records = recordsOf(body);
        const taking: Taking = { life, atMs: performance.now(), answer: 'unknown' };
        // What follows a status that has left is not needed: it counts as the answer.
        response.once('close', () => {
          taking.answer = response.headersSent && fault !== 'taken_answered_late' ? 'sent' : 'lost';
        });
        oracle.take(taking, records, refused);
        return records.length;
      },
    });
    if (hasFired) this.#count(fault);
  }

  #count(fault: Fault | Outage['kind']): void {
    this.fired[fault] = (this.fired[fault] ?? 0) + 1;
  }
}
