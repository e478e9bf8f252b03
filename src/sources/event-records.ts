import { setUnixNano } from '../bytes/unix-nano.ts';
import type { Output } from '../core/contracts.ts';
import { CountedLease } from '../core/lease.ts';
import type { RecordBatch } from '../core/record-batch.ts';
import type { Resource } from '../core/resource.ts';
import type { Stream } from '../core/stream.ts';
import { ValueType } from '../core/value-type.ts';
import type { SourceLedger } from '../ledger/source-ledger.ts';
import type { StreamAccount } from '../ledger/stream-account.ts';
import { randomStreamId } from './random-stream-id.ts';

/** Something that happened, beside the metrics of a source. */
export interface EventRecord {
  readonly body: string;
  /** OTLP's number, and the word that the source has for it. */
  readonly severityNumber: number;
  readonly severityText: string;
  /** When it happened, in milliseconds since 1970; undefined: nobody says. */
  readonly unixMs: number | undefined;
  readonly attributes: ReadonlyMap<string, string>;
  /** How many bytes of input it was, for the books. */
  readonly bytes: number;
}

const MAX_BATCH_EVENTS = 256;
const MAX_BATCH_BYTES = 64 * 1024;
/** What an event takes in memory beside its bytes, and what each of its attributes does (measured: 430 and 60). */
const EVENT_WEIGHT = 400;
const ATTRIBUTE_WEIGHT = 64;

/** What events are sent with. */
export interface EventRecordsOptions {
  /** What people call the stream, and its account. */
  readonly name: string;
  /** Whose they are; it may become another one. */
  readonly resource: () => Resource;
  /** The books of the source: an account of that name is opened with the first event. */
  readonly ledger: SourceLedger;
  /** How much memory those take at most, about, that wait while no batch is free. */
  readonly maxBytes: number;
}

/**
 * Has the events of a source of metrics go its way as records. Those that wait are in memory alone: what is there when
 * the agent is killed is lost, as with standard input.
 */
export class EventRecords {
  readonly #options: EventRecordsOptions;
  #waiting: EventRecord[] = [];
  #waitingWeight = 0;
  #sentBytes = 0;
  #wake: () => void = () => {};
  #stream: Stream;
  #account: StreamAccount | undefined;

  constructor(options: EventRecordsOptions) {
    this.#options = options;
    const { name, resource, ledger } = options;
    this.#stream = { id: randomStreamId(), name, resource: resource() };
    // What the last life had and did not deliver is gone.
    for (const { id } of ledger.accounts()) if (id === name) this.#openAccount().agree();
  }

  /** The books that it is in. */
  get ledger(): SourceLedger {
    return this.#options.ledger;
  }

  /** Takes an event; false: too many wait already. */
  add(event: EventRecord): boolean {
    if (this.#waitingWeight + weightOf(event) > this.#options.maxBytes) return false;
    this.#waiting.push(event);
    this.#waitingWeight += weightOf(event);
    this.#openAccount().saw(event.bytes);
    this.#wake();
    return true;
  }

  /** Sends what comes until `ended` has aborted and nothing waits, or `stop` does. Never rejects. */
  async run(output: Output, ended: AbortSignal, stop: AbortSignal): Promise<void> {
    const wake = (): void => this.#wake();
    const ending = AbortSignal.any([ended, stop]);
    ending.addEventListener('abort', wake, { once: true });
    try {
      while (!stop.aborted) {
        if (this.#waiting.length > 0) this.#send(await output.rent(this.#currentStream(), stop), output);
        else if (ended.aborted) return;
        else await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } catch (error) {
      if (!stop.aborted) throw error;
    } finally {
      ending.removeEventListener('abort', wake);
    }
  }

  #send(batch: RecordBatch, output: Output): void {
    let bytes = 0;
    let count = 0;
    for (const event of this.#waiting) {
      if (count === MAX_BATCH_EVENTS || (count > 0 && bytes + event.bytes > MAX_BATCH_BYTES)) break;
      append(batch, event);
      this.#waitingWeight -= weightOf(event);
      bytes += event.bytes;
      count++;
    }
    this.#waiting = this.#waiting.slice(count);
    batch.inputOffset = this.#sentBytes;
    this.#sentBytes += bytes;
    const range = this.#openAccount().claim({ bytes, skipped: {}, records: count, emptyLines: 0 });
    const lease = new CountedLease((outcome) => {
      if (outcome !== 'abandoned') range.commit();
    }, range);
    output.send(batch, lease);
  }

  #openAccount(): StreamAccount {
    if (this.#account === undefined) {
      const { name, ledger } = this.#options;
      this.#account = ledger.account(name);
      this.#account.name = name;
    }
    return this.#account;
  }

  #currentStream(): Stream {
    const resource = this.#options.resource();
    if (resource !== this.#stream.resource) this.#stream = { ...this.#stream, resource };
    return this.#stream;
  }
}

function weightOf({ bytes, attributes }: EventRecord): number {
  return bytes + EVENT_WEIGHT + ATTRIBUTE_WEIGHT * attributes.size;
}

function append(batch: RecordBatch, { body, severityNumber, severityText, unixMs, attributes }: EventRecord): void {
  const start = batch.appendText(body);
  const record = batch.addRecord(start, batch.byteLength);
  batch.severityNumber[record] = severityNumber;
  batch.severityStart[record] = batch.appendText(severityText);
  batch.severityEnd[record] = batch.byteLength;
  if (unixMs !== undefined) {
    const seconds = Math.floor(unixMs / 1000);
    setUnixNano(batch.time, record, seconds, Math.round((unixMs - 1000 * seconds) * 1e6));
  }
  for (const [name, value] of attributes) {
    const nameStart = batch.appendText(name);
    const key = batch.internKey(nameStart, batch.byteLength);
    const valueStart = batch.appendText(value);
    batch.addSpan(record, key, ValueType.String, valueStart, batch.byteLength);
  }
}
