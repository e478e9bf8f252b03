/**
 * `npm run docs`: writes `docs/reference/`, all of it, from the code, and the tests into the table of scenarios of
 * `docs/guarantees.md`. With `--check` it writes nothing and fails when a page is not what it would write.
 */
import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { parse } from 'yaml';
import { findCases } from '../src/agent/cases.ts';
import { catalog } from '../src/catalog.ts';
import { fileSchema, groupSchema, pipelineSchema, stageKeysSchema, useSchema } from '../src/config/file-schema.ts';
import { GROUP_FILE, READY_MADE_FOLDER, readyMadeNames } from '../src/config/ready-made.ts';
import { ERROR_CODES } from '../src/core/errors.ts';
import { METRICS } from '../src/telemetry/metric-names.ts';
import {
  type ComponentDoc,
  commandLinePage,
  componentPage,
  configurationPage,
  errorsPage,
  firstSentence,
  indexPage,
  metricsPage,
  type PipelineDoc,
  pipelinesPage,
} from './reference-pages.ts';
import { fillScenarioTable, scenariosOf } from './scenario-table.ts';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'docs');
const GUARANTEES = 'guarantees.md';

/** All generated pages, by their path in `docs/reference/`. */
function reference(): Map<string, string> {
  const pages = new Map([
    ['cli.md', commandLinePage(helpTexts())],
    [
      'configuration.md',
      configurationPage([
        { title: 'The file', schema: fileSchema },
        { title: 'A pipeline', schema: pipelineSchema },
        { title: 'Beside a stage', schema: stageKeysSchema },
        { title: 'A stage that is used', schema: useSchema },
        { title: 'A file of stages', schema: groupSchema },
      ]),
    ],
    ['pipelines.md', pipelinesPage(readyMadePipelines())],
    ['errors.md', errorsPage(ERROR_CODES)],
    ['metrics.md', metricsPage(METRICS)],
  ]);
  const index = [
    { path: 'cli.md', title: 'Command line', about: 'commands and their options.' },
    { path: 'configuration.md', title: 'Configuration file', about: 'its keys.' },
    { path: 'pipelines.md', title: 'Ready-made pipelines', about: 'the formats that have a name.' },
    { path: 'errors.md', title: 'Error codes', about: 'what each means, and what to do.' },
    { path: 'metrics.md', title: 'Metrics of the agent', about: 'what it counts of itself.' },
  ];
  const kinds = [
    ['source', catalog.sources],
    ['stage', catalog.stages],
    ['sink', catalog.sinks],
  ] as const;
  for (const [kind, components] of kinds) {
    for (const component of components.values() as Iterable<ComponentDoc>) {
      const path = `${kind}s/${component.type}.md`;
      pages.set(path, componentPage(kind, component));
      index.push({ path, title: `The ${kind} \`${component.type}\``, about: firstSentence(component.summary) });
    }
  }
  return pages.set('README.md', indexPage(index));
}

/** The ready-made pipelines, each with the first of its cases. */
function readyMadePipelines(): PipelineDoc[] {
  return readyMadeNames(READY_MADE_FOLDER).map((name) => {
    const text = readFileSync(join(READY_MADE_FOLDER, name, GROUP_FILE), 'utf8');
    const { summary = '', multiline } = parse(text) as { summary?: string; multiline?: unknown };
    const cases = findCases(join(READY_MADE_FOLDER, name, 'cases')).filter((one) => !one.name.startsWith('broken'));
    const lineOf = (file: string): string => readFileSync(file, 'utf8').split('\n', 1)[0]!;
    const [first] = cases;
    const example = first && { input: lineOf(first.inputFile), output: lineOf(first.expectedFile) };
    return { name, summary, multiline, stages: text.slice(text.indexOf('\nstages:') + 1).trimEnd(), example };
  });
}

/** What the program and each of its commands print for `--help`. */
function helpTexts(): { command: string; help: string }[] {
  const helpOf = (command: string[]): string =>
    execFileSync(process.execPath, [join(root, 'src/main.ts'), ...command, '--help'], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] },
    });
  const help = helpOf([]);
  const listed = /^Commands:\n((?: {2}.*\n)+)/m.exec(help)?.[1] ?? '';
  const commands = [...listed.matchAll(/^ {2}([a-z]+)/gm)].map((match) => match[1]!).filter((name) => name !== 'help');
  return [
    { command: 'pillion', help },
    ...commands.map((name) => ({ command: `pillion ${name}`, help: helpOf([name]) })),
  ];
}

/** The scenarios that tests and tables of cases name in their titles, by the path of the file in `test/`. */
function testedScenarios(): Map<string, Set<string>> {
  const paths = globSync('**/*{.test,-cases}.ts', { cwd: join(root, 'test') }).map((path) => path.split(sep).join('/'));
  const proving = paths.filter((path) => !path.startsWith('tools/'));
  return new Map(proving.map((path) => [path, scenariosOf(readFileSync(join(root, 'test', path), 'utf8'))]));
}

function pagesOnDisk(): Map<string, string> {
  const paths = globSync('reference/**/*.md', { cwd: folder }).map((path) => path.split(sep).join('/'));
  return new Map([...paths, GUARANTEES].map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
}

const found = pagesOnDisk();
const wanted = new Map([...reference()].map(([path, page]) => [`reference/${path}`, page]));
const guarantees = fillScenarioTable(found.get(GUARANTEES)!, testedScenarios());
wanted.set(GUARANTEES, guarantees.page);
const stale = [...new Set([...wanted.keys(), ...found.keys()])].filter((path) => wanted.get(path) !== found.get(path));

for (const problem of guarantees.problems) process.stderr.write(`docs/${GUARANTEES}: ${problem}\n`);
if (guarantees.problems.length > 0) process.exitCode = 1;
if (process.argv.includes('--check')) {
  for (const path of stale) process.stderr.write(`docs/${path} is not what the code says\n`);
  if (stale.length > 0) {
    process.stderr.write('Run "npm run docs" and commit what it writes\n');
    process.exitCode = 1;
  }
} else {
  for (const path of stale) {
    const page = wanted.get(path);
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    if (page === undefined) rmSync(file);
    else writeFileSync(file, page);
    process.stdout.write(`docs/${path} ${page === undefined ? 'removed' : 'written'}\n`);
  }
}
