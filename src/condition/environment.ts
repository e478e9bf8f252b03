import type { Environment } from '@marcbachmann/cel-js';
import { celLibrary } from './library.ts';
import { matchesPattern } from './matches.ts';

/** The names of a condition that stand for something of the record, with what they are. */
export const VARIABLES = {
  attributes: 'map<string, dyn>',
  body: 'dyn',
  resource: 'map<string, dyn>',
  severity: 'int',
  severity_text: 'string',
  span_id: 'string',
  stream: 'string',
  time: 'dyn',
  trace_id: 'string',
} as const;

/** The names that stand for severities, with OTLP's numbers. */
export const SEVERITIES = { TRACE: 1, DEBUG: 5, INFO: 9, WARN: 13, ERROR: 17, FATAL: 21 } as const;

/** The name that `matches()` has where the library evaluates it: one of its own cannot be replaced. */
export const MATCHES = 'matches_pattern';

let environment: Environment | undefined;

/** What conditions are checked against. */
export function celEnvironment(): Environment {
  if (environment !== undefined) return environment;
  const { Environment } = celLibrary();
  environment = new Environment({ homogeneousAggregateLiterals: false, enableOptionalTypes: true });
  for (const [name, type] of Object.entries(VARIABLES)) environment.registerVariable(name, type);
  for (const [name, number] of Object.entries(SEVERITIES)) environment.registerConstant(name, 'int', BigInt(number));
  environment.registerFunction(`string.${MATCHES}(string): bool`, matchesPattern);
  return environment;
}
