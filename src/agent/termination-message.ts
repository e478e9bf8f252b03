import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { messageOf } from '../core/errors.ts';

/** What Kubernetes shows of a termination message, in bytes. */
export const MAX_TERMINATION_MESSAGE_BYTES = 4096;

/** The file that Kubernetes mounts into a container for it (`terminationMessagePath`). */
const DEFAULT_PATH = '/dev/termination-log';

const { O_WRONLY, O_TRUNC, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;

/**
 * Writes the last words of the agent where Kubernetes looks for them. Without a `path` only where that file exists; a
 * `path` that was asked for is made, and what goes wrong with it is said. Never rejects: the work is done.
 */
export async function writeTerminationMessage(
  path: string | undefined,
  text: string,
  log: { warn(fields: object, message: string): void },
): Promise<void> {
  const flags = O_WRONLY | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | (path === undefined ? 0 : O_CREAT);
  let file: FileHandle | undefined;
  try {
    file = await open(path ?? DEFAULT_PATH, flags, 0o644);
    await file.writeFile(text);
  } catch (error) {
    if (path !== undefined) log.warn({ path, error: messageOf(error) }, 'The termination message cannot be written.');
  } finally {
    await file?.close().catch(() => undefined);
  }
}
