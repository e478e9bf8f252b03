import type { Lease } from './lease.ts';
import type { MetricProducer } from './metric.ts';
import type { RecordBatch } from './record-batch.ts';
import type { Stream } from './stream.ts';

/**
 * How a source, or the whole agent, is asked to end. `drain` aborts first: read what is there to its end, then resolve.
 * `stop` aborts when waiting is over: leave at once, whatever is unread.
 */
export interface Lifetime {
  readonly drain: AbortSignal;
  readonly stop: AbortSignal;
}

/**
 * Whether `Output.rent()` gives a batch of a stream at once, or later, when others may have one now. `elsewhere`: the
 * stream is to go where there is room, once nothing of it is under way; it had best let all others go first.
 */
export type Room = 'now' | 'later' | 'elsewhere';

/** Where a source puts its batches. */
export interface Output {
  /**
   * An empty batch of `stream`, owned by the caller until `send()` or `giveBack()`. WAITS while all batches are out:
   * that is the back-pressure. Rejects with the signal's reason when `signal` aborts first.
   */
  rent(stream: Stream, signal: AbortSignal): Promise<RecordBatch>;
  /** Left out: one stream is like another. */
  roomFor?(stream: Stream): Room;
  /** How many bytes a batch had best bring where many more wait; left out: the source knows best. */
  readonly largeBatchBytes?: number | undefined;
  /** Gives batch and lease away. The batch holds at least one record. */
  send(batch: RecordBatch, lease: Lease): void;
  /** Gives a batch back that is not needed. */
  giveBack(batch: RecordBatch): void;
}

/** Where a source goes on that takes the place of another one: where that one reads, or where everything is settled. */
export type Standpoint = 'read' | 'committed';

/** What a source leaves to the one that takes its place. */
export interface Legacy {
  /** Takes over what another source has left. */
  join(other: Legacy): void;
  /** The same once more, where several take the place of one. */
  copy(): Legacy;
  /** Gives up what nobody has taken. */
  close(): void;
}

/** Whether something says that the pod may get requests. */
export interface Readiness {
  readonly isReady: boolean;
  /** A few words of the agent's own. */
  readonly detail: string;
  /** What the system or a peer said of it. */
  readonly cause?: string | undefined;
}

/** Reads records from somewhere, or metrics, or both. */
export interface Source {
  /** The metrics that it gives; a source without gives none. Complete from the start, empty until there are any. */
  readonly metrics?: MetricProducer;
  /** Whether it has looked for what there is, so that nothing that comes now is missed; one without it always has. */
  readonly hasStarted?: boolean;
  /** Of a source by which the readiness of the agent goes; undefined, or without it: it has no say. */
  readonly readiness?: Readiness | undefined;
  /** Resolves after its last `send()`. Rejects only for what makes the source impossible, never for bad data. */
  run(output: Output, lifetime: Lifetime): Promise<void>;
  /**
   * Called before it is stopped because another source takes its place within the process: what it has open stays open.
   * What it returns is called once `run()` has ended, and gives what the other one gets as `predecessor`. From
   * `committed` on: what is on its way has been given up. A source without it leaves its section of the checkpoint alone.
   */
  bequeath?(): (from: Standpoint) => Promise<Legacy>;
}

/** Changes the records of a batch. */
export interface Stage {
  /** Changes `batch` in place, at once. Never throws for bad data: that is a flag and a counter. */
  process(batch: RecordBatch): void;
  /** Releases what it holds. */
  close?(): Promise<void>;
}

/** Whether a sink gets its records through, for readiness and status. Messages are fit for a log. */
export type SinkState =
  | { readonly kind: 'ready' }
  /** The last attempt failed, and all since `sinceMs` of the clock have; the next one may succeed. */
  | { readonly kind: 'retrying'; readonly message: string; readonly sinceMs: number }
  /** The destination lets nobody in. Nothing is dropped: what is held waits, and reading with it. */
  | { readonly kind: 'held'; readonly message: string; readonly cure: string }
  /** The peer took no record of the last request that it answered: they were rejected. */
  | { readonly kind: 'rejecting'; readonly message: string };

