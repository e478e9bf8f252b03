import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Which of these commands is not installed, as the reason to skip a test; false: all are. */
export function whyMissing(...commands: readonly string[]): string | false {
  const folders = (process.env['PATH'] ?? '').split(':');
  const missing = commands.filter((command) => !folders.some((folder) => existsSync(join(folder, command))));
  return missing.length === 0 ? false : `${missing.join(' and ')} not installed`;
}
