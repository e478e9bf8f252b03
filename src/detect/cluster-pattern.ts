import type { LineCluster } from './line-clusters.ts';

/** What a variable word is called, by how it looks in the example. */
const KINDS: readonly (readonly [name: string, looks: RegExp, type?: string])[] = [
  ['time', /^\d{4}-\d\d-\d\dT/],
  ['date', /^\d{4}[-/.]\d\d?[-/.]\d\d?$/],
  ['clock', /^\d\d?:\d\d:\d\d/],
  ['address', /^\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?$/],
  ['id', /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{18,}$/i],
  ['path', /^\/\S+$/],
  ['value', /./],
];

/**
 * A pattern, as the stage `pattern` takes it, that fits the lines of a cluster: its words with a field for each that
 * differs. Undefined: nothing differs, or everything does.
 */
export function patternOf({ words, example }: LineCluster): string | undefined {
  const variable = words.filter((word) => word === undefined).length;
  if (variable === 0 || variable === words.length) return undefined;
  const seen = new Map<string, number>();
  const parts = example.split(/(\s+)/);
  const fields = words.map((word, i) => {
    if (word !== undefined) return literal(word);
    const shown = parts[2 * i] ?? '';
    // What stands around the value in brackets, quotes or before a comma stays text.
    const [, before = '', inner = '', after = ''] = /^([[("'{]*)(.*?)([\])"'},;:]*)$/.exec(shown) ?? [];
    const name = KINDS.find(([, looks]) => looks.test(inner))?.[0] ?? 'value';
    const number = (seen.get(name) ?? 0) + 1;
    seen.set(name, number);
    return `${literal(before)}<${number === 1 ? name : `${name}_${number}`}>${literal(after)}`;
  });
  return fields
    .map((field, i) =>
      i === 0 ? field : `${/^\s/.test(parts[2 * i - 1] ?? '') ? blanks(parts[2 * i - 1]!) : ' '}${field}`,
    )
    .join('');
}

/** One blank is one blank; more of them may be more or fewer in the next line. */
function blanks(text: string): string {
  return text === ' ' ? ' ' : ' <->';
}

function literal(text: string): string {
  return text.replaceAll('<', '<<');
}