/** Takes records out of the agent. */
export interface Sink {
  /** How it is doing now; a sink without it is always ready. */
  readonly state?: SinkState;
  /**
   * Encodes the live records of `batch` at once; the batch is the caller's again on return. Takes over one hold of
   * `lease`, counts on it what becomes of them, and settles it when all are answered, or as `dropped` when there is
   * none. `false`: full, nothing was taken; await `ready()` and call again.
   */
  write(batch: RecordBatch, lease: Lease): boolean;
  /** Resolves when `write()` may take again. */
  ready(): Promise<void>;
  /**
   * Sends what is held and resolves when every answer has come, without waiting for any limit or back-off; who pushes
   * metrics pushes those of now. When `signal` aborts first, what is unanswered is settled as abandoned. At the end it
   * is called once more after the last checkpoint, when the producers show everything.
   */
  flush(signal: AbortSignal): Promise<void>;
  /** From now on nothing waits for company: what is written is sent as soon as there is room. */
  sendEagerly?(): void;
  /** Whether it should hold as little as it can from now on: memory is short. */
  narrow?(isNarrow: boolean): void;
  /** Shows, or sends, what `producer` has from now on; returns what ends that. A sink without it takes no metrics. */
  addMetrics?(producer: MetricProducer): () => void;
  /** Releases connections and buffers; after `flush()`. */
  close(): Promise<void>;
}

/** What became of one request. Handle it to exhaustion. Errors are fit for a log. */
export type SendResult =
  /** The peer has it; `rejectedRecords` of it were refused one by one (OTLP partial success) and are not sent again. */
  | { readonly status: 'delivered'; readonly rejectedRecords: number; readonly message?: string }
  /** May succeed later, as it is. */
  | {
      readonly status: 'retryable';
      readonly error: Error;
      /** Whether the peer may have taken the records all the same, so that sending them again may repeat them. */
      readonly mayHaveArrived: boolean;
      /** What the peer asked for. */
      readonly retryAfterMs?: number;
      /**
       * `stale`: a kept connection was gone, which says nothing about the peer, so once the next try is at once.
       * `slow`: the answer did not come in time, so a smaller request may do better.
       */
      readonly hint?: 'stale' | 'slow';
      /** The peer failed by itself. When it does so for long, a record is suspected, and rejected for this reason. */
      readonly poisonReason?: string;
    }
  /**
   * Address, credentials or certificate are wrong, which the data cannot help: the sink holds until that is mended.
   * `reason` is a word, such as `http_401` or `dns`; `cure` says what to do.
   */
  | {
      readonly status: 'refused';
      readonly error: Error;
      readonly reason: string;
      readonly cure: string;
      readonly mayHaveArrived: boolean;
    }
  /** Too large as one request: its halves may pass. */
  | { readonly status: 'too_large'; readonly error: Error }
  /** The peer wants requests in another form, which the transport has noted: encode it again, and send it at once. */
  | { readonly status: 'other_form'; readonly error: Error }
  /** A record in it is at fault: its halves may pass. */
  | { readonly status: 'bad_data'; readonly error: Error }
  /** Refused for good; `reason` is a word of the closed list of the ledger, such as `http_501`. */
  | { readonly status: 'rejected'; readonly error: Error; readonly reason: string };

/** Sends one encoded request. */
export interface Transport {
  /** Never rejects: failures are results. `body` is the transport's until the promise resolves. */
  send(body: Uint8Array, signal: AbortSignal): Promise<SendResult>;
  close(): Promise<void>;
}

/** A value that is JSON already: a checkpoint writes it as it is. */
export class JsonText {
  readonly text: string;

  /** `text` must be one valid JSON value. */
  constructor(text: string) {
    this.text = text;
  }
}

/** Who wants to know what is on the disk. */
export interface SectionWrites {
  /** A write begins: what is stored at this moment goes into it. Another one begins when it has ended, or failed. */
  begin(): void;
  /** It has ended: no restart goes behind what it holds any more. After one that failed this is not called. */
  end(): void;
}

/** A component's part of the checkpoint. What is stored is JSON; its shape is the component's affair. */
export interface CheckpointSection {
  /** What the last life stored here, unchecked; undefined: nothing; null: it stored something that nobody can read. */
  readonly restored: unknown;
  /** Whether nothing of it is kept: there is no state folder, and nothing is ever written. */
  readonly isVolatile?: boolean;
  /**
   * Sets the function that gives what is to be stored, as values for JSON or as a `JsonText`; it is called at each
   * write, and by whoever looks at it meanwhile, and must be cheap and true. `writes` is told of writes.
   */
  provide(snapshot: () => unknown, writes?: SectionWrites): void;
  /** Says that the snapshot changed: a write follows soon (at most half a second later). */
  touch(): void;
  /** Lets go of `restored`, which may be large; to be called behind `provide()`. */
  forget?(): void;
}
