import { closeSync, constants, linkSync, lstatSync, openSync, readlinkSync, renameSync, unlinkSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { isBelow } from './allowed-roots.ts';
import { O_PATH } from './open-file.ts';
import { fsPath, pathOf } from './raw-path.ts';
import { keyOf } from './sighting.ts';

/** What a file is called while it is looked at whether it is the one that is meant; each time another name. */
const ASIDE = '.pillion-removing';
let attempts = 0;

/**
 * What came of it; `linked`: the name is removed, and the file has another one; `changed`: the name leads to another file,
 * which is left alone.
 */
export type Removal = 'removed' | 'linked' | 'changed' | 'gone';

/**
 * Removes the file with the inode `key` that has this path, if it lies below one of the `roots`, and no other file,
 * whatever its name is made to lead to meanwhile. There is no call that removes an inode, so the name is moved aside,
 * within its folder, which is held by a handle; what was moved is looked at; and only then removed, or given its name
 * back. Throws what the system says when that does not work.
 */
export function removeFile(path: string, key: string, roots: readonly string[]): Removal {
  let folder: number;
  try {
    folder = openSync(fsPath(dirname(path)), O_PATH | constants.O_DIRECTORY);
  } catch {
    return 'gone';
  }
  try {
    const handle = `/proc/self/fd/${folder}`;
    const realFolder = pathOf(readlinkSync(handle, { encoding: 'buffer' }));
    if (!roots.some((root) => isBelow(realFolder, root))) return 'changed';
    const name = fsPath(`${handle}/${basename(path)}`);
    const aside = `${handle}/${ASIDE}-${process.pid}-${attempts++}-${Math.random().toString(36).slice(2)}`;
    const found = lstatSync(name, { bigint: true, throwIfNoEntry: false });
    if (found === undefined) return 'gone';
    if (!found.isFile() || keyOf(found) !== key) return 'changed';
    renameSync(name, aside);
    const moved = lstatSync(aside, { bigint: true });
    if (keyOf(moved) === key) {
      unlinkSync(aside);
      return moved.nlink > 1n ? 'linked' : 'removed';
    }
    // Somebody was faster. A name that was made since is not overwritten: what was moved keeps the other one, and this
    // throws.
    linkSync(aside, name);
    unlinkSync(aside);
    return 'changed';
  } finally {
    closeSync(folder);
  }
}
