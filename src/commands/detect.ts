import { realpath } from 'node:fs/promises';
import { type DetectedInput, detectInput } from '../agent/detect-input.ts';
import { type CommandContext, EXIT } from './context.ts';
import { configurationOf, formatDetection, jsonOf } from './format-detection.ts';
import { makeDetector } from './make-detector.ts';
import { styleOf } from './style.ts';
import { readWhole } from './tail-input.ts';

export interface DetectOptions {
  readonly json?: boolean;
}

/** How much of an input is looked at. */
const MAX_BYTES = 256 * 1024;

/** `pillion detect`: says what the lines of a file are, and how to read them; resolves with the exit code. */
export async function detect(
  file: string | undefined,
  { json = false }: DetectOptions,
  context: CommandContext,
): Promise<number> {
  const read = await readWhole(file, process.stdin, 'detect', MAX_BYTES);
  const input = read.length < MAX_BYTES ? read : wholeLines(read);
  const path = file === undefined || file === '-' ? undefined : await realpath(file);
  const { detector, context: stages } = await makeDetector(context);
  const detected = detectInput(input, path ?? 'stdin', detector, stages);
  if (json) context.stdout.write(`${jsonOf(detected, path)}\n`);
  else context.stdout.write(textOf(detected, path, input.length === 0, context));
  return detected.detection.best === undefined ? EXIT.failed : EXIT.ok;
}

function textOf(detected: DetectedInput, path: string | undefined, isEmpty: boolean, context: CommandContext): string {
  return `${formatDetection(detected, styleOf(context.stdout, context), isEmpty)}${configurationOf(detected, path)?.toYaml() ?? ''}`;
}

/** The bytes up to the last line end: what follows is part of a line. */
function wholeLines(bytes: Buffer): Buffer {
  const end = bytes.lastIndexOf('\n');
  return end < 0 ? bytes : bytes.subarray(0, end + 1);
}
