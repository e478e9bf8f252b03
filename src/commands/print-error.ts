import type { Writable } from 'node:stream';
import { OperatorError } from '../core/errors.ts';
import { EXIT } from './context.ts';

/** Prints what ended a command, and returns the exit code: what an operator can mend without a stack, a bug with it. */
export function printError(error: unknown, stderr: Writable): number {
  if (error instanceof OperatorError) {
    const [message = '', ...details] = error.message.split('\n');
    stderr.write(`${[`pillion: ${message} (${error.code})`, ...details].join('\n')}\n`);
    if (error.hint !== undefined) stderr.write(`  hint: ${error.hint}\n`);
    return EXIT.usage;
  }
  stderr.write(
    `pillion: unexpected error, please report it\n${error instanceof Error ? error.stack : String(error)}\n`,
  );
  return EXIT.failed;
}
