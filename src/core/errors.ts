/**
 * Every error code of the agent, with what it means and what to do about it. Users match on codes, never on messages;
 * `docs/reference/errors.md` is generated from this table.
 */
export const ERROR_CODES = {
  ERR_CONFIG_READ: 'The configuration file cannot be read. Check the path and the permissions.',
  ERR_CONFIG_SYNTAX: 'The configuration is not valid YAML. The message names the line and column.',
  ERR_CONFIG_EMPTY: 'The configuration file holds nothing. It needs at least one source, one pipeline and one sink.',
  ERR_CONFIG_KEY: 'A key is not known at this place. The hint names the nearest known key.',
  ERR_CONFIG_MISSING: 'A required key is missing.',
  ERR_CONFIG_TYPE: 'A value has another type than the key takes.',
  ERR_CONFIG_VALUE: 'A value has the right type, but is out of range or not one of the choices.',
  ERR_CONFIG_REFERENCE: 'A name refers to a source, stage or sink that is not defined.',
  ERR_CONFIG_GLOB: 'A glob pattern cannot match anything, or is not a pattern.',
  ERR_CONFIG_PATTERN: 'A pattern cannot be compiled.',
  ERR_CONFIG_ENV: 'A value refers to an environment variable that is not set and has no default.',
  ERR_CONFIG_STAGE: "A user's own stage cannot be loaded, or does not export a stage made by defineStage().",
  ERR_CONFIG_TLS: 'A certificate, key or certificate authority cannot be read.',
  ERR_RELOAD_RESTART:
    'A running agent cannot take over what changed in its configuration: it goes on with the old one until it is restarted.',
  ERR_USAGE: 'The command line is not understood. `pillion --help` lists commands and options.',
  ERR_STATE_LOCKED: 'Another agent uses this state folder. One state folder belongs to one agent.',
  ERR_STATE_WRITE: 'The state folder cannot be written.',
  ERR_ADMIN_LISTEN: 'The admin address cannot be had. Most often another process listens there.',
  ERR_ADMIN_CONNECT:
    'No agent answers at the admin address. The agent may not run, or its configuration has no `admin`.',
  ERR_HEALTH_LISTEN: 'The address for probes cannot be had. Most often another process listens there.',
  ERR_METRICS_LISTEN:
    'The address for metrics of a sink cannot be had. Most often another process listens there. The sink tries again.',
  ERR_STATSD_LISTEN:
    'The address or the socket of a source `statsd` cannot be had. Most often another process listens there. The source tries again.',
  ERR_NOT_READY:
    'The agent answers, and says that it is not ready: it has not looked at all its folders yet, or an application is down that a source `health` looks at.',
  ERR_INPUT_MISSING: 'An input that was named on the command line does not exist.',
} as const;

/** One of the codes. They are stable. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** An error that an operator can act on. It is printed as a message and a hint, without a stack. */
export class OperatorError extends Error {
  override readonly name: string = 'OperatorError';
  readonly code: ErrorCode;
  /** What to do about it, as a sentence without a period. */
  readonly hint: string | undefined;

  constructor(error: {
    code: ErrorCode;
    message: string;
    hint?: string | undefined;
    cause?: unknown;
  }) {
    super(error.message, error.cause === undefined ? undefined : { cause: error.cause });
    this.code = error.code;
    this.hint = error.hint;
  }
}

/** A path into the configuration: `['sources', 'app', 'include', 0]`. */
export type ConfigPath = readonly (string | number)[];

/** One thing that is wrong in a configuration. They are collected and reported together; the exit code is 2. */
export class ConfigError extends OperatorError {
  override readonly name = 'ConfigError';
  readonly path: ConfigPath;

  constructor(error: {
    code: ErrorCode;
    path: ConfigPath;
    message: string;
    hint?: string | undefined;
    cause?: unknown;
  }) {
    super(error);
    this.path = error.path;
  }
}

/** The text of anything that was thrown: its message, and the messages of its causes. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.message || error.name;
  return error.cause === undefined ? own : `${own}: ${messageOf(error.cause)}`;
}
