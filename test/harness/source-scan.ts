/** One thing that a file imports, in whatever way. */
export interface ImportedModule {
  /** As written; `<expression>` where it is computed at run time. */
  readonly specifier: string;
  readonly line: number;
}

/** One declaration that a file exports; re-exports are documented where they are declared. */
export interface ExportedName {
  readonly name: string;
  readonly line: number;
  /**
   * Whether a comment belongs to it: a doc comment before it, or any in its own line. Overloads, a type beside the
   * constant of its name, and one-line exports directly below each other share one; an interface of options needs none.
   */
  readonly hasDoc: boolean;
}

/** What the architecture rules look at. */
export interface SourceFile {
  /** Relative to the repository, with slashes. */
  readonly path: string;
  readonly lineCount: number;
  /** The text with the insides of comments, strings, templates and patterns blanked; lines and columns are as in the file. */
  readonly code: string;
  /** The comments alone, the rest blanked. */
  readonly comments: string;
  readonly imports: readonly ImportedModule[];
  readonly exports: readonly ExportedName[];
}

/** Reads the structure of a TypeScript file. It is a scan, not a parser: it relies on the formatter's layout. */
export function scanSource(path: string, text: string): SourceFile {
  const spans = findSpans(text);
  const comments = blankOutside(text, spans.comments);
  const withStrings = blank(text, spans.comments);
  const code = blank(withStrings, spans.literals);
  return {
    path,
    lineCount: text.split('\n').length - (text.endsWith('\n') ? 1 : 0),
    code,
    comments,
    imports: findImports(code, withStrings),
    exports: findExports(code, text, comments),
  };
}

/** The line of `index` in `text`, counted from 1. */
export function lineAt(text: string, index: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < index; at = text.indexOf('\n', at + 1)) line++;
  return line;
}

type Span = readonly [start: number, end: number];

const SPACE = /\s+/y;
const COMMENT = /\/\/[^\n]*|\/\*[\s\S]*?\*\//y;
const STRING = /'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*"/y;
const TEMPLATE_PART = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*(?:`|\$\{)/y;
const PATTERN = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;
const WORD = /[\w$#]+/y;

/** Behind these a slash begins a pattern; behind a name, a number or a closing bracket it divides. */
const PATTERN_MAY_FOLLOW = /^(?:|[(,=:[!&|?{};+\-*%<>~^]|return|typeof|case|in|of|void|throw|await|yield|else)$/;

/** Finds comments, and what stands between the quotes of strings, templates and patterns. */
function findSpans(text: string): { comments: Span[]; literals: Span[] } {
  const comments: Span[] = [];
  const literals: Span[] = [];
  const openBraces: ('block' | 'template')[] = [];
  let previous = '';
  let at = 0;
  const take = (token: RegExp): string => {
    token.lastIndex = at;
    const found = token.exec(text)?.[0] ?? '';
    at += found.length;
    return found;
  };
  const takeTemplatePart = (): void => {
    const start = at;
    const part = take(TEMPLATE_PART);
    if (part.endsWith('${')) openBraces.push('template');
    literals.push([start, at - (part.endsWith('`') ? 1 : 2)]);
    previous = part.endsWith('`') ? '`' : '{';
  };
  while (at < text.length) {
    if (take(SPACE) !== '') continue;
    const start = at;
    if (take(COMMENT) !== '') {
      comments.push([start, at]);
    } else if (take(STRING) !== '' || (PATTERN_MAY_FOLLOW.test(previous) && take(PATTERN) !== '')) {
      literals.push([start + 1, at - 1]);
      previous = '"';
    } else {
      previous = take(WORD) || text[at++]!;
      if (previous === '{') openBraces.push('block');
      if (previous === '`' || (previous === '}' && openBraces.pop() === 'template')) takeTemplatePart();
    }
  }
  return { comments, literals };
}

/** `text` with spaces in place of the spans. */
function blank(text: string, spans: readonly Span[]): string {
  let blanked = '';
  let at = 0;
  for (const [start, end] of spans) {
    blanked += text.slice(at, start) + text.slice(start, end).replace(/[^\n]/g, ' ');
    at = end;
  }
  return blanked + text.slice(at);
}

function blankOutside(text: string, spans: readonly Span[]): string {
  const edges = [0, ...spans.flat(), text.length];
  const outside: Span[] = [];
  for (let i = 0; i < edges.length; i += 2) outside.push([edges[i]!, edges[i + 1]!]);
  return blank(text, outside);
}

/** `import … from`, `import`, `export … from`: the clause holds names, braces and commas, and no second statement. */
const STATIC_IMPORT = /\b(?:import|export)\b(?:(?:(?!\b(?:import|export)\b)[\w\s{},*$])*\bfrom\b)?\s*(?=['"])/g;
/** Modules that are asked for at run time, and `import()` types. */
const CALLED_IMPORT = /\b(?:import|require|getBuiltinModule)\(\s*/g;

function findImports(code: string, withStrings: string): ImportedModule[] {
  const imports: ImportedModule[] = [];
  for (const pattern of [STATIC_IMPORT, CALLED_IMPORT]) {
    for (const match of code.matchAll(pattern)) {
      const at = match.index + match[0].length;
      const specifier = /^(['"])(.*?)\1/.exec(withStrings.slice(at))?.[2] ?? '<expression>';
      imports.push({ specifier, line: lineAt(code, at) });
    }
  }
  return imports;
}

const EXPORTED =
  /^export (?:declare )?(?:default )?(?:abstract )?(?:async )?(?:const|let|var|class|function\*?|interface|type|enum) +([\w$]+)/gm;

function findExports(code: string, text: string, comments: string): ExportedName[] {
  const explained = comments.split('\n').map((line) => line.trim() !== '');
  const exports: ExportedName[] = [];
  for (const match of code.matchAll(EXPORTED)) {
    const name = match[1]!;
    const line = lineAt(code, match.index);
    const hasDoc =
      endsWithDoc(text.slice(0, match.index)) ||
      explained[line - 1]! ||
      /^export interface \w+Options$/.test(match[0]) ||
      exports.some((other) => other.hasDoc && (other.name === name || other.line === line - 1));
    exports.push({ name, line, hasDoc });
  }
  return exports;
}

function endsWithDoc(before: string): boolean {
  const text = before.trimEnd();
  return text.endsWith('*/') && text.startsWith('/**', text.lastIndexOf('/*'));
}
