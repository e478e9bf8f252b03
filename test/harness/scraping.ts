import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { checkOptions } from '../../src/component/check-options.ts';
import type { SourceDefinition } from '../../src/component/definition.ts';
import { type Clock, SystemClock } from '../../src/core/clock.ts';
import { KeyTable } from '../../src/core/key-table.ts';
import type { MetricSet } from '../../src/core/metric.ts';
import { Resource } from '../../src/core/resource.ts';
import { SourceLedger } from '../../src/ledger/source-ledger.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import { describe } from '../codec/prometheus/parse/parsed.ts';
import { MemorySection, until } from './files.ts';
import { MemoryOutput } from './output.ts';
import { RecordingStream } from './recording-stream.ts';

/** What a target answers. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A target on a free port of this machine; its `host:port`. */
export async function listen(t: TestContext, answer: Answer): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A target that shows that text. */
export function showing(text: string | (() => string), contentType = 'text/plain; version=0.0.4'): Answer {
  return (_, response) => {
    response.setHeader('content-type', contentType);
    response.end(typeof text === 'string' ? text : text());
  };
}

/** A source that has scraped, and goes on at each `next()`. */
export interface Scraping {
  readonly metrics: Metrics;
  /** Lines of its log. */
  log(): Record<string, unknown>[];
  sets(): readonly MetricSet[];
  /** Families and points, but for what is said of the scrape itself. */
  shown(): string[];
  /** The value of one of the metrics about the scrape. */
  about(name: string): number;
  /** Waits for the next scrape. */
  next(): Promise<void>;
  /** Waits until the values are so. */
  until(what: string, condition: (values: Readonly<Record<string, number>>) => boolean): Promise<void>;
}

/** The values of what is one number, by name and the values of its labels in order. */
export function valuesOf(sets: readonly MetricSet[]): Record<string, number> {
  return Object.fromEntries(
    sets.flatMap(({ families }) =>
      families.flatMap(({ name, points }) =>
        points.flatMap((point) =>
          point.kind === 'number' ? [[[name, ...point.labels.values].join(' '), point.value]] : [],
        ),
      ),
    ),
  );
}

/** How a source is started. */
export interface ScrapingSetup {
  /** What the agent knows of itself. */
  readonly attributes?: readonly [string, string][];
  /** One with short intervals where it is left out. */
  readonly clock?: Clock;
}

/** Starts a source, and waits for its first scrape. */
export async function scrapeWith<Options>(
  t: TestContext,
  definition: SourceDefinition<Options>,
  options: Readonly<Record<string, unknown>>,
  { attributes = [], clock = new FastClock() }: ScrapingSetup = {},
): Promise<Scraping> {
  const checked = checkOptions(definition.options, options, []);
  assert.ok(checked.ok);
  assert.deepEqual(definition.check!(checked.options), []);
  const stream = new RecordingStream();
  const metrics = new Metrics();
  const source = definition.build(checked.options, {
    name: 'app',
    clock,
    logger: createLogger({ level: 'info', pretty: false, stream }),
    metrics,
    keys: new KeyTable(),
    userAgent: 'pillion/0',
    resource: new Resource(attributes),
    writtenAttributes: new Map(),
    readers: 1,
    ledger: new SourceLedger({ source: 'app', routes: [], metrics, clock }),
    checkpoint: new MemorySection(),
  });
  let scrapes = 0;
  source.metrics!.onUpdate!(() => scrapes++);
  const ending = new AbortController();
  const run = source.run(new MemoryOutput(), { drain: ending.signal, stop: ending.signal });
  t.after(async () => {
    ending.abort();
    await run;
  });
  await until('it has scraped', () => scrapes > 0);
  const sets = (): readonly MetricSet[] => source.metrics!.collect();
  const families = () => sets().flatMap((set) => set.families);
  return {
    metrics,
    log: () => stream.lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    sets,
    shown: () => describe(families().filter(({ name }) => !/^(up|scrape_.*)$/.test(name))),
    about: (name) => {
      const point = families().find((family) => family.name === name)?.points[0];
      return point?.kind === 'number' ? point.value : Number.NaN;
    },
    next: () => {
      const before = scrapes;
      return until('it has scraped again', () => scrapes > before);
    },
    until: (what, condition) => until(what, () => condition(valuesOf(sets()))),
  };
}

/** Beyond the default of `timeout`, and below that of `interval`. */
const LONGEST_TIMEOUT_MS = 10_500;

/** A clock on which intervals are short, and time-outs are as long as they are. */
class FastClock implements Clock {
  readonly #clock = new SystemClock();

  nowMs(): number {
    return this.#clock.nowMs();
  }

  unixMs(): number {
    return this.#clock.unixMs();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.#clock.sleep(ms > LONGEST_TIMEOUT_MS ? 20 : ms, signal);
  }

  after(ms: number, then: () => void): () => void {
    return this.#clock.after(ms, then);
  }
}

/** Writes without an end, as fast as it is read. */
export function endless(response: ServerResponse, piece: string): void {
  const write = (): void => {
    while (!response.destroyed && response.write(piece));
    if (!response.destroyed) response.once('drain', write);
  };
  write();
}
