import { createReadStream } from 'node:fs';
import { open, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { closest } from '../component/closest.ts';
import { OperatorError } from '../core/errors.ts';
import { byteOrderMark, unmarkedUtf8 } from '../framing/byte-order-mark.ts';

/** How much of an input is looked at to tell what it is. */
const HEAD_BYTES = 64 * 1024;

/** A NUL this near to the start makes a file binary; further behind it is space that a logger has taken in advance. */
const BINARY_BYTES = 512;

/** What `pillion tail` reads. */
export interface TailInput {
  /** Globs that match the files; none: standard input. */
  readonly include: readonly string[];
  /** The files that are there already, by their real paths. */
  readonly files: readonly string[];
  /** The start of the first file, or of standard input, as far as it is there: UTF-8, without a byte order mark. */
  readonly head: Buffer;
}

/**
 * Finds out what the arguments of `pillion tail` stand for. Throws an OperatorError that says what to do for what cannot
 * be tailed: nothing at all, a folder, a file that is not there, a binary one. `command` is the one that is meant.
 */
export async function findTailInput(
  files: readonly string[],
  stdin: Readable & { isTTY?: boolean },
  command = 'tail',
): Promise<TailInput> {
  if (files.length === 0 || (files.length === 1 && files[0] === '-')) {
    if (stdin.isTTY === true) {
      throw new OperatorError({
        code: 'ERR_USAGE',
        message: `Nothing to ${command}: no file is named and standard input is a terminal`,
        hint: `Name a file, or pipe lines in: kubectl logs my-pod | pillion ${command}`,
      });
    }
    return { include: [], files: [], head: await peek(stdin) };
  }
  const include: string[] = [];
  const found: string[] = [];
  let head: Buffer | undefined;
  for (const name of files) {
    if (!(await isFile(name, command))) {
      include.push(name);
      continue;
    }
    // The agent follows no links; who names one on the command line means what it points to.
    const file = await realpath(name);
    const start = await readHead(file);
    refuseBinary(name, start, command);
    include.push(escapeGlob(file));
    found.push(file);
    head ??= unmarkedUtf8(start);
  }
  return { include, files: found, head: head ?? Buffer.alloc(0) };
}

/** Whether `file` names one; false: it is a glob, whose files may still come. */
async function isFile(file: string, command: string): Promise<boolean> {
  const stats = await stat(file).catch(() => undefined);
  if (stats?.isDirectory()) {
    throw new OperatorError({
      code: 'ERR_USAGE',
      message: `Cannot read ${JSON.stringify(file)}: it is a folder`,
      hint:
        command === 'tail' ? `Name its files: pillion tail '${file.replace(/\/+$/, '')}/*.log'` : 'Name a file in it',
    });
  }
  if (stats !== undefined && !stats.isFile()) {
    throw new OperatorError({
      code: 'ERR_USAGE',
      message: `Cannot read ${JSON.stringify(file)}: it is not a regular file`,
      hint: `Pipe it in: pillion ${command} < ${JSON.stringify(file)}`,
    });
  }
  if (stats !== undefined) return true;
  if (/[*?[{(]/.test(file)) return false;
  const folder = dirname(file);
  const names = await readdir(folder).catch(() => undefined);
  throw new OperatorError({
    code: 'ERR_INPUT_MISSING',
    message: `Cannot find file ${JSON.stringify(file)}`,
    hint: names === undefined ? `There is no folder ${JSON.stringify(folder)}` : hintAmong(names, basename(file)),
  });
}

/** What may be meant by a file that is not there, in a folder with these names. */
function hintAmong(names: readonly string[], file: string): string {
  if (names.includes(file)) return 'It is a link, and what it leads to is not there';
  const near = closest(file, names);
  return near === undefined ? 'Check the path' : `Did you mean ${JSON.stringify(near)}?`;
}

async function readHead(file: string): Promise<Buffer> {
  try {
    await using handle = await open(file);
    const head = Buffer.alloc(HEAD_BYTES);
    const { bytesRead } = await handle.read(head, 0, HEAD_BYTES, 0);
    return head.subarray(0, bytesRead);
  } catch (cause) {
    const message = `Cannot read file ${JSON.stringify(file)}`;
    throw new OperatorError({ code: 'ERR_USAGE', message, hint: 'Check its owner and mode', cause });
  }
}

/** Magic numbers of compressed files, and the programs that make text of them. */
const COMPRESSED: readonly (readonly [magic: string, program: string])[] = [
  ['1f8b', 'zcat'],
  ['28b52ffd', 'zstdcat'],
  ['425a68', 'bzcat'],
  ['fd377a585a', 'xzcat'],
];

function refuseBinary(file: string, head: Buffer, command: string): void {
  const program = COMPRESSED.find(([magic]) => head.toString('hex', 0, magic.length / 2) === magic)?.[1];
  const isText = byteOrderMark(head, 0, head.length) !== undefined || !head.subarray(0, BINARY_BYTES).includes(0);
  if (program === undefined && isText) return;
  throw new OperatorError({
    code: 'ERR_USAGE',
    message: `Cannot read ${JSON.stringify(file)}: it is ${program === undefined ? 'a binary file' : 'compressed'}`,
    hint: `Make text of it first: ${program ?? 'strings'} ${JSON.stringify(file)} | pillion ${command}`,
  });
}

/**
 * The whole of a file, or of standard input, up to `maxBytes` of it, as UTF-8 without a byte order mark. Throws an
 * OperatorError for what cannot be read, as `findTailInput()` does.
 */
export async function readWhole(
  file: string | undefined,
  stdin: Readable & { isTTY?: boolean },
  command: string,
  maxBytes = MAX_WHOLE_BYTES,
): Promise<Buffer> {
  const { files } = await findTailInput(file === undefined ? [] : [file], stdin, command);
  if (file !== undefined && file !== '-' && files.length === 0) {
    throw new OperatorError({
      code: 'ERR_INPUT_MISSING',
      message: `Cannot find file ${JSON.stringify(file)}`,
      hint: 'Name one file; what stands for several is for `pillion tail`',
    });
  }
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of file === undefined || file === '-' ? stdin : createReadStream(file)) {
    chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    if (length >= maxBytes) break;
  }
  return unmarkedUtf8(Buffer.concat(chunks).subarray(0, maxBytes));
}

const MAX_WHOLE_BYTES = 16 << 20;

/** The first chunk of a stream, without a byte order mark, which stays in it; empty at its end. */
async function peek(stream: Readable): Promise<Buffer> {
  const isReadable = await new Promise<boolean>((resolve) => {
    stream.once('readable', () => resolve(true));
    stream.once('end', () => resolve(false));
  });
  const chunk = isReadable ? (stream.read() as Buffer | null) : null;
  if (chunk === null) return Buffer.alloc(0);
  const isUtf8 = byteOrderMark(chunk, 0, chunk.length)?.encoding === 'utf-8';
  const text = isUtf8 ? unmarkedUtf8(chunk) : chunk;
  stream.unshift(text);
  return text;
}

/** A glob that matches exactly this path. */
export function escapeGlob(path: string): string {
  return path.replace(/[\\*?[\]{}()!+@|]/g, '\\$&');
}
