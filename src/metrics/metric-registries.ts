import type { Clock } from '../core/clock.ts';
import { type CheckpointSection, JsonText } from '../core/contracts.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { MetricRegistry } from './metric-registry.ts';

/** What the last life left of a registry. */
export interface StoredRegistry {
  readonly sinks: readonly string[];
  /** The readers whose records it counted. */
  readonly readers: readonly string[];
  readonly state: unknown;
}

/** What registries are made of. */
export interface MetricRegistriesOptions {
  readonly section: CheckpointSection;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Who makes the metrics: OTLP's scope. */
  readonly scope: { readonly name: string; readonly version: string };
}

/** A registry, and what it stands between. */
export interface OpenRegistry {
  readonly sinks: readonly string[];
  readonly readers: readonly string[];
  /** Of the metrics that are counted in it. */
  readonly names: ReadonlySet<string>;
  readonly registry: MetricRegistry;
}

/**
 * The registries of an agent, one for each set of sinks that metrics go to together: pipelines with the same sinks
 * count in the same one, so that a metric of two pipelines is one metric. They have a section of the checkpoint.
 */
export class MetricRegistries {
  /** What the last life left, until `begin()`. */
  stored: readonly StoredRegistry[];
  /** The names of all readers that the last life had. */
  readonly storedReaders: readonly string[];
  readonly #options: MetricRegistriesOptions;
  #open: readonly OpenRegistry[] = [];
  #readers: readonly string[] = [];

  constructor(options: MetricRegistriesOptions) {
    this.#options = options;
    const { registries, readers } = (options.section.restored ?? {}) as Record<string, unknown>;
    this.stored = parseRegistries(registries);
    this.storedReaders = parseNames(readers) ?? [];
  }

  /** How many series the last life left. */
  get storedSeries(): number {
    let count = 0;
    for (const { state } of this.stored) count += seriesIn(state);
    return count;
  }

  /** Makes a registry; `restored` is the state that it goes on from, of one that is `stored`. */
  create(sinks: readonly string[], restored: unknown): MetricRegistry {
    const { section, ...common } = this.#options;
    return new MetricRegistry({
      ...common,
      name: sinks.join('+'),
      restored,
      isVolatile: section.isVolatile === true,
      onChange: () => section.touch(),
    });
  }

  /** From now on the checkpoint holds what these count; `readers`: the names of all that there are. */
  begin(open: readonly OpenRegistry[], readers: readonly string[]): void {
    const { section } = this.#options;
    const isNothing = this.#open.length === 0 && open.length === 0 && section.restored === undefined;
    this.#open = open;
    this.#readers = readers;
    // What the last life left is forgotten, too: by the time that somebody counts again it would lack what was read.
    if (isNothing) return;
    for (const { registry, names } of this.#open) registry.begin(names);
    section.provide(() => this.#snapshot(), {
      begin: () => {
        for (const { registry } of this.#open) registry.beginWrite();
      },
      end: () => {
        for (const { registry } of this.#open) registry.endWrite();
      },
    });
    // It can be most of the memory that the agent takes.
    this.stored = [];
    section.forget?.();
  }

  #snapshot(): JsonText {
    const parts = this.#open.map(({ sinks, readers, registry }) => {
      return `{"sinks":${JSON.stringify(sinks)},"readers":${JSON.stringify(readers)},"state":${registry.snapshot()}}`;
    });
    return new JsonText(`{"readers":${JSON.stringify(this.#readers)},"registries":[${parts.join(',')}]}`);
  }
}

function parseRegistries(stored: unknown): StoredRegistry[] {
  return (Array.isArray(stored) ? (stored as unknown[]) : []).flatMap((one) => {
    const { sinks, readers, state } = (one ?? {}) as Record<string, unknown>;
    const names = { sinks: parseNames(sinks), readers: parseNames(readers) };
    if (names.sinks === undefined || names.readers === undefined) return [];
    return [{ sinks: names.sinks, readers: names.readers, state }];
  });
}

function parseNames(stored: unknown): string[] | undefined {
  return Array.isArray(stored) && stored.every((name) => typeof name === 'string') ? stored : undefined;
}

/** How many series there are in the state of a registry. */
function seriesIn(state: unknown): number {
  const { metrics } = (state ?? {}) as Record<string, unknown>;
  let count = 0;
  for (const metric of Array.isArray(metrics) ? (metrics as unknown[]) : []) {
    const { series } = (metric ?? {}) as Record<string, unknown>;
    if (Array.isArray(series)) count += series.length;
  }
  return count;
}
