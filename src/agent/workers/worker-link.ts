import type { Worker } from 'node:worker_threads';
import type { Lease } from '../../core/lease.ts';
import type { FromWorker, RemoteError, SettledLease, ToWorker, WorkerReport } from './messages.ts';

/** What the agent does about messages that no request asked for. */
export interface LinkListener {
  log(line: string): void;
  unmatched(sample: FromWorker & { kind: 'unmatched' }): void;
  /** It cannot go on, or has ended though nobody told it to. Called once. */
  failed(what: string, error: RemoteError): void;
}

/** A range that a worker works on. */
interface Claimed {
  readonly lease: Lease;
  /** The routes that its records take, and how many they are: what is abandoned if the worker is lost. */
  readonly routes: readonly string[];
  readonly records: number;
}

/** Who lends slots with batches to a worker. */
export interface SlotOwner {
  onReturned(slot: number): void;
  /** The worker is gone: no slot comes back. */
  onLost(): void;
}

/** What a worker answered; both undefined: it is done, or the worker is gone. */
export interface WorkerAnswer {
  readonly error?: RemoteError | undefined;
  readonly report?: WorkerReport | undefined;
}

type Distribute<Message> = Message extends unknown ? Omit<Message, 'request'> : never;

/** What is asked of a worker. */
export type Request = Distribute<Extract<ToWorker, { request: number }>>;

/** The agent's end of the line to one worker. Once that is gone nothing is sent, and nothing waits for it. */
export class WorkerLink {
  readonly number: number;
  readonly #worker: Worker;
  readonly #listener: LinkListener;
  readonly #requests = new Map<number, (answer: WorkerAnswer) => void>();
  /** Who is told of slots that are free again. */
  readonly #outputs = new Map<number, SlotOwner>();
  readonly #claimed = new Map<number, Claimed>();
  /** Resolves when the thread is gone. */
  readonly ended: Promise<void>;
  #lastId = 0;
  #isGone = false;
  #isEnding = false;
  /** How many keys it was told. */
  keysTold = 0;
  /** Resources that it was told. */
  readonly resourcesTold = new Set<number>();

  constructor(number: number, worker: Worker, listener: LinkListener) {
    this.number = number;
    this.#worker = worker;
    this.#listener = listener;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    worker.on('message', (message: FromWorker) => this.#receive(message));
    worker.on('error', (error: unknown) => this.#lose(remoteError(error)));
    worker.on('messageerror', (error: unknown) => this.#lose(remoteError(error)));
    worker.on('exit', () => {
      this.#lose({ message: 'its thread has ended' });
      resolve();
    });
  }

  /** A number for something that both ends speak of. */
  nextId(): number {
    return ++this.#lastId;
  }

  post(message: ToWorker): void {
    if (!this.#isGone) this.#worker.postMessage(message);
  }

  /** A number for an output, which is told of its slots. */
  openOutput(owner: SlotOwner): number {
    const id = this.nextId();
    this.#outputs.set(id, owner);
    return id;
  }

  closeOutput(output: number): void {
    this.#outputs.delete(output);
    this.post({ kind: 'close_output', output });
  }

  /** Asks for something; `onAsked` is told the number of the request. */
  request(request: Request, onAsked?: (id: number) => void): Promise<WorkerAnswer> {
    if (this.#isGone) return Promise.resolve({});
    const id = this.nextId();
    return new Promise((resolve) => {
      this.#requests.set(id, resolve);
      this.post({ ...request, request: id });
      onAsked?.(id);
    });
  }

  /** Gives a claim to the worker, under the number that it returns. */
  claim(claimed: Claimed): number {
    const lease = this.nextId();
    this.#claimed.set(lease, claimed);
    if (this.#isGone) this.#giveUp();
    return lease;
  }

  /** Has it end; resolves when it has, or `patience` has resolved. */
  async end(patience: Promise<void>): Promise<void> {
    this.#isEnding = true;
    this.post({ kind: 'end' });
    await Promise.race([this.ended, patience]);
    await this.#worker.terminate();
  }

  #receive(message: FromWorker): void {
    switch (message.kind) {
      case 'answer': {
        const resolve = this.#requests.get(message.request);
        this.#requests.delete(message.request);
        resolve?.(message);
        return;
      }
      case 'returned':
        this.#outputs.get(message.output)?.onReturned(message.slot);
        return;
      case 'settled':
        for (const settled of message.leases) this.#settle(settled);
        return;
      case 'log':
        this.#listener.log(message.line);
        return;
      case 'unmatched':
        this.#listener.unmatched(message);
        return;
      case 'failed':
        this.#listener.failed(message.what, message.error);
        return;
      default:
        message satisfies never;
    }
  }

  #settle({ lease: id, outcome, counts }: SettledLease): void {
    const claimed = this.#claimed.get(id);
    if (claimed === undefined) return;
    this.#claimed.delete(id);
    const { lease } = claimed;
    for (const { route, outcome: what, records, reason } of counts) {
      (route === '' ? lease : lease.onRoute(route)).count(what, records, reason);
    }
    lease.settle(outcome);
  }

  #lose(error: RemoteError): void {
    if (this.#isGone) return;
    this.#isGone = true;
    // First, so that nobody takes what follows for an orderly end.
    if (!this.#isEnding) this.#listener.failed(`Worker ${this.number} failed`, error);
    this.#giveUp();
  }

  /** What it had is read again at the next start. */
  #giveUp(): void {
    for (const { lease, routes, records } of this.#claimed.values()) {
      for (const route of routes) lease.onRoute(route).count('abandoned', records);
      lease.settle('abandoned');
    }
    this.#claimed.clear();
    for (const owner of this.#outputs.values()) owner.onLost();
    for (const resolve of this.#requests.values()) resolve({});
    this.#requests.clear();
  }
}

function remoteError(error: unknown): RemoteError {
  return error instanceof Error ? { message: error.message, stack: error.stack } : { message: String(error) };
}
