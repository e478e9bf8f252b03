import { buildStages } from '../agent/build-stages.ts';
import { loadOwnStage } from '../agent/load-own-stage.ts';
import { catalog } from '../catalog.ts';
import type { StageContext } from '../component/definition.ts';
import { loadReadyMade } from '../config/load-ready-made.ts';
import { SystemClock } from '../core/clock.ts';
import { KeyTable } from '../core/key-table.ts';
import { Detector } from '../detect/detector.ts';
import { createLogger } from '../telemetry/logger.ts';
import { Metrics } from '../telemetry/metrics.ts';
import type { CommandContext } from './context.ts';

/** What a command finds formats with. */
export interface DetectorParts {
  readonly detector: Detector;
  /** For stages beside it. */
  readonly context: StageContext;
}

/** Loads the ready-made pipelines, all or those that are wanted, and makes a detector that knows them. */
export async function makeDetector(
  { env, stderr }: CommandContext,
  isWanted?: (name: string) => boolean,
): Promise<DetectorParts> {
  const { groups } = await loadReadyMade({ catalog, env, loadStage: loadOwnStage }, isWanted);
  const logger = createLogger({ level: 'error', pretty: stderr.isTTY === true, stream: stderr });
  const context = { name: 'detect', clock: new SystemClock(), logger, metrics: new Metrics(), keys: new KeyTable() };
  return { detector: new Detector({ readyMade: groups, catalog, build: buildStages, context }), context };
}
