import { readFile, stat } from 'node:fs/promises';
import { registerHooks } from 'node:module';
import { extname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { StageDefinition } from '../component/definition.ts';
import { ConfigError, messageOf } from '../core/errors.ts';
import { isOwnStage } from '../sdk/define-stage.ts';

const EXTENSIONS = ['.ts', '.mts', '.js', '.mjs'];

const HOW_TO_DEFINE =
  'Export it as in "import { defineStage } from \'pillion/sdk\'; export default defineStage({ ... })"';

/**
 * Loads the stage that a file exports: TypeScript, whose types Node removes, or JavaScript, as an ES module. It may
 * import `pillion/sdk` wherever it lies. A file is loaded once for each `version` in the life of the process; what it
 * imports itself, once.
 *
 * Runs the file: it has every right that the agent has. Rejects with a ConfigError when there is no stage in it, and so
 * does the definition's `build()` throw one when the stage cannot be built; their paths are empty.
 */
export async function loadOwnStage(file: string, version: number | string = 0): Promise<StageDefinition<unknown>> {
  const path = resolve(file);
  await checkFile(path);
  const definition = await importDefault(path, version);
  if (!isOwnStage(definition)) {
    throw stageError(path, 'its default export was not made by defineStage()', HOW_TO_DEFINE);
  }
  return {
    ...definition,
    build(options, context) {
      try {
        return definition.build(options, context);
      } catch (cause) {
        throw stageError(path, reasonOf(cause), undefined, cause, 'build');
      }
    },
  };
}

/** Loads it as it is now: once for each content that it has had. */
export async function loadPresentStage(file: string): Promise<StageDefinition<unknown>> {
  const path = resolve(file);
  await checkFile(path);
  const { createHash } = process.getBuiltinModule('node:crypto');
  const hash = createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
  return loadOwnStage(path, hash);
}

async function checkFile(path: string): Promise<void> {
  if (!EXTENSIONS.includes(extname(path))) {
    throw stageError(path, 'it is neither TypeScript nor JavaScript', `Its name must end in ${EXTENSIONS.join(', ')}`);
  }
  let isFile: boolean;
  try {
    isFile = (await stat(path)).isFile();
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const reason = isMissing ? 'there is no such file' : messageOf(cause);
    throw stageError(path, reason, isMissing ? 'Paths are relative to the configuration file' : undefined, cause);
  }
  if (!isFile) throw stageError(path, 'it is no file');
}

async function importDefault(path: string, version: number | string): Promise<unknown> {
  const url = pathToFileURL(path).href + (version === 0 ? '' : `?version=${version}`);
  ownStages.add(url);
  hookModules();
  let module: { readonly default?: unknown };
  try {
    module = (await import(url)) as { readonly default?: unknown };
  } catch (cause) {
    throw importError(path, cause);
  }
  if (module.default === undefined) throw stageError(path, 'it has no default export', HOW_TO_DEFINE);
  return module.default;
}

/** The URLs of the files that were named as stages. */
const ownStages = new Set<string>();
let isHooked = false;

/** Whether this file is part of the CommonJS bundle, which has the bundle of `pillion/sdk` beside it. */
const isBundled = typeof __filename === 'string';
const here = isBundled ? pathToFileURL(__filename).href : import.meta.url;

/**
 * Makes `pillion/sdk` known to files that no package manager installed it for. Stages are loaded as TypeScript, also
 * when they are JavaScript: so Node says the line of a wrong syntax, and does not guess the kind of module. It refuses
 * that for installed packages, which are loaded as what they are.
 */
function hookModules(): void {
  if (isHooked) return;
  isHooked = true;
  const sdk = new URL(isBundled ? './sdk.js' : '../sdk/index.ts', here).href;
  registerHooks({
    resolve(specifier, context, nextResolve) {
      if (specifier === 'pillion/sdk') return { url: sdk, shortCircuit: true };
      const resolved = nextResolve(specifier, context);
      const isOwn = ownStages.has(resolved.url) && !resolved.url.includes('/node_modules/');
      return isOwn ? { ...resolved, format: 'module-typescript' } : resolved;
    },
  });
}

function importError(path: string, cause: unknown): ConfigError {
  return stageError(path, reasonOf(cause), hintFor(cause), cause);
}

/** What happened, and where. */
function reasonOf(cause: unknown): string {
  const place = placeOf(cause);
  return place === undefined ? messageOf(cause) : `${messageOf(cause)} (${place})`;
}

function hintFor(cause: unknown): string | undefined {
  switch ((cause as NodeJS.ErrnoException | undefined)?.code) {
    case 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX':
      return 'Types are only removed: write an enum as a union of texts, and no namespace or parameter property';
    case 'ERR_MODULE_NOT_FOUND':
      return 'A stage can import "pillion/sdk", the modules of Node as "node:...", and files, with their extension';
    case 'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING':
      return 'Put the file outside of node_modules, or make it JavaScript';
    default:
      return /ES module scope/.test(messageOf(cause)) ? HOW_TO_DEFINE : undefined;
  }
}

/**
 * Where an error happened, as `path:line`: a syntax error has it in the first line of its stack, others in the first
 * frame that lies in a file, but not in one of the agent's.
 */
function placeOf(cause: unknown): string | undefined {
  const stack = cause instanceof Error ? (cause.stack ?? '') : '';
  const agent = new URL(isBundled ? '.' : '..', here).href;
  for (const [, place, line] of stack.matchAll(/(?:^|\n +at (?:.*[ (])?)((?:file:\/)?\/[^\n]*?):(\d+)(?=\n|:\d+)/g)) {
    const url = place!.startsWith('file:') ? place! : pathToFileURL(place!).href;
    if (!url.startsWith(agent)) return `${fileURLToPath(url)}:${line}`;
  }
  return undefined;
}

function stageError(path: string, reason: string, hint?: string, cause?: unknown, verb = 'load'): ConfigError {
  const message = `Cannot ${verb} stage ${JSON.stringify(path)}: ${reason}`;
  return new ConfigError({ code: 'ERR_CONFIG_STAGE', path: [], message, hint, cause });
}
