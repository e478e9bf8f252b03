import type { Clock } from '../../core/clock.ts';
import type { Lifetime, Output, Readiness, Source } from '../../core/contracts.ts';
import { LabelSet } from '../../core/label-set.ts';
import type { MetricFamily, MetricProducer, MetricSet, NumberPoint } from '../../core/metric.ts';
import type { Resource } from '../../core/resource.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { EventRecords } from '../event-records.ts';
import { IntervalSource } from '../interval-source.ts';
import { type Check, type CheckResult, failed } from './check.ts';
import { HealthLegacy, type HealthMemory } from './health-legacy.ts';
import { type Health, HealthState } from './health-state.ts';

export interface HealthSourceOptions {
  /** What the check is called. */
  readonly name: string;
  readonly check: Check;
  /** What is looked at, as it is in the configuration. */
  readonly target: string;
  /** What is known of it already. */
  readonly memory: HealthMemory | undefined;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly successThreshold: number;
  readonly failureThreshold: number;
  /** Whether the pod is ready only while the application is up. */
  readonly isForReadiness: boolean;
  /** Undefined: changes are no records. */
  readonly events: EventRecords | undefined;
  readonly resource: () => Resource;
  readonly clock: Clock;
  readonly logger: Logger;
}

const INFO = 9;
const ERROR = 17;

/** Looks at an application at each interval: what it finds are metrics, and what changes is a record. */
export class HealthSource implements Source {
  readonly metrics: MetricProducer;
  readonly #options: HealthSourceOptions;
  readonly #interval: IntervalSource;
  readonly #state: HealthState;
  readonly #labels: LabelSet;
  /** By reason: the labels and how many checks have failed for it. */
  readonly #failures: HealthMemory['failures'];
  readonly #startUnixMs: number;
  #last: CheckResult = failed('none', 'It was not looked at yet');
  /** Since when the state is what it is. */
  #sinceMs: number;

