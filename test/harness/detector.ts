import { buildStages } from '../../src/agent/build-stages.ts';
import { type DetectedInput, detectInput } from '../../src/agent/detect-input.ts';
import { loadOwnStage } from '../../src/agent/load-own-stage.ts';
import { catalog } from '../../src/catalog.ts';
import type { StageContext } from '../../src/component/definition.ts';
import { loadReadyMade } from '../../src/config/load-ready-made.ts';
import { READY_MADE_FOLDER, readyMadeNames } from '../../src/config/ready-made.ts';
import { FakeClock } from '../../src/core/fake-clock.ts';
import { KeyTable } from '../../src/core/key-table.ts';
import { Detector } from '../../src/detect/detector.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';

/** A detector that knows the ready-made pipelines of a folder, with what it needs beside it. */
export async function detectorOf(
  pipelinesFolder: string | undefined,
  now = Date.UTC(2026, 0, 15, 12),
): Promise<{ readonly detector: Detector; readonly context: StageContext }> {
  const logger = createLogger({ level: 'error', pretty: false, stream: process.stderr });
  const clock = new FakeClock(now);
  const context = { name: 'detect', clock, logger, metrics: new Metrics(), keys: new KeyTable() };
  const names = pipelinesFolder === undefined ? [] : readyMadeNames(pipelinesFolder);
  const check = { catalog, env: {}, loadStage: loadOwnStage };
  const { groups } = await loadReadyMade(names, pipelinesFolder === undefined ? check : { ...check, pipelinesFolder });
  return { detector: new Detector({ readyMade: groups, catalog, build: buildStages, context }), context };
}

const own = await detectorOf(READY_MADE_FOLDER);

/** What lines, or bytes, are found to be by all that comes with the agent. */
export function detectedOf(input: readonly string[] | Uint8Array, name = 'app.log'): DetectedInput {
  const bytes = input instanceof Uint8Array ? input : Buffer.from(`${input.join('\n')}\n`);
  return detectInput(bytes, name, own.detector, own.context);
}

/** The stages that were found, in a line each. */
export function stagesOf({ detection }: DetectedInput): string[] {
  return (detection.best?.written ?? []).map((stage) => JSON.stringify(stage));
}
