import type { Sink, SinkState } from '../core/contracts.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type LedgerReport, reportLedger } from '../ledger/ledger-report.ts';
import type { Amounts } from '../ledger/reasons.ts';
import type { MetricName } from '../telemetry/metric-names.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { ConfigReport } from './reload-report.ts';
import { type Summary, summarize } from './summary.ts';

/** What a sink has done since the agent started. */
export interface SinkReport {
  readonly sink: string;
  /** Whether it gets its records through. */
  readonly state: SinkState['kind'];
  /** What keeps it from that, and what to do about it. */
  readonly error?: string;
  readonly cure?: string;
  /** For how long it has tried again. */
  readonly retrying_seconds?: number;
  /** By status of the answer. */
  readonly requests: Amounts;
  readonly delivered: number;
  readonly rejected: Amounts;
  readonly resent: number;
  readonly in_flight: number;
  readonly abandoned: number;
}

/** What `GET /ledger` answers. Keys are stable. */
export interface AgentReport extends LedgerReport {
  readonly version: string;
  readonly uptime_seconds: number;
  readonly state: 'running' | 'eager' | 'draining';
  /** Which configuration is in force; not there where it came from the command line. */
  readonly config?: ConfigReport;
  /** Of this life, all streams and sinks together: the numbers of the metrics and of the last line of the log. */
  readonly since_start: Summary;
  readonly sinks: readonly SinkReport[];
}

/** Everything that an agent knows of its work, at one moment. */
export function reportAgent(parts: {
  readonly version: string;
  readonly state: AgentReport['state'];
  readonly config: ConfigReport | undefined;
  readonly startMs: number;
  readonly nowMs: number;
  readonly ledger: Ledger;
  readonly metrics: Metrics;
  readonly sinks: ReadonlyMap<string, Sink>;
}): AgentReport {
  const { version, state, config, startMs, nowMs, metrics } = parts;
  const ledger = reportLedger(parts.ledger, nowMs);
  const sinks = Array.from(parts.sinks, ([name, sink]) => reportSink(name, sink, metrics, nowMs));
  const uptime = (nowMs - startMs) / 1000;
  const inForce = config === undefined ? {} : { config };
  return { version, uptime_seconds: uptime, state, ...inForce, since_start: summarize(metrics), sinks, ...ledger };
}

function reportSink(name: string, sink: Sink, metrics: Metrics, nowMs: number): SinkReport {
  const sum = (metric: MetricName): number => metrics.sum(metric, { sink: name });
  return {
    sink: name,
    ...reportState(sink.state ?? { kind: 'ready' }, nowMs),
    requests: metrics.sumBy('pillion_sink_requests_total', 'status', { sink: name }),
    delivered: sum('pillion_sink_delivered_records_total'),
    rejected: metrics.sumBy('pillion_sink_rejected_records_total', 'reason', { sink: name }),
    resent: sum('pillion_sink_resent_records_total'),
    in_flight: sum('pillion_in_flight_records'),
    abandoned: sum('pillion_sink_abandoned_records_total'),
  };
}

function reportState(
  state: SinkState,
  nowMs: number,
): Pick<SinkReport, 'state' | 'error' | 'cure' | 'retrying_seconds'> {
  const { kind } = state;
  switch (kind) {
    case 'ready':
      return { state: kind };
    case 'retrying':
      return { state: kind, error: state.message, retrying_seconds: (nowMs - state.sinceMs) / 1000 };
    case 'held':
      return { state: kind, error: state.message, cure: state.cure };
    case 'rejecting':
      return { state: kind, error: state.message };
    default:
      return state satisfies never;
  }
}
