import { ConfigError, messageOf } from '../core/errors.ts';
import { type AttributeValue, Resource, type ResourceValue } from '../core/resource.ts';
import { type PodInfo, podFromEnvironment, readPodInfo } from '../kubernetes/downward-api.ts';
import { type ChosenKeys, type PodFacts, podAttributes } from '../kubernetes/pod-attributes.ts';
import type { Check } from './check-context.ts';
import { type Environment, variable } from './environment.ts';
import { parsePairs } from './pairs.ts';

/** What OpenTelemetry calls a service that says nothing of itself. */
const UNKNOWN_SERVICE = 'unknown_service';

/** What the resource of the agent's records is made of, the weakest first. */
export interface ResourceLayers {
  /** What the downward API says in variables; undefined: nothing. */
  readonly pod: PodFacts | undefined;
  /** Where its volume lies, and what of it becomes attributes as it is. */
  readonly podInfo: ChosenKeys & { readonly path: string };
  /** OTEL_RESOURCE_ATTRIBUTES, and OTEL_SERVICE_NAME over it. */
  readonly environment: ReadonlyMap<string, string>;
  /** `resource` of the configuration. */
  readonly written: Readonly<Record<string, AttributeValue>>;
}

/**
 * The layers of the resource. What is written in the configuration wins over OTEL_SERVICE_NAME, that over
 * OTEL_RESOURCE_ATTRIBUTES, and that over what the downward API says of the pod: user-provided attributes have the
 * higher priority, and a variable that cannot be read is discarded as a whole and said (OpenTelemetry specification,
 * resource/sdk.md and configuration/sdk-environment-variables.md).
 */
export function resourceLayers(
  written: ResourceLayers['written'],
  podInfo: ResourceLayers['podInfo'],
  check: Check,
): ResourceLayers {
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
  return { pod: podFromEnvironment(env), podInfo, environment: found.attributes, written };
}

/** What the volume of the downward API holds now; a warning, and nothing, where it cannot be read. */
export function checkPodInfo({ podInfo }: ResourceLayers, { report }: Check): PodInfo {
  try {
    return readPodInfo(podInfo.path);
  } catch (error) {
    const message = `Cannot read what the downward API says of the pod: ${messageOf(error)}`;
    const hint = 'The agent needs to read the files "labels" and "annotations" in this folder';
    const wrong = new ConfigError({ code: 'ERR_CONFIG_VALUE', path: ['pod_info'], message, hint });
    report.warnings.push({ file: podInfo.path, line: 0, column: 0, error: wrong });
    return { labels: undefined, annotations: undefined };
  }
}

/** The resource that the layers make. */
export function composeResource({ pod, podInfo, environment, written }: ResourceLayers, info: PodInfo): Resource {
  const ofPod: ReadonlyMap<string, ResourceValue> =
    pod === undefined ? new Map() : podAttributes({ ...pod, ...info }, podInfo);
  return new Resource([['service.name', UNKNOWN_SERVICE], ...ofPod, ...environment, ...Object.entries(written)]);
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
