import { globSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The file of a ready-made pipeline in its folder. */
export const GROUP_FILE = 'pipeline.yaml';

/** The ready-made pipelines that come with the agent. */
export const READY_MADE_FOLDER = join(import.meta.dirname, '../../pipelines');

/** The names of the ready-made pipelines of a folder, in their order. */
export function readyMadeNames(folder: string): string[] {
  return globSync(`*/${GROUP_FILE}`, { cwd: folder }).map(dirname).sort();
}
