/**
 * What must not reach a terminal as it is: C0 and C1 controls, which drive it, and DEL; line ends of Unicode; and the
 * bidirectional controls, which show text in another order than it has ("Trojan Source", CVE-2021-42574).
 */
const CONTROLS = /[\0-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g;

const SHORT: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** The text with every control character in a visible form: `\n`, `\x1b`, `\u202e`. O(length). */
export function visible(text: string): string {
  return text.replace(CONTROLS, (control) => SHORT[control] ?? hexadecimal(control.charCodeAt(0)));
}

function hexadecimal(code: number): string {
  const digits = code.toString(16);
  return code < 0x100 ? `\\x${digits.padStart(2, '0')}` : `\\u${digits.padStart(4, '0')}`;
}
