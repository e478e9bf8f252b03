import type { BigIntStats } from 'node:fs';

/** A regular file as it was seen under a name. */
export interface Sighting {
  /** Absolute. */
  readonly path: string;
  /** See `keyOf()`. */
  readonly key: string;
  /** In bytes. */
  readonly size: number;
  /** Changes whenever the content does. */
  readonly version: string;
  /** When its content changed last, in nanoseconds since 1970. */
  readonly modifiedNs: bigint;
}

/** The inode of a file, with its device: what a file is while it exists. The numbers exceed what a double holds. */
export function keyOf(stats: BigIntStats): string {
  return `${stats.dev}:${stats.ino}`;
}

/** When the file was made; where the file system does not keep that, when it changed last. */
export function bornNsOf(stats: BigIntStats): bigint {
  return stats.birthtimeNs > 0n ? stats.birthtimeNs : stats.mtimeNs;
}

/**
 * Whether the file was made at another time than a known one with its inode, so that it is another one. False where the
 * file system does not say: then the time of birth is 0, or that of the last change.
 */
export function isBornOtherwise(stats: BigIntStats, bornNs: bigint): boolean {
  return stats.birthtimeNs > 0n && stats.birthtimeNs !== stats.ctimeNs && stats.birthtimeNs !== bornNs;
}

/** What `lstat` found at `path`. */
export function sightingOf(path: string, stats: BigIntStats): Sighting {
  const version = `${stats.size}:${stats.mtimeNs}`;
  return { path, key: keyOf(stats), size: Number(stats.size), version, modifiedNs: stats.mtimeNs };
}
