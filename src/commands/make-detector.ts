import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildStages } from '../agent/build-stages.ts';
import { loadOwnStage } from '../agent/load-own-stage.ts';
import { catalog } from '../catalog.ts';
import type { StageContext } from '../component/definition.ts';
import { loadReadyMade } from '../config/load-ready-made.ts';
import { GROUP_FILE, READY_MADE_FOLDER } from '../config/ready-made.ts';
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

/** A first stage that reads nothing but JSON. */
const ONLY_JSON = /^stages:\s*\n(?:\s*#.*\n)*\s*- json\b[^\n]*\n(?!\s+if:)/m;
const READS_JSON = /^\s*- json\b/m;

/**
 * Whether a ready-made pipeline can be the one for lines like these, by the text of its file: to check them all takes
 * longer than a command may that prints a few lines.
 */
function mayRead(name: string, lines: readonly string[]): boolean {
  const text = readFileSync(join(READY_MADE_FOLDER, name, GROUP_FILE), 'utf8');
  const objects = lines.filter((line) => line.startsWith('{')).length;
  if (objects === 0 && ONLY_JSON.test(text)) return false;
  return objects < lines.length || READS_JSON.test(text);
}

/**
 * Makes a detector that knows the ready-made pipelines: all of them, or those that may be the ones for the lines that
 * `linesFor` gives.
 */
export async function makeDetector(
  { env, stderr }: CommandContext,
  linesFor?: (context: StageContext) => readonly string[],
): Promise<DetectorParts> {
  const logger = createLogger({ level: 'error', pretty: stderr.isTTY === true, stream: stderr });
  const context = { name: 'detect', clock: new SystemClock(), logger, metrics: new Metrics(), keys: new KeyTable() };
  const lines = linesFor?.(context);
  const isWanted = lines && ((name: string) => mayRead(name, lines));
  const { groups } = await loadReadyMade({ catalog, env, loadStage: loadOwnStage }, isWanted);
  return { detector: new Detector({ readyMade: groups, catalog, build: buildStages, context }), context };
}
