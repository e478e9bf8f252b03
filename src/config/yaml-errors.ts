import { type Document, isCollection, isScalar, visit, type YAMLError } from 'yaml';

/** What is wrong with the syntax, in words that say what to do. */
export interface SyntaxProblem {
  /** Into the text, in UTF-16 units. */
  readonly offset: number;
  readonly message: string;
  readonly hint: string;
}

type Explanation = Omit<SyntaxProblem, 'offset'> & { readonly offset?: number };

/** Errors that concern one value; behind any other one, the parser only guesses what was meant. */
const LOCAL_ERRORS: ReadonlySet<string> = new Set([
  'TAB_AS_INDENT',
  'BAD_SCALAR_START',
  'BAD_DQ_ESCAPE',
  'BLOCK_AS_IMPLICIT_KEY',
  'NON_STRING_KEY',
  'TAG_RESOLVE_FAILED',
]);

/**
 * The errors of `document` in our words, in the order of the text, up to the first that derails the parser. The parser
 * names rules of the grammar; an operator needs the cure. What is not foreseen keeps the parser's own words.
 */
export function explainYaml(document: Document, text: string): SyntaxProblem[] {
  const version = document.directives?.yaml.version;
  if (version !== undefined && version !== '1.2') {
    const hint = 'Remove the line "%YAML": a configuration is YAML 1.2';
    return [{ offset: Math.max(text.indexOf('%YAML'), 0), message: `Cannot read YAML ${version}`, hint }];
  }
  const tooDeep = document.errors.find((error) => error.code === 'RESOURCE_EXHAUSTION');
  const errors = tooDeep === undefined ? [...document.errors, ...document.warnings] : [tooDeep];
  errors.sort((a, b) => a.pos[0] - b.pos[0]);
  const derailed = errors.findIndex((error) => !LOCAL_ERRORS.has(error.code));
  const sure = derailed === -1 ? errors : errors.slice(0, derailed + 1);
  return sure.map((error) => ({ offset: error.pos[0], ...explain(error, document, text) }));
}

function explain(error: YAMLError, document: Document, text: string): Explanation {
  const at = text.slice(error.pos[0], error.pos[0] + 200);
  switch (error.code) {
    case 'TAB_AS_INDENT':
      return { message: 'Tab used as indentation', hint: 'Indent with spaces: YAML allows no tabs there' };
    case 'BAD_SCALAR_START':
      return { message: `Value begins with ${JSON.stringify(at[0])}`, hint: `Put it in quotes: ${quoted(at)}` };
    case 'BAD_DQ_ESCAPE':
      return {
        message: `Unknown escape ${JSON.stringify(error.message.split(' ').at(-1)).replace('\\\\', '\\')} in double quotes`,
        hint: 'Use single quotes: in them a backslash is only a backslash',
      };
    case 'BLOCK_AS_IMPLICIT_KEY':
      return { message: 'Second ": " in one line', hint: 'Put a value that holds ": " in quotes' };
    case 'MULTILINE_IMPLICIT_KEY':
      return { message: 'Key goes over more than one line', hint: missingSpaceHint(at) };
    case 'MULTIPLE_DOCS':
      return { message: 'Second document in the file', hint: 'Remove the line "---": a configuration is one document' };
    case 'NON_STRING_KEY':
      if (text.startsWith('{{', error.pos[0] - 1)) {
        return { message: 'Template "{{" is not filled in', hint: 'Render it first, or put the value in quotes' };
      }
      return { message: 'Key is a list, a map or an alias', hint: 'Put a value that begins with "{" or "[" in quotes' };
    case 'RESOURCE_EXHAUSTION':
      return {
        message: 'Nested deeper than 32 levels',
        hint: 'Look for a bracket that is not closed',
        offset: lineStart(text, error),
      };
    case 'TAG_RESOLVE_FAILED':
      return { message: `Unknown tag "${at.split(/\s/, 1)[0]}"`, hint: 'Put a value that begins with "!" in quotes' };
    case 'BAD_INDENT':
      return explainIndent(error, document);
    case 'MISSING_CHAR':
      return explainMissing(error, document);
    case 'UNEXPECTED_TOKEN':
      return explainUnexpected(error, text);
    default:
  }
  return unforeseen(error);
}

function explainIndent(error: YAMLError, document: Document): Explanation {
  const flow = /^Flow (map|sequence)/.exec(error.message)?.[1];
  if (flow === undefined) {
    return {
      message: 'Line is indented differently from its neighbours',
      hint: 'The keys of a map, and the items of a list, all start in the same column',
    };
  }
  const [message, close] = flow === 'map' ? ['Map "{" is not closed', '}'] : ['List "[" is not closed', ']'];
  return { message, hint: `Close it with "${close}"`, ...startOfOpen(document, error.pos[0]) };
}

function explainUnexpected(error: YAMLError, text: string): Explanation {
  const start = lineStart(text, error);
  const [line = ''] = text.slice(start).split('\n', 1);
  const variables = [...line.matchAll(/\$\{[^}]*\}?/g)];
  const variable = variables.findLast(({ index }) => start + index <= error.pos[0])?.[0];
  if (variable !== undefined) {
    return { message: 'Variable without quotes inside { } or [ ]', hint: `Put it in quotes: "${variable}"` };
  }
  if (!error.message.endsWith('at node end')) return unforeseen(error);
  const hint = "Put the whole value in quotes; inside single quotes, '' stands for '";
  return { message: 'Text after the end of a value', hint };
}

function explainMissing(error: YAMLError, document: Document): Explanation {
  if (/closing .quote/.test(error.message)) {
    const hint = 'Close it, or put the whole value in the other kind of quotes';
    return { message: 'Quote is not closed', hint, ...startOfOpen(document, error.pos[0]) };
  }
  if (/followed by map values/.test(error.message)) {
    return { message: 'Key without a value', hint: 'Write `key: value`, or `- value` for an item of a list' };
  }
  return unforeseen(error);
}

function lineStart(text: string, error: YAMLError): number {
  return text.lastIndexOf('\n', error.pos[0] - 1) + 1;
}

function unforeseen(error: YAMLError): Explanation {
  return { message: `Cannot read YAML: ${error.message}`, hint: 'Look at this line and the one above it' };
}

/**
 * Where the quote or bracket opens that is not closed before `end`: the parser points at the end, which may be the last
 * line of the file; what has to be looked at is the beginning.
 */
function startOfOpen(document: Document, end: number): { offset?: number } {
  let open: { offset?: number } = {};
  visit(document, {
    Value: (_, node) => {
      const isOpen = node.range && node.range[0] < end && node.range[1] >= end - 1;
      const isQuoted = isScalar(node) && node.type?.startsWith('QUOTE_');
      const isFlow = isCollection(node) && node.flow;
      if (isOpen && (isQuoted || isFlow)) open = { offset: node.range![0] };
    },
  });
  return open;
}

/** The value that `text` begins with, in quotes. */
function quoted(text: string): string {
  const value = text.split(/\r?\n| #|, |]|}/, 1)[0]!.trim();
  return value.includes('"') ? `'${value}'` : `"${value}"`;
}

function missingSpaceHint(line: string): string {
  const [, key, value] = /^([\w.-]+):([^\s:]+)/.exec(line) ?? [];
  if (key === undefined) return 'A key and its ":" stand on one line; a text over several lines begins with "|"';
  return `Put a space after the colon: \`${key}: ${value}\``;
}
