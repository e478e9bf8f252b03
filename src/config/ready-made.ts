import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The file of a ready-made pipeline in its folder. */
export const GROUP_FILE = 'pipeline.yaml';

/** The ready-made pipelines that come with the agent. */
export const READY_MADE_FOLDER = join(import.meta.dirname, '../../pipelines');

/** The names of the ready-made pipelines of a folder, in their order. */
export function readyMadeNames(folder: string): string[] {
  if (!existsSync(folder)) return [];
  // Not by a glob: loading what matches globs takes longer than all of the rest.
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, GROUP_FILE)))
    .sort();
}
