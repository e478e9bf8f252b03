import { ConfigError } from '../core/errors.ts';
import { type AttributeValue, Resource } from '../core/resource.ts';
import type { Check } from './check-context.ts';
import { type Environment, variable } from './environment.ts';
import { parsePairs } from './pairs.ts';

/** What OpenTelemetry calls a service that says nothing of itself. */
const UNKNOWN_SERVICE = 'unknown_service';

/**
 * The resource of the agent's records. What is written in the configuration wins over OTEL_SERVICE_NAME, and that over
 * OTEL_RESOURCE_ATTRIBUTES: user-provided attributes have the higher priority, and a variable that cannot be read is
 * discarded as a whole and said (OpenTelemetry specification, resource/sdk.md and
 * configuration/sdk-environment-variables.md).
 */
export function resolveResource(written: Readonly<Record<string, AttributeValue>>, check: Check): Resource {
  const { env, report, document } = check;
  const found = environmentResource(env);
  if (found.error !== undefined)
    report.warnings.push({ file: 'OTEL_RESOURCE_ATTRIBUTES', line: 0, column: 0, error: found.error });
  for (const [name, value] of Object.entries(written)) {
    const path = ['resource', name];
    const source = document.numberText(path);
    if (source === undefined) continue;
    const message = `${source} is read as the number ${value}`;
    const hint = `Put it in quotes where the text is meant: "${source}"`;
    report.warn(new ConfigError({ code: 'ERR_CONFIG_VALUE', path, message, hint }), 'value');
  }
  return new Resource([['service.name', UNKNOWN_SERVICE], ...found.attributes, ...Object.entries(written)]);
}

/** What the environment says of the resource; `error`: OTEL_RESOURCE_ATTRIBUTES cannot be read, and is left out. */
export function environmentResource(env: Environment): {
  readonly attributes: ReadonlyMap<string, string>;
  readonly error: ConfigError | undefined;
} {
  const parsed = parsePairs(variable(env, 'OTEL_RESOURCE_ATTRIBUTES') ?? '');
  const attributes = new Map(parsed.ok ? parsed.pairs : []);
  // An empty variable counts as not set, by the specification.
  const serviceName = variable(env, 'OTEL_SERVICE_NAME');
  if (serviceName) attributes.set('service.name', serviceName);
  if (parsed.ok) return { attributes, error: undefined };
  const { message, hint } = parsed;
  const left = `${message}; the variable is left out`;
  return { attributes, error: new ConfigError({ code: 'ERR_CONFIG_VALUE', path: ['resource'], message: left, hint }) };
}
