import type { ByteBuffer } from '../../bytes/byte-buffer.ts';

/** What stands in place of something sensitive. */
export interface Replacement {
  /** Appends to `out` what replaces `bytes[start, end)`, which the detector with that number has found. */
  append(out: ByteBuffer, detector: number, bytes: Buffer, start: number, end: number): void;
}

/** The same text each time: one for each detector. */
export function createMask(texts: readonly string[]): Replacement {
  const masks = texts.map((text) => Buffer.from(text));
  return { append: (out, detector) => out.append(masks[detector]!) };
}

/** Nothing. */
export const removal: Replacement = { append: () => undefined };

/** How much of a hash is kept, in hexadecimal digits: enough to tell a billion values apart. */
const HASH_DIGITS = 16;

/**
 * The detector's name and a keyed hash (HMAC-SHA-256, its first 64 bits), as in `[email:1f2e3d4c5b6a7988]`: equal values
 * stay equal, and whoever does not know the key cannot try values out. Values are compared in one form: card and account
 * numbers without separators, addresses in small letters.
 */
export function createHash(names: readonly string[], key: Uint8Array): Replacement {
  // Loaded where it is needed: it takes 2 MB.
  const { createHmac } = process.getBuiltinModule('node:crypto');
  return {
    append(out, detector, bytes, start, end) {
      const name = names[detector]!;
      const hash = createHmac('sha256', key).update(canonical(name, bytes.toString('utf8', start, end)));
      out.append(Buffer.from(`[${name}:${hash.digest('hex').slice(0, HASH_DIGITS)}]`));
    },
  };
}

function canonical(name: string, value: string): string {
  if (name === 'credit_card') return value.replaceAll(/[ -]/g, '');
  if (name === 'iban') return value.replaceAll(' ', '').toUpperCase();
  return name === 'email' ? value.replace(/%40|\\u0040/, '@').toLowerCase() : value;
}
