import { buildStages } from '../../src/agent/build-stages.ts';
import { type DetectedInput, detectInput } from '../../src/agent/detect-input.ts';
import { loadOwnStage } from '../../src/agent/load-own-stage.ts';
import { catalog } from '../../src/catalog.ts';
import type { StageContext } from '../../src/component/definition.ts';
import { loadReadyMade } from '../../src/config/load-ready-made.ts';
import { READY_MADE_FOLDER, readyMadeNames } from '../../src/config/ready-made.ts';
import { FakeClock } from '../../src/core/fake-clock.ts';
import { unwatchedInstruments } from '../../src/core/instruments.ts';
import { KeyTable } from '../../src/core/key-table.ts';
import { Detector } from '../../src/detect/detector.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';

/** A detector, with what it needs beside it. */
export interface DetectorParts {
  readonly detector: Detector;
  readonly context: StageContext;
}

/** A detector that knows ready-made pipelines: those of the agent, or of another folder; all, or those that are named. */
export async function detectorOf(
  pipelinesFolder = READY_MADE_FOLDER,
  names = readyMadeNames(pipelinesFolder),
): Promise<DetectorParts> {
  const logger = createLogger({ level: 'error', pretty: false, stream: process.stderr });
  const clock = new FakeClock(Date.UTC(2026, 0, 15, 12));
  const parts = { metrics: new Metrics(), keys: new KeyTable(), instruments: unwatchedInstruments };
  const context = { name: 'detect', clock, logger, ...parts };
  const { groups } = await loadReadyMade(names, { catalog, env: {}, loadStage: loadOwnStage, pipelinesFolder });
  return { detector: new Detector({ readyMade: groups, catalog, build: buildStages, context }), context };
}

/** What lines, or bytes, are found to be. */
export function detectedOf(
  { detector, context }: DetectorParts,
  input: readonly string[] | Uint8Array,
  name = '/var/log/app.log',
): DetectedInput {
  const bytes = input instanceof Uint8Array ? input : Buffer.from(`${input.join('\n')}\n`);
  return detectInput(bytes, name, detector, context);
}

/** The stages that were found, in a line each. */
export function stagesOf({ detection }: DetectedInput): string[] {
  return (detection.best?.written ?? []).map((stage) => JSON.stringify(stage));
}
