import { OperatorError } from '../core/errors.ts';

/** The error for options that do not go together: `rule` says which of them do. */
export function misused(rule: string, hint: string): OperatorError {
  return new OperatorError({ code: 'ERR_USAGE', message: `Cannot combine these options: ${rule}`, hint });
}
