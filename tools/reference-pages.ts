import * as v from 'valibot';
import type { MetricDoc } from '../src/component/definition.ts';
import type { Described } from '../src/component/options.ts';
import { type AnySchema, withoutOptional } from '../src/component/schema-walk.ts';

/** What a page says of a component; any definition of `src/` is one. */
export interface ComponentDoc {
  readonly type: string;
  readonly summary: string;
  readonly options: v.GenericSchema;
  readonly example?: { readonly config: string; readonly input: string; readonly output: string };
  /** The metrics that it gives, where it gives always the same. */
  readonly metrics?: readonly MetricDoc[];
}

/** The first lines of every generated page. */
function heading(title: string, source: string): string {
  return `<!-- Made from ${source} by "npm run docs": change it there. -->\n\n# ${title}\n`;
}

/** The page of all error codes. */
export function errorsPage(codes: Readonly<Record<string, string>>): string {
  const rows = Object.entries(codes).map(([code, meaning]) => [`\`${code}\``, meaning]);
  return [
    heading('Error codes', 'src/core/errors.ts'),
    'Codes are stable: match on them, never on messages.\n',
    table(['Code', 'Meaning'], rows),
  ].join('\n');
}

/** The page of the agent's metrics about itself. */
export function metricsPage(metrics: Readonly<Record<string, string>>): string {
  const rows = Object.entries(metrics).map(([name, meaning]) => [
    `\`${name}\``,
    name.endsWith('_total') ? 'counter' : 'gauge',
    meaning,
  ]);
  return [
    heading('Metrics of the agent', 'src/telemetry/metric-names.ts'),
    table(['Metric', 'Kind', 'Meaning'], rows),
  ].join('\n');
}

/** What a page says of a ready-made pipeline. */
export interface PipelineDoc {
  readonly name: string;
  readonly summary: string;
  /** How lines are put together; undefined: they are not. */
  readonly multiline: unknown;
  /** Its stages, as its file has them. */
  readonly stages: string;
  /** A line, and the record that it becomes. */
  readonly example: { readonly input: string; readonly output: string } | undefined;
}

/** The page of all ready-made pipelines. */
export function pipelinesPage(pipelines: readonly PipelineDoc[]): string {
  const sections = pipelines.map(({ name, summary, multiline, stages, example }) => {
    const parts = [`## \`${name}\`\n`, `${summary}\n`];
    if (multiline !== undefined) {
      parts.push(
        `A source that does not say otherwise puts lines together by \`multiline: ${JSON.stringify(multiline)}\`.\n`,
      );
    }
    parts.push(codeBlock('yaml', stages));
    if (example !== undefined)
      parts.push(codeBlock('text', example.input), 'becomes\n', codeBlock('json', example.output));
    return parts.join('\n');
  });
  const intro =
    'Each is used by its name, as in `- use: nginx`; `pillion explain --use nginx FILE` shows what it makes of a file.\n';
  return [heading('Ready-made pipelines', 'pipelines/'), intro, sections.join('\n')].join('\n');
}

/** One table a part of the configuration file. */
export function configurationPage(
  parts: readonly { readonly title: string; readonly schema: v.GenericSchema }[],
): string {
  const sections = parts.map(({ title, schema }) => `## ${title}\n\n${optionsTable(schema)}`);
  return [heading('Configuration file', 'src/config/file-schema.ts'), sections.join('\n')].join('\n');
}

/** The commands as their own `--help` tells them. */
export function commandLinePage(helps: readonly { readonly command: string; readonly help: string }[]): string {
  const sections = helps.map(({ command, help }) => `## \`${command}\`\n\n${codeBlock('text', help.trimEnd())}`);
  return [heading('Command line', 'src/main.ts'), sections.join('\n')].join('\n');
}

/** The page of a source, stage or sink. */
export function componentPage(kind: 'source' | 'stage' | 'sink', component: ComponentDoc): string {
  const { type, summary, options, example, metrics } = component;
  const sections = [
    heading(`The ${kind} \`${type}\``, `src/${kind}s/`),
    `${summary}\n`,
    '## Options\n',
    optionsTable(options),
  ];
  if (example !== undefined) sections.push('## Example\n', exampleText(type, example));
  if (metrics !== undefined) sections.push('## Metrics\n', metricsTable(metrics));
  return sections.join('\n');
}

/** The page that leads to all others. */
export function indexPage(
  pages: readonly { readonly path: string; readonly title: string; readonly about: string }[],
): string {
  const lines = pages.map(({ path, title, about }) => `- [${title}](${path}): ${about}`);
  return `${heading('Reference', 'the code')}\n${lines.join('\n')}\n`;
}

/** The first sentence of a summary. */
export function firstSentence(text: string): string {
  return /^.*?\.(?=\s|$)/s.exec(text)?.[0] ?? text;
}

function exampleText(type: string, { config, input, output }: NonNullable<ComponentDoc['example']>): string {
  const stages = type === 'json' ? 'this stage' : 'the stage `json` and this one';
  return [
    codeBlock('yaml', config),
    'The line',
    '',
    codeBlock('text', input),
    `becomes, by ${stages} and as OTLP/JSON,`,
    '',
    codeBlock('json', JSON.stringify(JSON.parse(output), undefined, 2)),
  ].join('\n');
}

function metricsTable(metrics: readonly MetricDoc[]): string {
  const rows = metrics.map(({ name, type, unit, labels, description }) => [
    code(name),
    type.replaceAll('_', '-'),
    unit === '' ? '' : code(unit),
    labels.map(code).join(', '),
    description,
  ]);
  return table(['Metric', 'Type', 'Unit', 'Labels', 'Meaning'], rows);
}

function optionsTable(schema: v.GenericSchema): string {
  const rows = optionRows(schema as AnySchema, '');
  return rows.length === 0 ? 'It takes none.\n' : table(['Option', 'Value', 'Default', 'Meaning'], rows);
}

/** A row an option; the options inside of an option follow it, named by their path. */
function optionRows(schema: AnySchema, prefix: string): string[][] {
  return Object.entries(entriesOf(schema)).flatMap(([key, option]) => {
    const { doc, type, example }: Partial<Described> = v.getMetadata(withoutOptional(option));
    if (doc === undefined || type === undefined) throw new Error(`Cannot document option "${prefix}${key}": no doc`);
    const meaning = example === undefined ? doc : `${doc} Example: ${code(example)}`;
    const { item } = withoutOptional(option);
    const inner = item === undefined ? optionRows(option, `${prefix}${key}.`) : optionRows(item, `${prefix}${key}[].`);
    return [[code(prefix + key), type, defaultOf(option), meaning], ...inner];
  });
}

/** The options of a map; of a union, those of its maps. */
function entriesOf(schema: AnySchema): Readonly<Record<string, AnySchema>> {
  const { entries, type, options } = withoutOptional(schema);
  if (type !== 'union') return entries ?? {};
  return Object.assign({}, ...(options as AnySchema[]).map(entriesOf)) as Record<string, AnySchema>;
}

/** The value that an option has when it is left out, as people write it. */
function defaultOf(option: AnySchema): string {
  if (option.type !== 'optional') return 'required';
  const value = (option as AnySchema & { readonly default?: unknown }).default;
  const isNothing = value === undefined || (typeof value === 'object' && Object.keys(value ?? {}).length === 0);
  if (isNothing) return 'none';
  return code(typeof value === 'string' ? value : JSON.stringify(value));
}

function code(text: string): string {
  return `\`${text}\``;
}

function codeBlock(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\`\n`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('');
}
