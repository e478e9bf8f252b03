/** What a template holds, one after the other. */
export type TemplatePart =
  /** Characters that stand in the line as they are. */
  | { readonly kind: 'text'; readonly text: string; readonly column: number }
  | TemplateField
  /** Any number of blanks and tabs. */
  | { readonly kind: 'blanks'; readonly column: number }
  /** The line may end here. */
  | { readonly kind: 'end'; readonly column: number };

/** A value of the line. */
export interface TemplateField {
  readonly kind: 'field';
  /** undefined: nobody wants it. */
  readonly name: string | undefined;
  /** The type as it is written; empty: none is. */
  readonly type: string;
  /** Whether blanks behind the value, and behind what ends it, belong to neither. */
  readonly isPadded: boolean;
  /** Whether an empty value, and a dash, is none. */
  readonly isOptional: boolean;
  readonly column: number;
}

/** What is wrong with a template; columns count characters from 1. */
export interface TemplateError {
  readonly column: number;
  readonly problem: string;
  readonly hint: string;
}

const NAME = /^[\p{L}_@$][\p{L}\p{N}_.@$/-]*$/u;
const MARK = /<(?:<|([^<>\s]*)>)?/g;

/** The parts of a template such as `<ip> - <user> [<time>]`, or the first thing that is wrong with it. O(length). */
export function parseTemplate(template: string): readonly TemplatePart[] | TemplateError {
  const parts: TemplatePart[] = [];
  let text = '';
  let textColumn = 1;
  let from = 0;
  const endText = (): void => {
    if (text !== '') parts.push({ kind: 'text', text, column: textColumn });
    text = '';
  };
  for (const { 0: mark, 1: inside, index } of template.matchAll(MARK)) {
    if (text === '') textColumn = from + 1;
    text += template.slice(from, index);
    from = index + mark.length;
    if (mark === '<<') {
      text += '<';
      continue;
    }
    const part = inside === undefined ? noField(index + 1) : readMark(inside, index + 1);
    if ('problem' in part) return part;
    endText();
    parts.push(part);
  }
  if (text === '') textColumn = from + 1;
  text += template.slice(from);
  endText();
  return orderError(parts) ?? parts;
}

/** What stands between `<` and `>`. */
function readMark(inside: string, column: number): TemplatePart | TemplateError {
  if (inside === '-') return { kind: 'blanks', column };
  if (inside === '?') return { kind: 'end', column };
  const isPadded = inside.endsWith('-');
  const unpadded = isPadded ? inside.slice(0, -1) : inside;
  const isOptional = unpadded.endsWith('?');
  const [name = '', type = '', ...rest] = (isOptional ? unpadded.slice(0, -1) : unpadded).split(':');
  if (rest.length > 0 || !NAME.test(name)) return noField(column);
  return { kind: 'field', name: name === '_' ? undefined : name, type, isPadded, isOptional, column };
}

function noField(column: number): TemplateError {
  const hint = 'Write a field as in "<name>" or "<name:int>", and "<<" for the character itself';
  return { column, problem: '"<" begins no field', hint };
}

/** What is wrong with the order of parts of which each is right. */
function orderError(parts: readonly TemplatePart[]): TemplateError | undefined {
  const names = new Set<string>();
  for (const [index, part] of parts.entries()) {
    const error = neighbourError(part, parts[index - 1], parts[index - 2]);
    if (error !== undefined) return { column: part.column, ...error };
    if (part.kind === 'field' && part.name !== undefined) {
      if (names.has(part.name)) return nameTwice(part.name, part.column);
      names.add(part.name);
    }
  }
  const last = parts.at(-1);
  if (last?.kind === 'end') {
    const hint = 'Put it in front of what may be missing, or leave it out';
    return { column: last.column, problem: 'nothing follows "<?>"', hint };
  }
  if (names.size > 0) return undefined;
  return { column: 1, problem: 'it names no field', hint: 'Name what to extract, as in "<name>"' };
}

function nameTwice(name: string, column: number): TemplateError {
  const problem = `the field ${JSON.stringify(name)} comes twice`;
  return { column, problem, hint: 'Give one of them another name, or skip it with "<_>"' };
}

type Neighbour = TemplatePart | undefined;

/** What is wrong with `part` behind the parts `before` and, before that, `first`. */
function neighbourError(
  part: TemplatePart,
  before: Neighbour,
  first: Neighbour,
): Omit<TemplateError, 'column'> | undefined {
  const open = before?.kind === 'end' ? first : before;
  if (part.kind === 'field' && open?.kind === 'field') {
    return {
      problem: 'nothing stands between two fields, so nobody knows where the first one ends',
      hint: 'Put the text between them that the line has there, or make them one field',
    };
  }
  if (part.kind === 'blanks' && open?.kind === 'field') {
    return {
      problem: 'nothing but blanks stands behind a field, so nobody knows where it ends',
      hint: 'Write the blank, as in "<a> <-><b>", or "<a-> <b>" for a value that is padded with blanks',
    };
  }
  const isBlank = part.kind === 'blanks' || (part.kind === 'text' && /^[ \t]/.test(part.text));
  if (isBlank && before?.kind === 'blanks') {
    return { problem: '"<->" has taken all blanks', hint: 'Leave out the blanks behind it' };
  }
  if (part.kind === 'end' && (before === undefined || before.kind === 'end')) {
    return { problem: '"<?>" stands in front of nothing', hint: 'Put it in front of what may be missing' };
  }
  return undefined;
}
