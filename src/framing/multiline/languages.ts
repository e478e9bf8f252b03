import { judgeDart } from './dart.ts';
import { judgeDotnet } from './dotnet.ts';
import { judgeGo } from './go.ts';
import { judgeJava } from './java.ts';
import type { Judge } from './judge.ts';
import { judgeNode } from './node.ts';
import { judgePhp } from './php.ts';
import { judgePython } from './python.ts';
import { judgeRuby } from './ruby.ts';
import { judgeRust } from './rust.ts';

/** Languages whose stack traces are known, as the configuration names them. */
export const LANGUAGES = ['java', 'python', 'go', 'node', 'dotnet', 'ruby', 'php', 'rust', 'dart'] as const;

/** One of these languages. */
export type Language = (typeof LANGUAGES)[number];

/** What decides on the lines of a program in each language. */
export const JUDGES: Readonly<Record<Language, Judge>> = {
  java: judgeJava,
  python: judgePython,
  go: judgeGo,
  node: judgeNode,
  dotnet: judgeDotnet,
  ruby: judgeRuby,
  php: judgePhp,
  rust: judgeRust,
  dart: judgeDart,
};
