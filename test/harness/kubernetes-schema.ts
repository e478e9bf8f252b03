import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';

const folder = join(import.meta.dirname, '../fixtures/kubernetes');

interface Schema {
  readonly [key: string]: unknown;
}

interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** An object of Kubernetes. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [key: string]: unknown;
}

/** Checks objects as one release of Kubernetes does with strict field validation: what it does not know is wrong. */
export class KubernetesSchema {
  readonly #validators = new Map<string, ValidateFunction>();

  /** `release` names a file of the fixtures, as `v1.29.6`. */
  constructor(release: string) {
    const { definitions } = read(`${release}.json`) as { definitions: Record<string, Schema> };
    const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
    ajv.addSchema({ $id: release, definitions: strict(definitions) as Schema });
    for (const [name, schema] of Object.entries(definitions)) {
      const kinds = (schema['x-kubernetes-group-version-kind'] ?? []) as GroupVersionKind[];
      for (const { group, version, kind } of kinds) {
        const validate = ajv.getSchema(`${release}#/definitions/${name}`);
        if (validate !== undefined)
          this.#validators.set(`${group === '' ? '' : `${group}/`}${version} ${kind}`, validate);
      }
    }
    const { schema } = read('podmonitor.json') as { schema: Schema };
    this.#validators.set('monitoring.coreos.com/v1 PodMonitor', ajv.compile(strict(schema) as Schema));
  }

  knows({ apiVersion, kind }: KubernetesObject): boolean {
    return this.#validators.has(`${apiVersion} ${kind}`);
  }

  /** What is wrong with an object, a line each. */
  problems(object: KubernetesObject): string[] {
    const validate = this.#validators.get(`${object.apiVersion} ${object.kind}`);
    const name = `${object.kind} ${object.metadata?.name}`;
    if (validate === undefined) return [`${name}: no such kind in ${object.apiVersion}`];
    if (validate(object)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${name}: ${instancePath} ${message} ${JSON.stringify(params)}`,
    );
  }
}

function read(file: string): unknown {
  return JSON.parse(readFileSync(join(folder, file), 'utf8'));
}

/** The schema with unknown fields refused, and numbers taken where a text may be one. */
function strict(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strict);
  if (typeof value !== 'object' || value === null) return value;
  const schema = Object.fromEntries(Object.entries(value).map(([key, child]) => [key, strict(child)]));
  if (schema['x-kubernetes-int-or-string'] === true || schema['format'] === 'int-or-string') {
    return { type: ['integer', 'string'] };
  }
  const isClosed =
    schema['type'] === 'object' && schema['properties'] !== undefined && schema['additionalProperties'] === undefined;
  if (isClosed && schema['x-kubernetes-preserve-unknown-fields'] !== true) schema['additionalProperties'] = false;
  // The generators of the API leave the type out where there are properties.
  return schema;
}
