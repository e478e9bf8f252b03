import { buildStages } from '../agent/build-stages.ts';
import { loadOwnStage } from '../agent/load-own-stage.ts';
import { catalog } from '../catalog.ts';
import type { StageContext } from '../component/definition.ts';
import { loadReadyMade } from '../config/load-ready-made.ts';
import { READY_MADE_FOLDER, readyMadeNames } from '../config/ready-made.ts';
import { Detector } from '../detect/detector.ts';
import type { CommandContext } from './context.ts';
import { stageContext } from './stage-context.ts';

/** What a command finds formats with. */
export interface DetectorParts {
  readonly detector: Detector;
  /** For stages beside it. */
  readonly context: StageContext;
}

/** Makes a detector that knows the ready-made pipelines: all of them, or those that `choose` chooses by their names. */
export async function makeDetector(
  command: CommandContext,
  choose: (names: readonly string[], context: StageContext) => readonly string[] = (names) => names,
): Promise<DetectorParts> {
  const context = stageContext('detect', command);
  const names = choose(readyMadeNames(READY_MADE_FOLDER), context);
  const { groups } = await loadReadyMade(names, { catalog, env: command.env, loadStage: loadOwnStage });
  return { detector: new Detector({ readyMade: groups, catalog, build: buildStages, context }), context };
}
