import { readFileSync } from 'node:fs';

/** Filled in by `tools/build.ts`; does not exist when the sources are run. */
declare const PILLION_VERSION: string | undefined;

/** The version of this program, as in `package.json`. */
export const VERSION: string = typeof PILLION_VERSION === 'undefined' ? readVersion() : PILLION_VERSION;

function readVersion(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
