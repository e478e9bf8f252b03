import type { LoadedConfig } from '../../config/agent-config.ts';
import type { Clock } from '../../core/clock.ts';
import { messageOf, OperatorError } from '../../core/errors.ts';
import { KeyTable } from '../../core/key-table.ts';
import { type PackedMemory, RecordBatch } from '../../core/record-batch.ts';
import { Resource } from '../../core/resource.ts';
import { SourceOutput } from '../../pipeline/source-output.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { Metrics } from '../../telemetry/metrics.ts';
import type { Tracer } from '../../telemetry/tracer.ts';
import type { PartSetting } from '../shared.ts';
import { sampleOf } from '../unmatched-lines.ts';
import { BuiltParts } from './built-parts.ts';
import type { FromWorker, RemoteBatch, RemoteError, RemoteWays, ToWorker } from './messages.ts';
import { RemoteLeases } from './remote-leases.ts';
import type { ToldMemory } from './slots.ts';

/** What a worker has of its thread. */
export interface WorkerContext {
  /** Sends a message to the agent. */
  readonly post: (message: FromWorker) => void;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly userAgent: string;
  /** Reads a configuration. */
  readonly load: (text: string, file: string) => Promise<LoadedConfig>;
  /** Opens what is told what the worker does itself, with the first configuration. */
  readonly openTracer: (resource: Resource) => Promise<Tracer | undefined>;
  /** Gives back what memory it can. */
  readonly saveMemory: () => void;
  /** Nothing comes any more. */
  readonly onEnd: () => void;
}

/** What takes the batches of one output. */
interface WorkerOutput {
  readonly output: SourceOutput;
  readonly abandon: AbortController;
  /** The memory that batches come in. */
  readonly slots: Map<number, PackedMemory>;
  /** In which slot the batches that are here came. */
  readonly slotOf: Map<RecordBatch, number>;
}

/** What is done about each kind of message. */
type Handlers = { readonly [Kind in ToWorker['kind']]: (message: ToWorker & { kind: Kind }) => void };

/** What an arena has that takes the place of one of the agent, when that is too small for what stages append. */
const BATCH_BYTES = 768 * 1024;

/**
 * The part of the agent that runs in a worker: stages, encoders and sinks. It builds what it is told to, takes batches
 * through it in their order, and says what became of their ranges.
 */
