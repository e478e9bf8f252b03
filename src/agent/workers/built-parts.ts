import type { AgentConfig } from '../../config/agent-config.ts';
import type { Sink } from '../../core/contracts.ts';
import type { Pipeline } from '../../pipeline/pipeline.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { buildPipeline, endsOf, takerOf } from '../build-pipeline.ts';
import { buildSink } from '../build-sink.ts';
import { type PlannedPipeline, planReaders } from '../plan-readers.ts';
import type { PartSetting } from '../shared.ts';
import { wantedBySinks } from '../wanted-attributes.ts';
import type { RemoteSinkState, RemoteWays } from './messages.ts';

/** How many configurations that never came into force are kept beside the one that is. */
const MAX_WAITING = 2;

interface BuiltSink {
  readonly name: string;
  readonly sink: Sink;
  readonly metrics: Metrics;
}

/** What was asked of a sink before it was built. */
interface Wishes {
  isEager: boolean;
  isNarrow: boolean;
}

/** The stages and sinks that a worker has built, by the numbers that the agent gives them. */
export class BuiltParts {
  readonly #setting: PartSetting;
  readonly #configs = new Map<number, AgentConfig>();
  #inForce = 0;
  /** Which one was in force before. */
  #before = 0;
  readonly #sinks = new Map<number, BuiltSink>();
  readonly #wishes = new Map<number, Wishes>();
  readonly #stages = new Map<number, Pipeline>();

  constructor(setting: PartSetting) {
    this.#setting = setting;
  }

  addConfig(version: number, config: AgentConfig): void {
    this.#configs.set(version, config);
    const waiting = [...this.#configs.keys()].filter((known) => known !== this.#inForce && known !== this.#before);
    for (const known of waiting.slice(0, -MAX_WAITING)) this.#configs.delete(known);
  }

  useConfig(version: number): void {
    if (version !== this.#inForce) this.#before = this.#inForce;
    this.#inForce = version;
    for (const known of this.#configs.keys()) {
      if (known < version - MAX_WAITING && known !== this.#before) this.#configs.delete(known);
    }
  }

  /** The pipelines of these ways; builds what is not there yet. Throws where that cannot be done. */
  pipelinesOf({ version, pipelines }: RemoteWays): Pipeline[] {
    // Ways that are that old have stayed as they were, and were there at least until the last change.
    const config = this.#configs.get(version) ?? this.#configs.get(this.#before);
    if (config === undefined) throw new Error(`Cannot use configuration ${version}: it was not read`);
    return pipelines.map(({ stages: id, stagesName, sinks: ids }) => {
      const plan = planOf(config, stagesName);
      const sinks = new Map(Object.entries(ids).map(([name, sink]) => [name, this.#sink(sink, name, config)]));
      let stages = this.#stages.get(id);
      if (stages === undefined) {
        if (plan === undefined) throw new Error(`Cannot build pipeline "${stagesName}": it is not configured`);
        stages = buildPipeline(plan, {
          sinks,
          shared: this.#setting,
          registry: undefined,
          wanted: wantedBySinks(plan, config.sinks),
        });
        this.#stages.set(id, stages);
        return stages;
      }
      // What has gone from the configuration keeps the ways that it had.
      return plan === undefined ? stages : stages.withEnds(endsOf(plan, sinks, this.#setting), takerOf(plan));
    });
  }

  sink(id: number): Sink | undefined {
    return this.#sinks.get(id)?.sink;
  }

  /** Asks something of a sink, now or once it is built. */
  ask(id: number, wish: Partial<Wishes>): void {
    const wishes = { ...(this.#wishes.get(id) ?? { isEager: false, isNarrow: false }), ...wish };
    this.#wishes.set(id, wishes);
    const sink = this.sink(id);
    if (sink !== undefined) fulfil(wish, sink);
  }

  async closeSink(id: number): Promise<void> {
    const built = this.#sinks.get(id);
    this.#wishes.delete(id);
    if (built === undefined) return;
    this.#sinks.delete(id);
    await built.sink.close();
    built.metrics.retire();
  }

  async closeStages(id: number): Promise<void> {
    const stages = this.#stages.get(id);
    this.#stages.delete(id);
    await stages?.close();
  }

  /** How the sinks are doing at `nowMs` of this thread. */
  states(nowMs: number): RemoteSinkState[] {
    return Array.from(this.#sinks, ([id, { sink }]) => {
      const state = sink.state ?? { kind: 'ready' };
      return {
        sink: id,
        kind: state.kind,
        message: 'message' in state ? state.message : '',
        cure: 'cure' in state ? state.cure : '',
        forMs: 'sinceMs' in state ? nowMs - state.sinceMs : 0,
      };
    });
  }

  #sink(id: number, name: string, config: AgentConfig): Sink {
    const known = this.#sinks.get(id);
    if (known !== undefined) return known.sink;
    const configured = config.sinks.find((sink) => sink.name === name);
    if (configured === undefined) throw new Error(`Cannot build sink "${name}": it is not configured`);
    const metrics = this.#setting.metrics.scope();
    const sink = buildSink(configured, { ...this.#setting, metrics });
    this.#sinks.set(id, { name, sink, metrics });
    fulfil(this.#wishes.get(id) ?? {}, sink);
    return sink;
  }
}

function fulfil({ isEager, isNarrow }: Partial<Wishes>, sink: Sink): void {
  if (isEager === true) sink.sendEagerly?.();
  if (isNarrow !== undefined) sink.narrow?.(isNarrow);
}

function planOf(config: AgentConfig, stagesName: string): PlannedPipeline | undefined {
  const plans = planReaders(config).flatMap(({ readers }) => readers.flatMap(({ pipelines }) => pipelines));
  return plans.find((plan) => plan.stagesName === stagesName);
}
