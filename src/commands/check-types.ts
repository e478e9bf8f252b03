import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AgentConfig, ConfiguredStep } from '../config/agent-config.ts';

/** What a compiler says of the stages of a configuration. */
export interface TypeCheck {
  /** One line each, with file and place; none: the types are right. */
  readonly errors: readonly string[];
  /** The files that nobody could check, because there is no TypeScript beside them. */
  readonly unchecked: readonly string[];
}

/** Where the types of `pillion/sdk` are: in the package, and in the sources. */
const SDK_TYPES = ['../../dist/types/sdk/index.d.ts', '../sdk/index.ts'].map((path) =>
  resolve(import.meta.dirname, path),
);

/**
 * Checks the types of own stages that are written in TypeScript, with the TypeScript that is installed beside them: the
 * agent itself only takes types away, and has no compiler.
 */
export async function checkTypes({ pipelines }: AgentConfig): Promise<TypeCheck> {
  const files = new Set(pipelines.flatMap(({ stages }) => stages.flatMap(ownFiles)));
  const byCompiler = new Map<string, string[]>();
  const unchecked: string[] = [];
  for (const file of files) {
    if (!/\.m?ts$/.test(file)) continue;
    const compiler = compilerFor(file);
    if (compiler === undefined) unchecked.push(relative('.', file));
    else byCompiler.set(compiler, [...(byCompiler.get(compiler) ?? []), file]);
  }
  const errors: string[] = [];
  for (const [compiler, sources] of byCompiler) errors.push(...(await compile(compiler, sources)));
  return { errors, unchecked };
}

function ownFiles(step: ConfiguredStep): string[] {
  if ('stages' in step) return step.stages.flatMap(ownFiles);
  if (!('definition' in step)) return [];
  return step.file === undefined ? [] : [step.file];
}

/** The `tsc` that a file sees, as Node looks for packages; undefined: there is none. */
function compilerFor(file: string): string | undefined {
  try {
    const manifest = createRequire(pathToFileURL(file)).resolve('typescript/package.json');
    return ['bin/tsc', 'bin/tsc.js'].map((name) => join(dirname(manifest), name)).find((path) => existsSync(path));
  } catch {
    return undefined;
  }
}

/** Runs the compiler over files; it writes nothing. */
async function compile(compiler: string, files: readonly string[]): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'pillion-types-'));
  try {
    const project = join(folder, 'tsconfig.json');
    await writeFile(project, JSON.stringify(projectOf(files)));
    return await new Promise((done) => {
      execFile(process.execPath, [compiler, '--project', project, '--pretty', 'false'], (error, stdout) => {
        const lines = stdout.split('\n').filter((line) => /error TS\d+/.test(line));
        // One that says nothing and fails has not checked anything.
        done(error !== null && lines.length === 0 ? [`TypeScript failed: ${error.message}`] : lines);
      });
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

function projectOf(files: readonly string[]): object {
  return {
    files,
    compilerOptions: {
      noEmit: true,
      strict: true,
      target: 'esnext',
      module: 'nodenext',
      allowImportingTsExtensions: true,
      erasableSyntaxOnly: true,
      skipLibCheck: true,
      types: [],
      paths: { 'pillion/sdk': SDK_TYPES.filter((path) => existsSync(path)) },
    },
  };
}