export class WorkerSide {
  readonly #context: WorkerContext;
  readonly #keys = new KeyTable();
  readonly #metrics = new Metrics();
  /** The keys here, by the number that they have at the agent. */
  readonly #keyIds: number[] = [];
  readonly #resources = new Map<number, Resource>();
  readonly #leases: RemoteLeases;
  readonly #outputs = new Map<number, WorkerOutput>();
  /** Batches that nobody works on. */
  readonly #spare: RecordBatch[] = [];
  readonly #flushes = new Map<number, AbortController>();
  readonly #handlers: Handlers = {
    load: (message) => this.#answer(message.request, this.#load(message)),
    in_force: ({ version }) => this.#built.useConfig(version),
    use: ({ ways }) => this.#use(ways),
    batch: ({ sent }) => this.#take(sent),
    hurry: ({ output }) => this.#outputs.get(output)?.output.hurry(),
    abandon: ({ output }) => this.#outputs.get(output)?.abandon.abort(),
    close_output: ({ output }) => void this.#outputs.delete(output),
    flush: (message) => this.#answer(message.request, this.#flush(message)),
    cut_flush: ({ flush }) => this.#flushes.get(flush)?.abort(),
    send_eagerly: ({ sink }) => this.#built.ask(sink, { isEager: true }),
    narrow: ({ sink, isNarrow }) => this.#built.ask(sink, { isNarrow }),
    close_sink: ({ request, sink }) => this.#answer(request, this.#built.closeSink(sink)),
    close_stages: ({ stages }) => void this.#built.closeStages(stages),
    save_memory: () => this.#context.saveMemory(),
    log_level: ({ level }) => {
      this.#context.logger.level = level;
    },
    forget_resource: ({ resource }) => void this.#resources.delete(resource),
    report: ({ request }) => this.#report(request),
    end: () => void this.#end(),
  };
  #parts: BuiltParts | undefined;
  #tracer: Tracer | undefined;

  constructor(context: WorkerContext) {
    this.#context = context;
    this.#leases = new RemoteLeases((leases) => context.post({ kind: 'settled', leases }));
  }

  /** Does what a message asks for. Never throws: a failure is told. */
  receive(message: ToWorker): void {
    try {
      // Of this kind; the compiler sees a union of both.
      const handle = this.#handlers[message.kind] as (message: ToWorker) => void;
      handle(message);
    } catch (error) {
      this.#fail('A worker cannot go on', error);
    }
  }

  get #built(): BuiltParts {
    if (this.#parts === undefined) throw new Error('Cannot build anything: no configuration was read');
    return this.#parts;
  }

  async #load({ text, file, version }: ToWorker & { kind: 'load' }): Promise<void> {
    const { load, openTracer } = this.#context;
    const loaded = await load(text, file);
    if (!loaded.ok) throw loaded.errors[0]!.error;
    if (this.#parts === undefined) {
      this.#tracer = await openTracer(loaded.config.resource);
      this.#parts = new BuiltParts(this.#setting(loaded.config.admin !== undefined));
    }
    this.#parts.addConfig(version, loaded.config);
  }

  #setting(isAsked: boolean): PartSetting {
    const { clock, logger, userAgent, post } = this.#context;
    const unmatched = {
      add: (stage: string, label: string, batch: RecordBatch) =>
        post({ kind: 'unmatched', stage, label, ...sampleOf(batch) }),
    };
    const own = { keys: this.#keys, metrics: this.#metrics, tracer: this.#tracer };
    return { clock, logger, userAgent, ...own, unmatched: isAsked ? unmatched : undefined };
  }

  #use(ways: RemoteWays): void {
    const pipelines = this.#built.pipelinesOf(ways);
    const known = this.#outputs.get(ways.output);
    if (known !== undefined) return void known.output.use(pipelines, { afterOthers: false });
    const { clock } = this.#context;
    const source = ways.reader;
    const abandon = new AbortController();
    const slotOf = new Map<RecordBatch, number>();
    const pool = {
      isFree: true,
      rent: () => Promise.reject(new Error('Cannot rent batch: they come from another thread')),
      giveBack: (batch: RecordBatch) => {
        this.#context.post({ kind: 'returned', output: ways.output, slot: slotOf.get(batch)! });
        slotOf.delete(batch);
        this.#spare.push(batch);
      },
    };
    const output = new SourceOutput(pool, pipelines, {
      stop: abandon.signal,
      abandoned: this.#metrics.counter('pillion_source_abandoned_records_total', { source }),
      pause: async (ms, signal) => {
        const startMs = clock.nowMs();
        await clock.sleep(ms, signal);
        const seconds = this.#metrics.counter('pillion_source_paused_seconds_total', { source });
        seconds.add((clock.nowMs() - startMs) / 1000);
      },
      onError: (error) => this.#fail(`Cannot process records of source "${source}"`, error),
    });
    this.#outputs.set(ways.output, { output, abandon, slotOf, slots: new Map() });
  }

  #take({ output: id, lease, stream, resource, attributes, keys, slot, memory, packed }: RemoteBatch): void {
    const { output, slots, slotOf } = this.#outputs.get(id)!;
    for (const key of keys) this.#keyIds.push(this.#keys.internText(key));
    if (attributes !== undefined) this.#resources.set(resource, new Resource(attributes));
    const batch = this.#spare.pop() ?? new RecordBatch(this.#keys, BATCH_BYTES);
    batch.unpack(
      memoryOf(slot, memory, slots),
      packed,
      { ...stream, resource: this.#resources.get(resource)! },
      this.#keyIds,
    );
    slotOf.set(batch, slot);
    output.send(batch, this.#leases.open(lease));
  }

  async #flush({ request, sink }: ToWorker & { kind: 'flush' }): Promise<void> {
    const cut = new AbortController();
    this.#flushes.set(request, cut);
    await this.#built.sink(sink)?.flush(cut.signal);
    this.#flushes.delete(request);
  }

  #report(request: number): void {
    // What the numbers count is told before them.
    this.#leases.flush();
    const sinks = this.#parts?.states(this.#context.clock.nowMs()) ?? [];
    this.#context.post({ kind: 'answer', request, report: { series: this.#metrics.series(), sinks } });
  }

  #answer(request: number, work: Promise<void>): void {
    const answer = (error?: RemoteError): void => {
      this.#leases.flush();
      this.#context.post({ kind: 'answer', request, ...(error !== undefined && { error }) });
    };
    work.then(
      () => answer(),
      (error: unknown) => answer(remoteError(error)),
    );
  }

  #fail(what: string, error: unknown): void {
    this.#context.post({ kind: 'failed', what, error: remoteError(error) });
  }

  async #end(): Promise<void> {
    await this.#tracer?.close();
    this.#context.onEnd();
  }
}

/** The memory of a slot, of which something may be told for the first time. */
function memoryOf(slot: number, told: ToldMemory, slots: Map<number, PackedMemory>): PackedMemory {
  const known = slots.get(slot);
  if (known !== undefined && told.arena === undefined && told.columns === undefined) return known;
  const memory = {
    arena: told.arena === undefined ? known!.arena : Buffer.from(told.arena),
    columns: told.columns === undefined ? known!.columns : Buffer.from(told.columns),
  };
  slots.set(slot, memory);
  return memory;
}

function remoteError(error: unknown): RemoteError {
  const { code, hint } = error instanceof OperatorError ? error : {};
  return { code, hint, message: messageOf(error), stack: error instanceof Error ? error.stack : undefined };
}
