/** A key that stands for a secret, up to where its value begins; one that ends with `_file` stands for a path. */
const SECRET_KEY = /(?:authorization|token|password|secret|api[-_]?key|cookie)["']?\s*:\s*(?=\S)/gi;
/** A value, in quotes or not. */
const VALUE = /^(?:"(?:[^"\\]|\\.)*"?|'(?:[^']|'')*'?|(?:\$\{[^}]*\}|[^,}\]])*)/;
/** What stays of a value: quotes around it, the scheme before it, references to variables. */
const KEPT = /^["']|["']$|\b(?:Bearer|Basic) |\$\{[^}]*\}|\S/g;

/**
 * A line of a configuration as it may be shown: the values of keys that stand for secrets are covered, at their length,
 * so that a mark below the line is where it was. References to variables stay: they hold nothing.
 */
export function hideSecrets(line: string): string {
  let shown = '';
  let done = 0;
  for (const { index, 0: key } of line.matchAll(SECRET_KEY)) {
    const start = index + key.length;
    if (start < done) continue;
    const [value = ''] = VALUE.exec(line.slice(start)) ?? [];
    shown += line.slice(done, start) + value.replace(KEPT, cover);
    done = start + value.length;
  }
  return shown + line.slice(done);
}

function cover(part: string, at: number, value: string): string {
  const isQuote = /["']/.test(part) && (at === 0 || at === value.length - 1);
  return part.length > 1 || isQuote ? part : '*';
}
