import { existsSync } from 'node:fs';

/** Where a configuration is looked for when none is named. */
export const DEFAULT_FILES = ['pillion.yaml', '/etc/pillion/pillion.yaml'];

/** The first of them that exists. */
export function defaultFile(): string | undefined {
  return DEFAULT_FILES.find((file) => existsSync(file));
}
