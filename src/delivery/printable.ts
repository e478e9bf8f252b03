const UNSAFE = /["\\\p{C}\p{Zl}\p{Zp}]/gu;

/**
 * What a peer wrote, fit for a message or a log: in quotes, cut behind `maxLength` characters, and with everything
 * escaped that could end a line, drive a terminal or turn the direction of the text.
 */
export function quoteText(text: string, maxLength = 200): string {
  const cut = text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
  return `"${cut.replace(UNSAFE, escaped)}"`;
}

function escaped(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`;
  if (character === '\n') return '\\n';
  return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}
