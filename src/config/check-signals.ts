import type { Signals, SinkDefinition, SourceDefinition } from '../component/definition.ts';
import { ConfigError } from '../core/errors.ts';
import type { Configured, ConfiguredPipeline } from './agent-config.ts';
import type { Report } from './config-document.ts';
import { measuredMetrics } from './measured-metrics.ts';

/** The components of a configuration, as far as they are right. */
interface Components {
  readonly sources: readonly Configured<SourceDefinition<unknown>>[];
  readonly sinks: readonly Configured<SinkDefinition<unknown>>[];
  readonly pipelines: readonly ConfiguredPipeline[];
}

/** Checks that what the sources of each pipeline give reaches sinks that take it. */
export function checkSignals({ sources, sinks, pipelines }: Components, report: Report): void {
  const given = new Map(sources.map(({ name, definition }) => [name, definition.gives ?? 'records']));
  const taken = new Map(sinks.map(({ name, definition }) => [name, definition.takes ?? 'records']));
  for (const { name, from, to, stages } of pipelines) {
    const path = ['pipelines', name];
    const gives = from.map((source) => given.get(source)).filter((signals) => signals !== undefined);
    // What is wrong with a source was said.
    if (gives.length < from.length) continue;
    const hasRecords = gives.some((signals) => has(signals, 'records'));
    const hasMetrics = gives.some((signals) => has(signals, 'metrics')) || measuredMetrics(stages).length > 0;
    if (!hasRecords && stages.length > 0) {
      const message = `Stages work on records, and ${listed(from)} ${from.length === 1 ? 'gives' : 'give'} metrics alone`;
      const hint = 'Remove the stages; the options of the source choose and rename metrics';
      report.add(new ConfigError({ code: 'ERR_CONFIG_VALUE', path: [...path, 'stages'], message, hint }));
    }
    for (const [i, sink] of to.entries()) {
      const takes = taken.get(sink);
      if (takes === undefined || (hasRecords && has(takes, 'records')) || (hasMetrics && has(takes, 'metrics')))
        continue;
      report.add(new ConfigError({ code: 'ERR_CONFIG_VALUE', path: [...path, 'to', i], ...mismatch(sink, takes) }));
    }
  }
}

function mismatch(sink: string, takes: Signals): { message: string; hint: string } {
  if (takes === 'records') {
    return {
      message: `Sink "${sink}" takes records, and there are only metrics for it`,
      hint: 'Lead the pipeline to a sink that takes metrics, such as one of type prometheus or otlp',
    };
  }
  return {
    message: `Sink "${sink}" takes metrics, and there are only records for it`,
    hint: 'Add a stage that makes metrics, such as `counter`, or lead the pipeline to a sink that takes records',
  };
}

function has(signals: Signals, wanted: 'records' | 'metrics'): boolean {
  return signals === wanted || signals === 'both';
}

function listed(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(' and ');
}
