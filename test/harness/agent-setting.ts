import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { decodeCheckpoint } from '../../src/checkpoint/checkpoint-format.ts';
import type { PillionProcess } from './agent-process.ts';
import { temporaryFolder } from './files.ts';
import { LINE_BYTES, NumberedLog } from './numbered-log.ts';
import { OtlpBackend } from './otlp-backend.ts';

/** How many records a request of the agent has at most, and how many requests are under way at once. */
export const MAX_REQUEST_RECORDS = 100;
export const MAX_IN_FLIGHT = 4;

/** A backend, a log, and the configuration of an agent between them. */
export interface Setting {
  /** Where the agent runs. */
  readonly folder: string;
  /** Holds `logs` and `state`; the same folder if nobody said otherwise. */
  readonly volume: string;
  readonly backend: OtlpBackend;
  readonly log: NumberedLog;
  readonly config: object;
}

/** `top` are keys of the configuration, `sink` options of its sink, `disk` is where log and state lie. */
export async function setAgent(t: TestContext, top: object = {}, sink: object = {}, disk?: string): Promise<Setting> {
  const folder = temporaryFolder(t);
  const volume = disk ?? folder;
  const backend = await OtlpBackend.open(t);
  const config = {
    state: join(volume, 'state'),
    sources: { app: { type: 'file', include: [join(volume, 'logs/app.log')], poll_interval: '20ms' } },
    pipelines: { logs: { from: ['app'], stages: ['json'], to: ['backend'] } },
    sinks: { backend: sinkTo(backend, sink) },
    ...top,
  };
  return { folder, volume, backend, log: new NumberedLog(volume), config };
}

/** A sink that delivers to `backend`. */
export function sinkTo(backend: OtlpBackend, options: object = {}): object {
  return {
    type: 'otlp',
    endpoint: backend.endpoint,
    flush_interval: '20ms',
    max_request_records: MAX_REQUEST_RECORDS,
    max_in_flight: MAX_IN_FLIGHT,
    retry: { initial_interval: '20ms', max_interval: '100ms' },
    ...options,
  };
}

/** All that was written has arrived, and nothing else. */
export function assertAllArrived(backend: OtlpBackend, log: NumberedLog): void {
  assert.deepEqual(backend.missing(log.written), []);
  assert.deepEqual({ distinct: backend.distinct, foreign: backend.foreign }, { distinct: log.written, foreign: [] });
}

/** The application goes on, a few lines at a time, until `condition` holds. */
export function writeUntil(
  agent: PillionProcess,
  log: NumberedLog,
  what: string,
  condition: () => boolean,
): Promise<void> {
  return agent.until(what, () => {
    log.write(20);
    return condition();
  });
}

/** How many lines of `app.log` the checkpoint in `volume` counts as delivered to that reader; 0: there is none yet. */
export function committedLines(volume: string, reader = 'app'): number {
  let bytes: Buffer;
  try {
    bytes = readFileSync(join(volume, 'state/checkpoint'));
  } catch {
    return 0;
  }
  const decoded = decodeCheckpoint(bytes);
  assert.ok(decoded.kind === 'valid');
  const section = decoded.sections.get(`source/${reader}`) as {
    readonly streams: readonly { readonly offset: number }[];
  };
  return (section.streams[0]?.offset ?? 0) / LINE_BYTES;
}

/** Makes every write of the checkpoint in `volume` fail, for root too; returns what mends it. */
export function breakCheckpoint(volume: string): string {
  const inTheWay = join(volume, 'state/checkpoint.new');
  mkdirSync(join(inTheWay, 'x'), { recursive: true });
  return inTheWay;
}
