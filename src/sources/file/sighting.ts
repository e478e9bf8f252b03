import type { BigIntStats } from 'node:fs';

/** A regular file as it was seen under a name. */
export interface Sighting {
  /** Absolute. */
  readonly path: string;
  /** See `keyOf()`. */
  readonly key: string;
  /** See `versionOf()`. */
  readonly version: string;
  /** In bytes. */
  readonly size: number;
  /** See `bornNsOf()`. */
  readonly bornNs: bigint;
  /** Whether the name is a link to the file. */
  readonly isLink: boolean;
}

/** The inode of a file, with its device: what a file is while it exists. The numbers exceed what a double holds. */
export function keyOf(stats: BigIntStats): string {
  return `${stats.dev}:${stats.ino}`;
}

/** The device in a key. */
export function deviceOf(key: string): string {
  return key.slice(0, key.indexOf(':'));
}

/** When the file was made; where the file system does not keep that, when it changed last. */
export function bornNsOf(stats: BigIntStats): bigint {
  return stats.birthtimeNs > 0n ? stats.birthtimeNs : stats.mtimeNs;
}

/**
 * Whether the file was made at another time than a known one with its inode, so that it is another one. False where the
 * file system does not say: then the time of birth is 0. That of a file that was made a moment ago is the time of its
 * last change, and counts all the same: it is such files that get the inode of one that was just deleted.
 */
export function isBornOtherwise(stats: BigIntStats, bornNs: bigint): boolean {
  return stats.birthtimeNs > 0n && stats.birthtimeNs !== bornNs;
}

/** Whether the file was made at the same time as a known one with its inode, so that it is that one. */
export function isBornThen(stats: BigIntStats, bornNs: bigint): boolean {
  return stats.birthtimeNs > 0n && stats.birthtimeNs === bornNs;
}

/** What `stat` found at `path`; `isLink`: by following a link. */
export function sightingOf(path: string, stats: BigIntStats, isLink = false): Sighting {
  const size = Number(stats.size);
  return { path, key: keyOf(stats), version: versionOf(stats), size, bornNs: bornNsOf(stats), isLink };
}

/** Changes whenever the content of the file does. */
export function versionOf(stats: BigIntStats): string {
  return `${stats.size}:${stats.mtimeNs}`;
}

/** Whether the same file was seen under the same name, as it was. */
export function isSameSighting(a: Sighting, b: Sighting): boolean {
  return (
    a.path === b.path && a.key === b.key && a.version === b.version && a.bornNs === b.bornNs && a.isLink === b.isLink
  );
}
