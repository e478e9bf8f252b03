import { isUtf8 } from 'node:buffer';
import { type FileHandle, open } from 'node:fs/promises';
import { ConfigError, type ErrorCode, messageOf } from '../core/errors.ts';
import type { LocatedError } from './located-error.ts';

/** What a configuration may measure; a file of this size is a log, or a mistake. */
export const MAX_CONFIG_BYTES = 2 ** 20;

/** The text of a file, or why it cannot be one. */
export type FileText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly errors: readonly LocatedError[] };

/**
 * Reads the text of a configuration file, or of `what` else it is, without its byte-order mark. Never reads more than
 * `MAX_CONFIG_BYTES`, so that `/dev/zero` and logs are refused, too. A pipe works.
 */
export async function readConfigFile(file: string, what = 'the configuration file'): Promise<FileText> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file);
    return decode(await readStart(handle), file);
  } catch (cause) {
    return { ok: false, errors: [unreadable(file, what, cause)] };
  } finally {
    await handle?.close();
  }
}

/** The error for a configuration that is larger than `MAX_CONFIG_BYTES`. */
export function tooLarge(file: string): LocatedError {
  const hint = 'Check the path: this looks like something else';
  return fileError(file, 'ERR_CONFIG_READ', 'Configuration is larger than 1 MiB', hint);
}

/** At most one byte more than a configuration may have. */
async function readStart(handle: FileHandle): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(MAX_CONFIG_BYTES + 1);
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length, null);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}

function decode(bytes: Buffer, file: string): FileText {
  if (bytes.length > MAX_CONFIG_BYTES) return { ok: false, errors: [tooLarge(file)] };
  if (isUtf8(bytes)) return { ok: true, text: new TextDecoder().decode(bytes) };
  return { ok: false, errors: [notUtf8(bytes, file)] };
}

function notUtf8(bytes: Buffer, file: string): LocatedError {
  const isUtf16 = bytes[0] === 0xff || bytes[0] === 0xfe;
  const hint = isUtf16 ? 'Save it as UTF-8: this is UTF-16' : 'Save it as UTF-8';
  const error = fileError(file, 'ERR_CONFIG_SYNTAX', 'File is not valid UTF-8', hint);
  if (isUtf16) return error;
  // 0x0a is never part of a longer character, so the lines can be looked at one by one.
  let line = 1;
  let start = 0;
  for (let end = bytes.indexOf(10); end !== -1 && isUtf8(bytes.subarray(start, end)); end = bytes.indexOf(10, start)) {
    start = end + 1;
    line++;
  }
  return { ...error, line, column: bytes.toString('utf8', start).indexOf('\ufffd') + 1 };
}

function unreadable(file: string, what: string, cause: unknown): LocatedError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  switch (code) {
    case 'ENOENT':
      return fileError(file, 'ERR_CONFIG_READ', `Cannot find ${what}`, 'Check the path');
    case 'EISDIR':
      return fileError(file, 'ERR_CONFIG_READ', 'Cannot read a folder as a configuration', 'Name a file in it');
    case 'EACCES':
    case 'EPERM':
      return fileError(file, 'ERR_CONFIG_READ', `Cannot read ${what}: permission denied`, 'Check its owner and mode');
    default:
      return fileError(file, 'ERR_CONFIG_READ', `Cannot read ${what}: ${messageOf(cause)}`);
  }
}

function fileError(file: string, code: ErrorCode, message: string, hint?: string): LocatedError {
  return { file, line: 0, column: 0, error: new ConfigError({ code, path: [], message, hint }) };
}
