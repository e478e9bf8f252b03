import { readFileSync } from 'node:fs';
import { type ParseArgsConfig, parseArgs } from 'node:util';

type Options = NonNullable<ParseArgsConfig['options']>;

/**
 * The options that a program of tests or benchmarks was called with. What it is for, and what its options are, stands at
 * the head of its file: with `--help` that is printed, and for options that there are not the message before it.
 */
export function programOptions<const Known extends Options>(file: string, options: Known) {
  if (process.argv.includes('--help')) {
    process.stdout.write(headOf(file));
    process.exit(0);
  }
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${headOf(file)}`);
    process.exit(2);
  }
}

/** The comment that a file begins with, as text. */
function headOf(file: string): string {
  const [comment = ''] = /(?<=^\/\*\*\n)( \*.*\n)+?(?= \*\/)/m.exec(readFileSync(file, 'utf8')) ?? [];
  return comment.replaceAll(/^ \* ?/gm, '');
}
