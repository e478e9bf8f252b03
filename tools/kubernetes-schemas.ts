/**
 * `node tools/kubernetes-schemas.ts`: writes `test/fixtures/kubernetes/`, the schemas that manifests are checked against:
 * of the oldest and the newest release of Kubernetes that is supported, and of the PodMonitor of Prometheus' operator.
 * They come out of Go modules (`go mod download`), and are cut down to the kinds that are used, without descriptions.
 */
import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** What is supported: the first release that has native sidecars, and the newest one. */
export const RELEASES = ['v1.29.6', 'v1.37.2'] as const;
const OPERATOR = 'v0.85.0';

const folder = join(import.meta.dirname, '../test/fixtures/kubernetes');

const KINDS = [
  'core.v1.ConfigMap',
  'core.v1.Pod',
  'core.v1.ServiceAccount',
  'apps.v1.DaemonSet',
  'apps.v1.Deployment',
  'batch.v1.CronJob',
  'batch.v1.Job',
  'networking.v1.NetworkPolicy',
  'rbac.v1.ClusterRole',
  'rbac.v1.ClusterRoleBinding',
  'scheduling.v1.PriorityClass',
  'admissionregistration.v1.MutatingAdmissionPolicy',
  'admissionregistration.v1.MutatingAdmissionPolicyBinding',
].map((name) => `io.k8s.api.${name}`);

interface Schema {
  readonly [key: string]: unknown;
}

/** The file of a release, by its path, as it is to be; fetches what is not there yet. */
export function schemaFiles(): Map<string, string> {
  const files = RELEASES.map((release): [string, string] => {
    const { definitions } = JSON.parse(fileOf('k8s.io/kubernetes', release, 'api/openapi-spec/swagger.json')) as {
      definitions: Record<string, Schema>;
    };
    const text = { origin: `k8s.io/kubernetes@${release}, api/openapi-spec/swagger.json`, licence: 'Apache-2.0' };
    return [`${release}.json`, JSON.stringify({ ...text, definitions: used(definitions) })];
  });
  const module = 'github.com/prometheus-operator/prometheus-operator';
  const path = 'example/prometheus-operator-crd/monitoring.coreos.com_podmonitors.yaml';
  const { spec } = parse(fileOf(module, OPERATOR, path)) as {
    spec: { versions: { name: string; schema: { openAPIV3Schema: Schema } }[] };
  };
  const schema = bare(spec.versions.find(({ name }) => name === 'v1')!.schema.openAPIV3Schema);
  const text = { origin: `${module}@${OPERATOR}, ${path}`, licence: 'Apache-2.0', schema };
  return new Map([...files, ['podmonitor.json', JSON.stringify(text)] as const]);
}

/** A file of a module of Go. */
function fileOf(module: string, version: string, path: string): string {
  const printed = execFileSync('go', ['mod', 'download', '-json', `${module}@${version}`], { encoding: 'utf8' });
  const { Dir } = JSON.parse(printed) as { Dir: string };
  return readFileSync(join(Dir, path), 'utf8');
}

/** The definitions of the kinds, and all that they refer to. */
function used(definitions: Readonly<Record<string, Schema>>): Record<string, Schema> {
  const found: Record<string, Schema> = {};
  const waiting = KINDS.filter((name) => name in definitions);
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (name in found) continue;
    found[name] = bare(definitions[name]!);
    waiting.push(...[...JSON.stringify(found[name]).matchAll(/"#\/definitions\/([^"]+)"/g)].map((match) => match[1]!));
  }
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Without what only people read, and most of the extensions. */
function bare(schema: Schema): Schema {
  const kept = [
    'x-kubernetes-group-version-kind',
    'x-kubernetes-int-or-string',
    'x-kubernetes-preserve-unknown-fields',
  ];
  const strip = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(strip);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).filter(
      ([key, child]) =>
        !(key === 'description' && typeof child === 'string') && (!key.startsWith('x-') || kept.includes(key)),
    );
    return Object.fromEntries(entries.map(([key, child]) => [key, strip(child)]));
  };
  return strip(schema) as Schema;
}

if (process.argv[1] === import.meta.filename) {
  mkdirSync(folder, { recursive: true });
  for (const [path, text] of schemaFiles()) writeFileSync(join(folder, path), `${text}\n`);
  process.stdout.write(`${globSync('*.json', { cwd: folder }).join(' ')}\n`);
}
