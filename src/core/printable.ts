/**
 * What must not reach a terminal or a log as it is: control and format characters, lone surrogates and the line
 * separators of Unicode drive a terminal, end a line, hide text or turn its direction ("Trojan Source",
 * CVE-2021-42574). The two joiners are left: scripts and emoji need them.
 */
const UNPRINTABLE = /[[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]--[\u200c\u200d]]/gv;

const SHORT: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Whether `text` holds nothing that a terminal would obey, hide or reorder. O(length). */
export function isPrintable(text: string): boolean {
  return text.search(UNPRINTABLE) === -1;
}

/**
 * `text` with what a terminal would obey, hide or reorder as escapes: `\n`, `\u001b`, `\U000e0001`, as between the
 * double quotes of YAML. O(length).
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    const code = character.codePointAt(0)!;
    return SHORT[character] ?? (code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`);
  });
}

/** The same for a line of JSON, which stays JSON of the same value: `\u009b`, `\udb40\udc01`. O(length). */
export function printableJson(line: string): string {
  return line.replace(UNPRINTABLE, (character) => {
    let escapes = '';
    for (let i = 0; i < character.length; i++) escapes += `\\u${hex(character.charCodeAt(i), 4)}`;
    return escapes;
  });
}

/** What a peer wrote, fit for a message: in quotes, cut behind `maxLength` characters, and printable. */
export function quoteText(text: string, maxLength = 200): string {
  const cut = text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
  return `"${printable(cut.replace(/["\\]/g, '\\$&'))}"`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}
