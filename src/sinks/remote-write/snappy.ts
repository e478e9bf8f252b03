import type { Compressor } from '../../delivery/compression.ts';

let snappy: typeof import('snappyjs') | undefined;

/** Loads the package; before the first compressor is made. */
export async function loadSnappy(): Promise<void> {
  snappy ??= await import('snappyjs');
}

/** Compresses in the block format of Snappy, which remote write wants; the framed format must not be used. */
export function createSnappyCompressor(): Compressor {
  const library = snappy;
  if (library === undefined) throw new Error('Cannot compress: snappy is not loaded');
  return {
    contentEncoding: 'snappy',
    compress: (body) => Promise.resolve(library.compress(body)),
    release: () => {},
  };
}
