import { ConfigError } from '../core/errors.ts';
import { type Environment, variable } from './environment.ts';
import { parsePairs } from './pairs.ts';

/** An option of the otlp sink that the environment gives, and the variable that gives it. */
export interface FoundOption {
  /** Inside the sink: `['tls', 'ca_file']`. */
  readonly path: readonly string[];
  readonly value: string;
  /** The variable, or what else to show as the origin. */
  readonly origin: string;
}

/** What is wrong with a variable. */
export interface VariableError {
  readonly name: string;
  readonly error: ConfigError;
}

/** Where the specification sends what nobody has said where to send. */
const DEFAULT_ENDPOINT = 'http://localhost:4318';

/** Options that are the text of a variable as it is. */
const PLAIN_OPTIONS = [
  ['COMPRESSION', ['compression']],
  ['CERTIFICATE', ['tls', 'ca_file']],
  ['CLIENT_CERTIFICATE', ['tls', 'cert_file']],
  ['CLIENT_KEY', ['tls', 'key_file']],
] as const;

/**
 * Reads the standard variables of an OTLP exporter for logs. `OTEL_EXPORTER_OTLP_LOGS_<X>` wins over
 * `OTEL_EXPORTER_OTLP_<X>`, as a whole; an empty variable counts as not set. Values that the sink checks itself are
 * passed on as they are. An SDK must ignore what it does not understand; an agent that would then send to the wrong
 * place must not start.
 *
 * (OpenTelemetry specification, protocol/exporter.md; configuration/sdk-environment-variables.md.)
 */
export function otlpOptions(env: Environment): { found: FoundOption[]; errors: VariableError[] } {
  const found: FoundOption[] = [endpoint(env)];
  const errors: VariableError[] = [];
  const fail = (name: string, message: string, hint: string): void => {
    errors.push({ name, error: new ConfigError({ code: 'ERR_CONFIG_VALUE', path: [], message, hint }) });
  };

  const protocol = read(env, 'PROTOCOL');
  if (protocol?.text === 'grpc') {
    const hint = 'Set it to "http/protobuf", and the endpoint to the port for HTTP, which is 4318 by default';
    fail(protocol.name, 'Cannot send OTLP over gRPC', hint);
  } else if (protocol !== undefined) {
    found.push({ path: ['protocol'], value: protocol.text, origin: protocol.name });
  }

  for (const [suffix, path] of PLAIN_OPTIONS) {
    const plain = read(env, suffix);
    if (plain !== undefined) found.push({ path, value: plain.text, origin: plain.name });
  }

  const timeout = read(env, 'TIMEOUT');
  if (timeout !== undefined && /^\d+$/.test(timeout.text)) {
    found.push({ path: ['timeout'], value: `${timeout.text}ms`, origin: timeout.name });
  } else if (timeout !== undefined) {
    const message = `Cannot use ${JSON.stringify(timeout.text)} as a timeout: expected a number of milliseconds`;
    fail(timeout.name, message, 'Ten seconds are written as 10000');
  }

  const headers = read(env, 'HEADERS');
  const parsed = parsePairs(headers?.text ?? '');
  if (headers !== undefined && parsed.ok) {
    for (const [key, value] of parsed.pairs) found.push({ path: ['headers', key], value, origin: headers.name });
  } else if (headers !== undefined && !parsed.ok) {
    fail(headers.name, parsed.message, parsed.hint);
  }
  return { found, errors };
}

/** The endpoint for logs is used as it is; to the one for all signals the sink adds `/v1/logs`. */
function endpoint(env: Environment): FoundOption {
  const logs = variable(env, 'OTEL_EXPORTER_OTLP_LOGS_ENDPOINT');
  if (logs) return { path: ['logs_endpoint'], value: logs, origin: 'OTEL_EXPORTER_OTLP_LOGS_ENDPOINT' };
  const all = variable(env, 'OTEL_EXPORTER_OTLP_ENDPOINT');
  if (all) return { path: ['endpoint'], value: all, origin: 'OTEL_EXPORTER_OTLP_ENDPOINT' };
  return { path: ['endpoint'], value: DEFAULT_ENDPOINT, origin: 'OTEL_EXPORTER_OTLP_ENDPOINT is not set' };
}

/** The variable for logs, or the one for all signals. */
function read(env: Environment, suffix: string): { name: string; text: string } | undefined {
  for (const name of [`OTEL_EXPORTER_OTLP_LOGS_${suffix}`, `OTEL_EXPORTER_OTLP_${suffix}`]) {
    const text = variable(env, name)?.trim();
    if (text) return { name, text };
  }
  return undefined;
}
