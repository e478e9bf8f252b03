import type { LabelSet } from '../../core/label-set.ts';

/**
 * How a name that is not of the characters that Prometheus 2 knew (`[a-zA-Z_:][a-zA-Z0-9_:]*`) is shown to who scrapes:
 * as it is, or escaped in one of three ways. The words are those of the content negotiation of Prometheus 3.
 */
export type EscapingScheme = 'allow-utf-8' | 'underscores' | 'dots' | 'values';

/** What a name is of: a colon is plain in the name of a metric alone. */
export type NameKind = 'metric' | 'label';

const PLAIN = {
  metric: /^[a-zA-Z_:][a-zA-Z0-9_:]*$/,
  label: /^[a-zA-Z_][a-zA-Z0-9_]*$/,
};

/** Whether a name needs no quotes and no escaping anywhere. */
export function isPlainName(name: string, kind: NameKind): boolean {
  return PLAIN[kind].test(name);
}

/** The name in that scheme. `dots` and `values` can be undone, unlike `underscores`, by which two names may become one. */
export function escapeName(name: string, kind: NameKind, scheme: EscapingScheme): string {
  if (scheme === 'allow-utf-8' || name === '') return name;
  if (scheme !== 'dots' && isPlainName(name, kind)) return name;
  let escaped = scheme === 'values' ? 'U__' : '';
  for (const [i, character] of [...name].entries()) {
    if (scheme !== 'underscores' && character === '_') escaped += '__';
    else if (isPlainCharacter(character, kind, i === 0)) escaped += character;
    else if (scheme === 'underscores') escaped += '_';
    else if (scheme === 'dots') escaped += character === '.' ? '_dot_' : '__';
    else escaped += `_${character.codePointAt(0)!.toString(16)}_`;
  }
  return escaped;
}

/** Names and values of labels in that scheme; the values of names that have become one are joined. */
export function escapePairs(
  labels: LabelSet,
  scheme: EscapingScheme,
): Iterable<readonly [name: string, value: string]> {
  if (labels.names.every((name) => escapeName(name, 'label', scheme) === name)) return labels;
  const pairs = new Map<string, string>();
  for (const [name, value] of labels) {
    const escaped = escapeName(name, 'label', scheme);
    const before = pairs.get(escaped);
    pairs.set(escaped, before === undefined ? value : `${before};${value}`);
  }
  return pairs;
}

function isPlainCharacter(character: string, kind: NameKind, isFirst: boolean): boolean {
  return isPlainName(isFirst ? character : `_${character}`, kind);
}
