import type { WantedAttributes } from '../component/definition.ts';
import type { Sink } from '../core/contracts.ts';
import { unwatchedInstruments } from '../core/instruments.ts';
import { DeadLetterFile } from '../delivery/dead-letter.ts';
import { routeName } from '../ledger/route-name.ts';
import type { MetricRegistry } from '../metrics/metric-registry.ts';
import { Pipeline, type Twins } from '../pipeline/pipeline.ts';
import { PipelineEnd } from '../pipeline/pipeline-end.ts';
import { RecordUid } from '../pipeline/record-uid.ts';
import { buildStages } from './build-stages.ts';
import { DeadLetterAside } from './dead-letter-aside.ts';
import type { PlannedPipeline } from './plan-readers.ts';
import type { PartSetting } from './shared.ts';

/** What a pipeline is built with. */
export interface PipelineSetting {
  readonly sinks: ReadonlyMap<string, Sink>;
  readonly shared: PartSetting;
  /** Where its records are counted; undefined: nobody sees what it would count. */
  readonly registry: MetricRegistry | undefined;
  /** The attributes that are looked at behind its stages. */
  readonly wanted: WantedAttributes;
  /** The same stages in other threads. */
  readonly twins?: Twins | undefined;
}

/** Builds a pipeline, whose ways out lead to `sinks`. Throws an OperatorError when a stage cannot be built. */
export function buildPipeline(
  plan: PlannedPipeline,
  { sinks, shared, registry, wanted, twins }: PipelineSetting,
): Pipeline {
  const { stages, recordUid, stagesName } = plan;
  const { clock, logger, metrics, keys, unmatched } = shared;
  const aside = asideOf(plan, shared);
  const instruments = registry ?? unwatchedInstruments;
  const context = { clock, logger, metrics, keys, instruments, wanted, name: stagesName };
  const built = buildStages(stages, context, { aside, unmatched });
  // Last, so that it costs nothing for records that are dropped, and no stage takes it away.
  if (recordUid) built.push(new RecordUid(keys));
  return new Pipeline(built, endsOf(plan, sinks, shared), { aside, counts: registry, twins, takes: takerOf(plan) });
}

/** The ways out of a pipeline. */
export function endsOf(plan: PlannedPipeline, sinks: ReadonlyMap<string, Sink>, { keys }: PartSetting): PipelineEnd[] {
  const { name, to, conditions } = plan;
  return to.map((sink) => {
    const when = conditions.get(sink)?.build(keys);
    return new PipelineEnd(routeName(name, sink), sinks.get(sink)!, when);
  });
}

/** Where a pipeline sets records aside; of one with several readers, only the first does. */
function asideOf({ name, deadLetter, isFirst }: PlannedPipeline, shared: PartSetting): DeadLetterAside | undefined {
  if (deadLetter === undefined || !isFirst) return undefined;
  const { clock, logger, metrics, userAgent } = shared;
  const loadJson = async () => (body: Uint8Array) => Buffer.from(body).toString();
  const file = new DeadLetterFile({ origin: { pipeline: name }, ...deadLetter, loadJson, clock, logger, metrics });
  const [scopeName = '', scopeVersion = ''] = userAgent.split('/');
  return new DeadLetterAside(file, { scopeName, scopeVersion });
}

/** Streams that ask for a pipeline take that one; where there is none of that name, they go where all go. */
export function takerOf({ name, isOptIn, siblings }: PlannedPipeline): (asked: string | undefined) => boolean {
  const others = new Set(siblings);
  return (asked) => asked === name || (!isOptIn && (asked === undefined || !others.has(asked)));
}
