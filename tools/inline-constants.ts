import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { transformSync } from 'esbuild';

/**
 * Numbers of a module by the names that it has for them: `LF`, `MAX_RECORDS`, and `ValueType.String` of an object that
 * holds nothing else.
 */
type Constants = ReadonlyMap<string, number>;

/** `const LF = 0x0a;`, of what calls nothing, and the names of objects whose members are written out. */
const NUMBER = /^(export )?const ([A-Z][A-Z0-9_]*)(?:: \w+)? = ([\w\s.*+<>|&()~-]+);(?: *\/\/.*)?$/gm;
const MEMBERS = /^(export )?const ([A-Z]\w*) = \{([^{}]*)\} as const;$/gm;
const COMMENT = /\/\*[\s\S]*?\*\/|\/\/.*$/gm;
const WORD = /(?<!\w)[A-Za-z_]\w*(?:\.\w+)*/g;
const IMPORT = /^import \{([^}]*)\} from '(\.[^']*)';$/gm;

/**
 * Writes constant numbers where they are used, and gives JavaScript.
 *
 * The bundler makes variables of all constants, as it evaluates modules when they are asked for. V8 then loads such a
 * number from memory and checks that it is one, each time: an access log costs 5 % more with that (npm run bench).
 */
export function inlineConstants(path: string, text: string): string {
  const own = constantsOf(text);
  const define: Record<string, string> = {};
  let rest = text;
  const note = (constants: Constants, name: string, alias: string): boolean => {
    const numbers = [...constants].filter(([known]) => known === name || known.startsWith(`${name}.`));
    for (const [known, number] of numbers) define[alias + known.slice(name.length)] = String(number);
    if (numbers.length > 0) define[alias] ??= hidden(alias);
    return numbers.length > 0;
  };
  for (const pattern of [NUMBER, MEMBERS]) {
    rest = rest.replace(pattern, (declaration: string, exported: string | undefined, name: string) => {
      if (!note(own, name, name)) return declaration;
      const local = declaration.replace(/^(?:export )?const \w+/, `const ${hidden(name)}`);
      return exported === undefined ? local : `export { ${hidden(name)} as ${name} }; ${local}`;
    });
  }
  rest = rest.replace(IMPORT, (_, names: string, from: string) => {
    const others = constantsOf(readFileSync(join(dirname(path), from), 'utf8'));
    const renamed = names.split(',').map((specifier) => {
      const [name = '', alias = name] = specifier.trim().split(' as ');
      return note(others, name, alias) ? ` ${name} as ${hidden(alias)}` : specifier;
    });
    return `import {${renamed.join(',')}} from '${from}';`;
  });
  return transformSync(rest, {
    loader: 'ts',
    sourcefile: path,
    sourcemap: 'inline',
    sourcesContent: false,
    define,
    tsconfigRaw: { compilerOptions: { target: 'es2024', verbatimModuleSyntax: true } },
  }).code;
}

/** The name that is left of a constant, for what needs more than the number. */
function hidden(name: string): string {
  return `${name}$`;
}

/** The constant numbers of a module, also those that it keeps for itself. */
function constantsOf(text: string): Constants {
  const constants = new Map<string, number>();
  const take = (name: string, expression: string): void => {
    const used = expression.match(WORD) ?? [];
    if (!used.every((word) => constants.has(word))) return;
    const written = expression.replaceAll(WORD, (word) => String(constants.get(word)));
    const number: unknown = runInNewContext(written);
    if (typeof number === 'number') constants.set(name, number);
  };
  for (const [, , name = '', members = ''] of text.matchAll(MEMBERS)) {
    const entries = members
      .replaceAll(COMMENT, '')
      .split(',')
      .filter((entry) => entry.trim() !== '')
      .map((entry) => entry.split(':').map((part) => part.trim()));
    if (!entries.every(([key = '', value = '']) => /^\w+$/.test(key) && /^-?[\w ]+$/.test(value))) continue;
    for (const [key, value = ''] of entries) take(`${name}.${key}`, value);
  }
  for (const [, , name = '', expression = ''] of text.matchAll(NUMBER)) take(name, expression);
  return constants;
}
