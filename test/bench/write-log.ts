import { closeSync, openSync, writeSync } from 'node:fs';

/** Lines are collected up to this many characters before they are written. */
const CHUNK_CHARS = 4 * 1024 * 1024;

/** What a generator wrote. */
export interface GeneratedLog {
  readonly lines: number;
  readonly bytes: number;
}

/** Writes `lines` lines to `path`, each as `next()` gives it, without its end. */
export function writeLog(path: string, lines: number, next: () => string): GeneratedLog {
  const file = openSync(path, 'w');
  let bytes = 0;
  let chunk = '';
  try {
    for (let line = 1; line <= lines; line++) {
      chunk += `${next()}\n`;
      if (chunk.length < CHUNK_CHARS && line < lines) continue;
      bytes += writeWhole(file, Buffer.from(chunk));
      chunk = '';
    }
  } finally {
    closeSync(file);
  }
  return { lines, bytes };
}

function writeWhole(file: number, bytes: Buffer): number {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
  return bytes.length;
}