  constructor(options: HealthSourceOptions) {
    this.#options = options;
    const { name, check, clock, intervalMs, successThreshold, failureThreshold, memory } = options;
    this.#state = new HealthState(successThreshold, failureThreshold, memory?.health);
    this.#failures = memory?.failures ?? new Map();
    this.#labels = LabelSet.of([
      ['health.check.name', name],
      ['health.check.type', check.kind],
    ]);
    this.#startUnixMs = memory?.startUnixMs ?? clock.unixMs();
    this.#sinceMs = memory?.sinceMs ?? clock.nowMs();
    this.#interval = new IntervalSource({ read: (signal) => this.#read(signal), intervalMs, clock });
    this.metrics = this.#interval.metrics;
  }

  get readiness(): Readiness | undefined {
    if (!this.#options.isForReadiness) return undefined;
    const { health } = this.#state;
    if (health === 'up') return { isReady: true, detail: 'up' };
    const detail = health === 'unknown' ? 'not known to be up yet' : 'down';
    if (this.#last.passed) return { isReady: false, detail };
    const { reason, message } = this.#last;
    return { isReady: false, detail: `${detail} (${reason})`, cause: message };
  }

  bequeath(): () => Promise<HealthLegacy> {
    return async () => {
      const { target, events } = this.#options;
      const [sinceMs, startUnixMs] = [this.#sinceMs, this.#startUnixMs];
      const memory = { health: this.#state.health, sinceMs, failures: this.#failures, startUnixMs };
      return new HealthLegacy(target, memory, events);
    };
  }

  async run(output: Output, lifetime: Lifetime): Promise<void> {
    const { check, events } = this.#options;
    const ended = new AbortController();
    const sent = events?.run(output, ended.signal, lifetime.stop);
    try {
      await this.#interval.run(output, lifetime);
    } finally {
      check.close?.();
      ended.abort();
      await sent;
    }
  }

  async #read(signal: AbortSignal): Promise<readonly MetricSet[]> {
    const { clock } = this.#options;
    const startMs = clock.nowMs();
    const result = await this.#check(signal);
    // One that was broken off says nothing.
    if (signal.aborted) return [];
    const seconds = (clock.nowMs() - startMs) / 1000;
    this.#last = result;
    if (!result.passed) this.#countFailure(result.reason);
    const before = this.#state.take(result.passed);
    if (before !== undefined) this.#tell(before, this.#state.health, result);
    return [this.#setOf(result, seconds)];
  }

  /** The result of the check, or that it has taken too long. */
  async #check(signal: AbortSignal): Promise<CheckResult> {
    const { check, timeoutMs, clock } = this.#options;
    const giveUp = new AbortController();
    const late = clock.sleep(timeoutMs, AbortSignal.any([signal, giveUp.signal]));
    const timeout = late.then(() => failed('timeout', `There was no result within ${timeoutMs / 1000} s`));
    try {
      return await Promise.race([check.run(AbortSignal.any([signal, giveUp.signal])), timeout]);
    } finally {
      giveUp.abort();
    }
  }

  #countFailure(reason: string): void {
    let failures = this.#failures.get(reason);
    if (failures === undefined) {
      const labels = LabelSet.of([...this.#labels, ['error.type', reason]]);
      this.#failures.set(reason, (failures = { labels, count: 0 }));
    }
    failures.count++;
  }

  #tell(before: Health, health: Health, result: CheckResult): void {
    const { name, check, events, clock, logger } = this.#options;
    const nowMs = clock.nowMs();
    const forSeconds = Math.round((nowMs - this.#sinceMs) / 1000);
    this.#sinceMs = nowMs;
    const attributes = new Map<string, string>([
      ['health.check.name', name],
      ['health.check.type', check.kind],
      ['health.check.state', health],
    ]);
    const fields = { source: name, check: check.kind };
    if (result.passed) {
      if (before === 'unknown') logger.info(fields, 'The application is up.');
      else logger.info({ ...fields, downSeconds: forSeconds }, 'The application is up again.');
    } else {
      attributes.set('error.type', result.reason);
      logger.warn({ ...fields, reason: result.reason, error: result.message }, 'The application is down.');
    }
    // That it has come up for the first time is no change that anybody waits for.
    if (events === undefined || (before === 'unknown' && result.passed)) return;
    const body = result.passed ? `${name} is up again after ${forSeconds} s` : `${name} is down: ${result.message}`;
    events.add({
      body,
      severityNumber: result.passed ? INFO : ERROR,
      severityText: result.passed ? 'INFO' : 'ERROR',
      unixMs: clock.unixMs(),
      attributes,
      bytes: Buffer.byteLength(body),
    });
  }

  #setOf(result: CheckResult, seconds: number): MetricSet {
    const { resource, clock } = this.#options;
    const { health } = this.#state;
    const own = (value: number): NumberPoint[] => [{ kind: 'number', labels: this.#labels, value }];
    const families: MetricFamily[] = [
      {
        name: 'health.check.success',
        type: 'gauge',
        unit: '',
        description: 'Whether the last check of the application passed.',
        points: own(result.passed ? 1 : 0),
      },
      {
        name: 'health.check.duration',
        type: 'gauge',
        unit: 's',
        description: 'How long the last check took.',
        points: own(seconds),
      },
    ];
    if (health !== 'unknown')
      families.unshift({
        name: 'health.check.up',
        type: 'gauge',
        unit: '',
        description: 'Whether the application is up: as many checks as it takes have said so.',
        points: own(health === 'up' ? 1 : 0),
      });
    if (this.#failures.size > 0)
      families.push({
        name: 'health.check.failures',
        type: 'counter',
        unit: '{check}',
        description: 'Checks that failed, by reason.',
        points: Array.from(this.#failures.values(), ({ labels, count: value }) => {
          return { kind: 'number', labels, startUnixMs: this.#startUnixMs, value };
        }),
      });
    return { resource: resource(), scope: { name: '', version: '' }, naming: 'otlp', unixMs: clock.unixMs(), families };
  }
}
