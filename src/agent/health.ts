import type { Readiness, Sink, SinkState } from '../core/contracts.ts';
import type { AgentReport } from './agent-report.ts';
import { type ConfigReport, formatReloadError } from './reload-report.ts';

/** One thing that a probe looks at. */
export interface HealthCheck {
  /** What it is about, such as `source app`. */
  readonly name: string;
  /** `noted`: somebody should know, but it is no reason to take the pod out of service or to restart the agent. */
  readonly status: 'passed' | 'failed' | 'noted';
  /** A few words of the agent's own. */
  readonly detail: string;
  /** What the system or a peer said of it; told to those beside the agent only. */
  readonly cause?: string | undefined;
  /** Whether it is about the application: then the pod is not ready, but the agent has started. */
  readonly isOfApplication?: boolean;
}

/**
 * What there is to say of an agent's health. A source that has not started fails, and an application that is down where
 * somebody wants the pod to go by that. That a backend is away, lets nobody in or takes no record is noted, since the
 * files wait for it and the pod does its work all the same.
 */
export function checkHealth(parts: {
  readonly state: AgentReport['state'];
  readonly config?: ConfigReport | undefined;
  readonly sources: Iterable<{
    readonly name: string;
    readonly hasStarted: boolean;
    readonly readiness?: Readiness | undefined;
  }>;
  readonly sinks: ReadonlyMap<string, Sink>;
  readonly nowMs: number;
}): HealthCheck[] {
  const { state, config, sources, sinks, nowMs } = parts;
  return [
    { name: 'agent', status: 'passed', detail: state },
    ...(config === undefined ? [] : [checkConfig(config)]),
    ...Array.from(sources).flatMap(({ name, hasStarted, readiness }) => [
      checkSource(name, hasStarted),
      ...(readiness === undefined ? [] : [checkApplication(name, readiness)]),
    ]),
    ...Array.from(sinks, ([name, sink]) => checkSink(name, sink.state ?? { kind: 'ready' }, nowMs)),
  ];
}

/** The same checks for the question whether the agent has started: an application may start after it. */
export function startChecks(checks: readonly HealthCheck[]): HealthCheck[] {
  return checks.map((check) =>
    check.isOfApplication === true && check.status === 'failed' ? { ...check, status: 'noted' } : check,
  );
}

/** Whether none of the checks failed. */
export function isHealthy(checks: readonly HealthCheck[]): boolean {
  return checks.every(({ status }) => status !== 'failed');
}

/** That a changed configuration cannot be used is noted: the old one does its work all the same. */
function checkConfig({ errors }: ConfigReport): HealthCheck {
  const name = 'configuration';
  if (errors === undefined) return { name, status: 'passed', detail: 'in force' };
  const cause = errors.map(formatReloadError).join('; ');
  return { name, status: 'noted', detail: 'changed, and cannot be used: the old one is in force', cause };
}

function checkSource(source: string, hasStarted: boolean): HealthCheck {
  const name = `source ${source}`;
  return hasStarted ? { name, status: 'passed', detail: 'started' } : { name, status: 'failed', detail: 'starting' };
}

function checkApplication(source: string, { isReady, detail, cause }: Readiness): HealthCheck {
  const status = isReady ? 'passed' : 'failed';
  return { name: `application of ${source}`, status, detail, cause, isOfApplication: true };
}

function checkSink(sink: string, state: SinkState, nowMs: number): HealthCheck {
  const name = `sink ${sink}`;
  switch (state.kind) {
    case 'ready':
      return { name, status: 'passed', detail: 'ready' };
    case 'retrying': {
      const seconds = Math.round((nowMs - state.sinceMs) / 1000);
      return { name, status: 'noted', detail: `retrying for ${seconds} s`, cause: state.message };
    }
    case 'held':
    case 'rejecting':
      return { name, status: 'noted', detail: state.kind, cause: state.message };
    default:
      return state satisfies never;
  }
}
