import type { Environment } from '@marcbachmann/cel-js';
import { celLibrary } from './library.ts';

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

let environment: Environment | undefined;

/** What conditions are checked against. */
export function celEnvironment(): Environment {
  if (environment !== undefined) return environment;
  const { Environment } = celLibrary();
  environment = new Environment({ homogeneousAggregateLiterals: false, enableOptionalTypes: true });
  for (const [name, type] of Object.entries(VARIABLES)) environment.registerVariable(name, type);
  for (const [name, number] of Object.entries(SEVERITIES)) environment.registerConstant(name, 'int', BigInt(number));
  return environment;
}
