import { posix } from 'node:path';
import { lineAt, type SourceFile } from './source-scan.ts';

/** A rule of the house: its own text is what a person reads who has broken it. */
export interface Rule {
  /** A sentence: what must hold, and why where that is not plain. */
  readonly text: string;
  /** Where it does not hold, each as `path:line what`. */
  readonly broken: (files: readonly SourceFile[]) => string[];
}

/** What a folder of `src/` may import, itself excepted. Keys and values are `core`, or a file: `main.ts`. */
export type Arrows = Readonly<Record<string, readonly string[]>>;

export function arrowsRule(text: string, arrows: Arrows): Rule {
  const broken = (files: readonly SourceFile[]): string[] =>
    localImports(files).flatMap(({ file, line, target }) => {
      const from = partOf(file.path);
      const allowed = arrows[from];
      if (allowed === undefined) return [`${file.path}:1 lies in "${from}", which the table does not know`];
      const to = partOf(target);
      if (to === from || allowed.includes(to)) return [];
      const list = allowed.length === 0 ? 'nothing' : allowed.join(', ');
      return [`${file.path}:${line} imports ${target}; "${from}" may import ${list}`];
    });
  return { text, broken };
}

/** Files in one folder of `parent` do not import files of another one there; files in `parent` itself are for all. */
export function siblingsRule(text: string, parents: readonly string[]): Rule {
  const broken = (files: readonly SourceFile[]): string[] =>
    localImports(files).flatMap(({ file, line, target }) => {
      const parent = parents.find((parent) => file.path.startsWith(`${parent}/`) && target.startsWith(`${parent}/`));
      if (parent === undefined) return [];
      const [from, to] = [file.path, target].map((path) => posix.relative(parent, posix.dirname(path)).split('/')[0]);
      return from === to || to === '' ? [] : [`${file.path}:${line} imports ${target}`];
    });
  return { text, broken };
}

/** No file imports itself, over however many others. Types count: files that need each other are one file. */
export function cyclesRule(text: string): Rule {
  const broken = (files: readonly SourceFile[]): string[] => {
    const targets = Map.groupBy(localImports(files), ({ file }) => file.path);
    const done = new Set<string>();
    const found: string[] = [];
    const visit = (path: string, trail: readonly string[]): void => {
      const at = trail.indexOf(path);
      if (at >= 0) found.push([...trail.slice(at), path].join(' -> '));
      if (at >= 0 || done.has(path)) return;
      for (const { target } of targets.get(path) ?? []) visit(target, [...trail, path]);
      done.add(path);
    };
    for (const path of targets.keys()) visit(path, []);
    return found;
  };
  return { text, broken };
}

/** Where a module that is no file of this repository may be imported: paths of files, or of folders with a slash. */
export type Modules = Readonly<Record<string, readonly string[]>>;

/** Packages must be in the table; a `node:` module that is not in it is free. */
export function modulesRule(text: string, modules: Modules): Rule {
  const broken = (files: readonly SourceFile[]): string[] =>
    files.flatMap(({ path, imports }) =>
      imports.flatMap(({ specifier, line }) => {
        if (specifier.startsWith('.')) return [];
        const places = modules[specifier];
        if (places === undefined) {
          return specifier.startsWith('node:')
            ? []
            : [`${path}:${line} imports ${specifier}, which the table does not know`];
        }
        return isIn(path, places) ? [] : [`${path}:${line} imports ${specifier}; it belongs to ${places.join(', ')}`];
      }),
    );
  return { text, broken };
}

/** `places` import no module of `node:` but the named ones. */
export function pureRule(text: string, places: readonly string[], allowed: readonly string[] = []): Rule {
  const broken = (files: readonly SourceFile[]): string[] =>
    files.flatMap(({ path, imports }) =>
      imports
        .filter(({ specifier }) => isIn(path, places) && specifier.startsWith('node:') && !allowed.includes(specifier))
        .map(({ specifier, line }) => `${path}:${line} imports ${specifier}`),
    );
  return { text, broken };
}

/** The code matches `pattern` (global) nowhere but in `places`, each of which is given with its reason. */
export function bannedRule(text: string, pattern: RegExp, places: Readonly<Record<string, string>> = {}): Rule {
  return matchRule(text, ({ code }) => code, pattern, Object.keys(places));
}

export function bannedCommentRule(text: string, pattern: RegExp): Rule {
  return matchRule(text, ({ comments }) => comments, pattern, []);
}

function matchRule(text: string, part: (file: SourceFile) => string, pattern: RegExp, places: readonly string[]): Rule {
  const broken = (files: readonly SourceFile[]): string[] =>
    files
      .filter(({ path }) => !isIn(path, places))
      .flatMap((file) =>
        [...part(file).matchAll(pattern)].map(
          (match) => `${file.path}:${lineAt(part(file), match.index)} ${match[0].trim()}`,
        ),
      );
  return { text, broken };
}

export function lengthRule(text: string, maxLines: number): Rule {
  const broken = (files: readonly SourceFile[]): string[] =>
    files
      .filter(({ lineCount }) => lineCount > maxLines)
      .map(({ path, lineCount }) => `${path}:${maxLines + 1} has ${lineCount} lines`);
  return { text, broken };
}

const KEBAB_CASE = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** Every folder and file is kebab-case; a file may have more than one ending, as in `cri.test.ts`. */
export function namesRule(text: string): Rule {
  const broken = (files: readonly SourceFile[]): string[] =>
    files
      .filter(
        ({ path }) =>
          !path
            .replace(/\.ts$/, '')
            .split(/[/.]/)
            .every((part) => KEBAB_CASE.test(part)),
      )
      .map(({ path }) => `${path}:1`);
  return { text, broken };
}

export function docsRule(text: string): Rule {
  const broken = (files: readonly SourceFile[]): string[] =>
    files.flatMap(({ path, exports }) =>
      exports.filter(({ hasDoc }) => !hasDoc).map(({ name, line }) => `${path}:${line} exports ${name} without one`),
    );
  return { text, broken };
}

/** A file in `test/a/b/` is about `src/a/b/`, or `test/a/` is one of the folders for what belongs to no folder of `src/`. */
export function mirrorRule(text: string, sources: readonly SourceFile[], ownFolders: readonly string[]): Rule {
  const mirrored = new Set(['test']);
  for (const { path } of sources) {
    const parts = path.replace(/^src/, 'test').split('/');
    for (let length = 2; length < parts.length; length++) mirrored.add(parts.slice(0, length).join('/'));
  }
  const broken = (tests: readonly SourceFile[]): string[] =>
    tests
      .filter(({ path }) => !isIn(path, ownFolders) && !mirrored.has(posix.dirname(path)))
      .map(({ path }) => `${path}:1 has no ${posix.dirname(path).replace(/^test/, 'src')}/`);
  return { text, broken };
}

/** The folder of `src/` that a file lies in, or the file itself when it lies in `src/`. */
function partOf(path: string): string {
  return path.split('/')[1] ?? path;
}

function isIn(path: string, places: readonly string[]): boolean {
  return places.some((place) => path === place || (place.endsWith('/') && path.startsWith(place)));
}

function localImports(files: readonly SourceFile[]): { file: SourceFile; line: number; target: string }[] {
  return files.flatMap((file) =>
    file.imports
      .filter(({ specifier }) => specifier.startsWith('.'))
      .map(({ specifier, line }) => ({ file, line, target: posix.join(posix.dirname(file.path), specifier) })),
  );
}
