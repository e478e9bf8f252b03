import type { SinkDefinition } from '../component/definition.ts';
import type { Configured } from '../config/agent-config.ts';
import type { Sink } from '../core/contracts.ts';
import type { PartSetting } from './shared.ts';

/** Builds a sink. Throws an OperatorError when it cannot be built. */
export function buildSink(
  { name, definition, options }: Configured<SinkDefinition<unknown>>,
  shared: PartSetting,
): Sink {
  const { clock, logger, metrics, keys, userAgent, tracer } = shared;
  return definition.build(options, { clock, logger, metrics, keys, name, userAgent, tracer });
}
