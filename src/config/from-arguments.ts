import { podFromEnvironment } from '../kubernetes/downward-api.ts';
import type { Environment } from './environment.ts';
import { otlpOptions } from './otlp-environment.ts';
import { PlainDocument } from './plain-document.ts';
import { environmentResource } from './resource.ts';

/** What the command line says when there is no configuration file. Texts are unchecked. */
export interface RunArguments {
  /** Globs of the files to follow. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** `beginning` or `end`; undefined: as the file source has it. */
  readonly startAt: string | undefined;
  /** The folder for checkpoints. */
  readonly state: string | undefined;
  readonly env: Environment;
}

/**
 * The configuration that command line and standard OpenTelemetry variables stand for: a file source, one pipeline that
 * finds out what the files are, an otlp sink. `checkConfig()` checks it just as one out of a file; errors name the argument or variable.
 */
export function configFromArguments(options: RunArguments): PlainDocument {
  const { include, exclude, startAt, state, env } = options;
  const document = new PlainDocument();

  if (state !== undefined) document.set(['state'], state, '--state');
  const serviceName = 'service.name';
  if (podFromEnvironment(env) === undefined)
    document.set(['resource', serviceName], 'unknown_service', 'OTEL_SERVICE_NAME is not set');
  for (const [name, value] of environmentResource(env).attributes) {
    const isService = name === serviceName && env['OTEL_SERVICE_NAME'];
    document.set(['resource', name], value, isService ? 'OTEL_SERVICE_NAME' : 'OTEL_RESOURCE_ATTRIBUTES');
  }
  document.set(['sources', 'files', 'type'], 'file');
  document.set(['sources', 'files', 'include'], [...include], '--include');
  if (exclude.length > 0) document.set(['sources', 'files', 'exclude'], [...exclude], '--exclude');
  if (startAt !== undefined) document.set(['sources', 'files', 'start_at'], startAt, '--start-at');
  document.set(['pipelines', 'logs'], { from: ['files'], stages: [{ use: 'auto' }], to: ['backend'] });
  document.set(['sinks', 'backend', 'type'], 'otlp');
  const { found, errors } = otlpOptions(env);
  for (const { path, value, origin } of found) document.set(['sinks', 'backend', ...path], value, origin);

  for (const { name, error } of errors) document.fail(name, error);
  return document;
}
