import type { AgentConfig, LoadedConfig, UsableConfig } from '../config/agent-config.ts';
import { checkReload } from '../config/check-reload.ts';
import { type ConfigDiff, diffConfig, isSame } from '../config/config-diff.ts';
import type { LocatedError } from '../config/located-error.ts';
import type { Clock } from '../core/clock.ts';
import { ConfigError, messageOf, OperatorError } from '../core/errors.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Tracer } from '../telemetry/tracer.ts';
import { type ConfigReport, failed, formatReloadError, type ReloadResult, reloaded } from './reload-report.ts';

/** What reloads work on. */
export interface ReloadsOptions {
  /** What the agent was started with. */
  readonly first: UsableConfig;
  /** Reads and checks the configuration as it is now. */
  readonly load: () => Promise<LoadedConfig>;
  /** See `Agent.reconfigure()`. */
  readonly reconfigure: (config: AgentConfig, diff: ConfigDiff) => Promise<void>;
  /** Whether the agent was asked to end: then nothing is taken over any more. */
  readonly isEnding: () => boolean;
  /** Is told of a configuration that was taken over, and of what it changes. */
  readonly onReloaded: (config: AgentConfig, diff: ConfigDiff) => void;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Is told of each reload. */
  readonly tracer?: Tracer | undefined;
}

/** Errors that the log shows; the others are counted. */
const MAX_SHOWN_ERRORS = 20;

/**
 * Takes over changed configurations, one at a time. One that cannot be used leaves the old one in force, which is said,
 * counted and shown until a reload succeeds.
 */
export class Reloads {
  readonly #options: ReloadsOptions;
  #current: UsableConfig;
  #files: readonly string[];
  #last: ReloadResult | undefined;
  #successUnixMs: number;
  /** What failed and was said. */
  #said = '';
  #running: Promise<ReloadResult> | undefined;
  #next: Promise<ReloadResult> | undefined;
  /** Whether somebody waits for a word of the next one. */
  #isNextAsked = false;

  constructor(options: ReloadsOptions) {
    const { first, clock, metrics } = options;
    this.#options = options;
    this.#current = first;
    this.#files = first.files;
    this.#successUnixMs = clock.unixMs();
    metrics.gauge('pillion_config_last_reload_successful', {}, () => (this.#last?.result === 'failed' ? 0 : 1));
    metrics.gauge(
      'pillion_config_last_reload_success_timestamp_seconds',
      {},
      () => Math.floor(this.#successUnixMs) / 1000,
    );
  }

  /** The files to keep an eye on. */
  get files(): readonly string[] {
    return this.#files;
  }

  get config(): AgentConfig {
    return this.#current.config;
  }

  report(): ConfigReport {
    const last = this.#last;
    return {
      file: this.#current.config.file,
      in_force_since: new Date(this.#successUnixMs).toISOString(),
      last_reload: last === undefined ? 'none' : last.result === 'failed' ? 'failed' : 'succeeded',
      ...(last?.result === 'failed' && { errors: last.errors }),
    };
  }

  /**
   * Reads the configuration and takes over what is new in it. Resolves when all of it is done. Whoever asks while one is
   * under way gets the result of the next one, which begins after it. `isAsked`: somebody waits for a word, so that what
   * failed before is said again, and that an agent which ends takes nothing over any more.
   */
  request({ isAsked }: { readonly isAsked: boolean }): Promise<ReloadResult> {
    if (isAsked) this.#said = '';
    if (this.#running === undefined) return this.#start(isAsked);
    this.#isNextAsked ||= isAsked;
    this.#next ??= this.#running.then(() => {
      const isNextAsked = this.#isNextAsked;
      this.#next = undefined;
      this.#isNextAsked = false;
      return this.#start(isNextAsked);
    });
    return this.#next;
  }

  #start(isAsked: boolean): Promise<ReloadResult> {
    // A file that changes while the agent ends is nobody's mistake.
    if (!isAsked && this.#options.isEnding()) return Promise.resolve({ result: 'unchanged' });
    const running = this.#reload().finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }

  async #reload(): Promise<ReloadResult> {
    const { load, isEnding, tracer } = this.#options;
    const span = tracer?.start('reload', 'internal', {});
    const loaded = await load();
    this.#files = loaded.files;
    const result = isEnding() ? failed([endingError(this.#current)]) : await this.#takeOver(loaded);
    this.#finish(result);
    const error = result.result === 'failed' ? (result.errors[0]?.code ?? 'unknown') : undefined;
    span?.end({ 'pillion.reload.result': result.result }, error);
    return result;
  }

  async #takeOver(next: LoadedConfig): Promise<ReloadResult> {
    if (!next.ok) return failed(next.errors);
    const diff = diffConfig(this.#current.written, next.written);
    const blocked = checkReload(this.#current.config, next.config, diff);
    if (blocked.length > 0) return failed(blocked.map((error) => ({ ...next.placeOf(error.path), error })));
    const { reconfigure, onReloaded } = this.#options;
    if (!isSame(diff)) {
      let done: Promise<void>;
      try {
        done = reconfigure(next.config, diff);
      } catch (error) {
        return failed([buildError(error, next)]);
      }
      this.#current = next;
      onReloaded(next.config, diff);
      for (const { file, line, error } of next.warnings) {
        this.#options.logger.warn({ file, line, hint: error.hint }, `${error.message}.`);
      }
      await done;
    }
    this.#current = next;
    return reloaded(diff);
  }

  #finish(result: ReloadResult): void {
    const { logger, metrics, clock } = this.#options;
    this.#last = result;
    const isFailure = result.result === 'failed';
    metrics.counter('pillion_config_reloads_total', { result: isFailure ? 'failure' : 'success' }).add(1);
    if (result.result === 'failed') {
      const errors = result.errors.map(formatReloadError);
      const said = errors.join('\n');
      if (said === this.#said) return;
      this.#said = said;
      const fields = { errors: errors.slice(0, MAX_SHOWN_ERRORS), count: errors.length };
      logger.error(fields, 'The changed configuration cannot be used: the old one goes on.');
      return;
    }
    this.#said = '';
    this.#successUnixMs = clock.unixMs();
    if (result.result === 'unchanged') logger.debug('The configuration was read again: nothing in it has changed.');
    else logger.info(changesOf(result.changes), 'The configuration was reloaded.');
  }
}

/** What changed, by section, for the log. */
function changesOf({ sources, pipelines, sinks, settings }: ConfigDiff): Record<string, unknown> {
  const sections = Object.entries({ sources, pipelines, sinks }).flatMap(([section, changes]) => {
    const named = Object.entries(changes).filter(([, names]) => (names as readonly string[]).length > 0);
    return named.length === 0 ? [] : [[section, Object.fromEntries(named)] as const];
  });
  return { ...Object.fromEntries(sections), ...(settings.length > 0 && { settings }) };
}

/** A component could not be built. */
function buildError(error: unknown, { config: { file } }: UsableConfig): LocatedError {
  const own = error instanceof OperatorError ? error : undefined;
  const { code = 'ERR_CONFIG_VALUE', hint = 'It may do after a restart: what runs now can stand in its way' } =
    own ?? {};
  const message = own?.message ?? `Cannot build what is configured: ${messageOf(error)}`;
  return { file, line: 0, column: 0, error: new ConfigError({ code, path: [], message, hint, cause: error }) };
}

function endingError({ config: { file } }: UsableConfig): LocatedError {
  const message = 'Cannot change the configuration: the agent drains, and ends';
  return { file, line: 0, column: 0, error: new ConfigError({ code: 'ERR_RELOAD_RESTART', path: [], message }) };
}
