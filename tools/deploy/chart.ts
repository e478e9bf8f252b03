import { chartTemplate, partDefinition, partsOf } from './chart-template.ts';
import { chartValues, standardValues, withValues } from './chart-values.ts';
import { documents } from './documents.ts';
import { toYaml } from './kustomize.ts';
import type { Values } from './node.ts';
import { type Changes, settings } from './settings.ts';

const HEAD = 'Written by tools/deploy.ts from the definitions beside it: "npm run deploy" writes it anew.';

/** All files of `deploy/helm/pillion/` that are made, by path. */
export function chartFiles(version: string): Map<string, string> {
  const standard = standardValues(version);
  const files = new Map([
    ['Chart.yaml', chartYaml(version)],
    ['values.yaml', valuesYaml(version)],
    ['values.schema.json', `${JSON.stringify(valuesSchema(version), null, 2)}\n`],
    ['templates/_parts.tpl', partsTemplate(standard)],
  ]);
  for (const { file, condition, node } of documents) {
    const head = `{{- /* ${HEAD} */}}\n{{- if ${condition.template} }}\n`;
    files.set(`templates/${file}`, `${head}${chartTemplate(node, standard)}{{- end }}\n`);
  }
  for (const { name, summary, changes } of settings) {
    files.set(`ci/${name}-values.yaml`, `# Values for ${summary}.\n${toYaml(nested(changes))}`);
  }
  return files;
}

/** Changes by path as a map in maps. */
function nested(changes: Changes): Values {
  return withValues({}, changes);
}

function partsTemplate(standard: Values): string {
  const parts = new Map(documents.flatMap(({ node }) => [...partsOf(node)]));
  const definitions = [...parts.values()].map((part) => partDefinition(part, standard));
  return [`{{- /* ${HEAD} */}}\n`, ...definitions].join('\n');
}

function chartYaml(version: string): string {
  return toYaml({
    apiVersion: 'v2',
    name: 'pillion',
    description:
      'A log agent beside an application, or one a node: tails files, delivers OTLP, and can prove that nothing was lost',
    type: 'application',
    version,
    appVersion: version,
    kubeVersion: '>=1.29.0-0',
  });
}

/** `values.yaml`: each value under its documentation. */
function valuesYaml(version: string): string {
  const lines = [`# ${HEAD}`];
  let open: string[] = [];
  for (const { path, standard, doc, choices } of chartValues(version)) {
    const keys = path.split('.');
    const folders = keys.slice(0, -1);
    const shared = folders.findIndex((key, index) => open[index] !== key);
    const from = shared === -1 ? folders.length : shared;
    lines.push(...folders.slice(from).map((key, index) => `${'  '.repeat(from + index)}${key}:`));
    open = folders;
    const pad = '  '.repeat(folders.length);
    lines.push(`${pad}# ${doc}${choices === undefined ? '' : ` One of: ${choices.join(', ')}.`}`);
    const text = toYaml({ [keys.at(-1) ?? '']: standard }).trimEnd();
    lines.push(...text.split('\n').map((line) => `${pad}${line}`));
  }
  return `${lines.join('\n')}\n`;
}

/** What Helm checks values against: a key that nobody knows is an error. */
function valuesSchema(version: string): object {
  const root: Schema = { $schema: 'http://json-schema.org/draft-07/schema#', ...objectSchema() };
  for (const { path, standard, doc, choices } of chartValues(version)) {
    const keys = path.split('.');
    const last = keys.pop() ?? '';
    let at: Schema = root;
    for (const key of keys) at = at.properties![key] ??= objectSchema();
    at.properties![last] = { description: doc, ...typeOf(standard), ...(choices ? { enum: choices } : {}) };
  }
  // Charts that have this one as a dependency pass these on.
  root.properties!['global'] = { type: 'object' };
  return root;
}

interface Schema {
  readonly [key: string]: unknown;
  readonly properties?: Record<string, Schema>;
}

const objectSchema = (): Schema => ({ type: 'object', additionalProperties: false, properties: {} });

function typeOf(standard: unknown): Schema {
  if (Array.isArray(standard)) return { type: 'array' };
  if (typeof standard === 'number') return { type: 'integer', minimum: 0 };
  return { type: typeof standard };
}
