import { OperatorError } from '../core/errors.ts';

/** The value of `--lines`. Throws an OperatorError for what is neither a whole number above 0 nor "all". */
export function parseLines(text: string): number | 'all' {
  if (text === 'all') return text;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new OperatorError({
    code: 'ERR_USAGE',
    message: `Cannot use ${JSON.stringify(text)} for --lines`,
    hint: 'Give a whole number above 0, or "all"',
  });
}
