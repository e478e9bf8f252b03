/** How long every line is, with its end. */
export const LINE_BYTES = 150;

/** Lines with this number and higher ones are those of a file that is written without pause. */
export const HOT_LINES_FROM = 1_000_000;

const NUMBER_DIGITS = 9;
const TIME_DIGITS = 13;
const FILLING = '.'.repeat(LINE_BYTES - NUMBER_DIGITS - TIME_DIGITS - 3);

/** A line with its number, from 1 on, and the time at which it is written, in milliseconds since 1970. */
export function numberedLine(number: number, unixMs: number): string {
  const time = String(Math.floor(unixMs)).padStart(TIME_DIGITS, '0');
  return `${String(number).padStart(NUMBER_DIGITS, '0')} ${time} ${FILLING}\n`;
}

/** What a line says; undefined: it is none, or not whole. */
export function parseNumberedLine(text: string): { readonly number: number; readonly unixMs: number } | undefined {
  const isWhole = text.length === LINE_BYTES - 1 && text.endsWith(FILLING);
  const number = Number(text.slice(0, NUMBER_DIGITS));
  const unixMs = Number(text.slice(NUMBER_DIGITS + 1, NUMBER_DIGITS + 1 + TIME_DIGITS));
  return isWhole && number > 0 && unixMs > 0 ? { number, unixMs } : undefined;
}
