import { constants } from 'node:fs';
import { chmod, open } from 'node:fs/promises';

/** Linux: a handle on what a path leads to, without opening it; a socket cannot be opened. */
const O_PATH = 0o10000000;
const EVERYBODY_WRITES = 0o666;

/**
 * Lets everybody write to the socket at a path. Who shares its folder may have put a link in its place since it was made,
 * and would have the agent open up a file of its own: so it is done to what was looked at, by its handle. Where there are
 * no such handles (macOS) it is done by name.
 */
export async function openToEverybody(path: string): Promise<void> {
  if (process.platform !== 'linux') return chmod(path, EVERYBODY_WRITES);
  const handle = await open(path, O_PATH | constants.O_NOFOLLOW);
  try {
    const stats = await handle.stat();
    if (!stats.isSocket()) throw new Error('Something else was put at that path');
    await chmod(`/proc/self/fd/${handle.fd}`, EVERYBODY_WRITES);
  } finally {
    await handle.close();
  }
}
