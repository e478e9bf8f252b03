import type { Json } from './json.ts';

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
/** The longest number that means something. */
const MAX_DIGITS = 400;

/** The number that a value is: a number, one that is written as text, or 1 and 0 for true and false; undefined: none. */
export function numberOf(value: Json): number | undefined {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string' || value.length > MAX_DIGITS) return undefined;
  const text = value.trim();
  if (!NUMBER.test(text)) return undefined;
  const number = Number(text);
  return Number.isFinite(number) ? number : undefined;
}

/** The text that a value is; undefined: it is none, such as a list. */
export function textOf(value: Json | undefined): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

/** `text` as a label holds it: valid Unicode, of at most `maxBytes` bytes, cut before the character that is too much. */
export function labelText(text: string, maxBytes: number): string {
  const valid = text.toWellFormed();
  // A unit of UTF-16 is at most three bytes.
  if (valid.length * 3 <= maxBytes) return valid;
  const bytes = Buffer.from(valid);
  if (bytes.length <= maxBytes) return valid;
  let end = maxBytes;
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}
