/**
 * `node tools/image.ts FOLDER`: lays out what the image adds to its base, in an empty folder: `root/` becomes `/`, and
 * what is in `state/` goes to `/var/lib/` with the agent as its owner. Takes
 * `dist/` as `npm run build` left it. NODE is where Node lies in the base, for the first line of the program: a base may
 * have no `env`, and no shell.
 *
 *     opt/pillion/dist/        the program, without types and source maps
 *     opt/pillion/pipelines/   the ready-made pipelines, without their cases
 *     usr/local/bin/pillion    a link to the program
 *     etc/pillion/
 */
import { chmodSync, cpSync, globSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';

const root = join(import.meta.dirname, '..');
const PROGRAM = 'opt/pillion/dist/main.js';
const COMMAND = 'usr/local/bin/pillion';

/** Lays out the files of the image below `target`, which is made; throws an Error when something lies there already. */
export function layOutImage(target: string, node: string, dist = join(root, 'dist')): void {
  mkdirSync(target, { recursive: true });
  if (readdirSync(target).length > 0) throw new Error(`Cannot lay out the image in ${target}: it is not empty`);
  mkdirSync(join(target, 'state/pillion'), { recursive: true });
  const top = join(target, 'root');
  copy(dist, join(top, dirname(PROGRAM)), (path) => !path.startsWith('types/') && !path.endsWith('.map'));
  copy(join(root, 'pipelines'), join(top, 'opt/pillion/pipelines'), (path) => !path.includes('/cases/'));
  cpSync(join(root, 'LICENSE'), join(top, 'opt/pillion/LICENSE'));
  const program = join(top, PROGRAM);
  writeFileSync(program, readFileSync(program, 'utf8').replace(/^#!.*/, `#!${node}`));
  chmodSync(program, 0o755);
  for (const folder of [dirname(COMMAND), 'etc/pillion']) mkdirSync(join(top, folder), { recursive: true });
  symlinkSync(relative(dirname(COMMAND), PROGRAM), join(top, COMMAND));
}

/** Copies the files below `from` whose paths are wanted, readable for everybody. */
function copy(from: string, to: string, isWanted: (path: string) => boolean): void {
  const files = globSync('**', { cwd: from, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const entry of files) {
    const path = relative(from, join(entry.parentPath, entry.name));
    if (!isWanted(path)) continue;
    mkdirSync(join(to, dirname(path)), { recursive: true });
    cpSync(join(from, path), join(to, path));
    chmodSync(join(to, path), 0o644);
  }
}

if (process.argv[1] === import.meta.filename) {
  const [target] = process.argv.slice(2);
  if (target === undefined) {
    process.stderr.write(`Usage: node tools/${basename(import.meta.filename)} FOLDER\n`);
    process.exitCode = 2;
  } else {
    layOutImage(target, process.env['NODE'] ?? '/usr/local/bin/node');
  }
}
