import { type Evidence, type Fingerprint, HEAD_BYTES } from '../../checkpoint/file-identity.ts';
import type { SourceLedger } from '../../ledger/source-ledger.ts';
import type { AbsentStreams } from './absent-streams.ts';
import { Generation } from './generation.ts';
import type { LostStream } from './lost-streams.ts';
import type { StreamEntry } from './stream-entry.ts';
import type { TailedFile } from './tailed-file.ts';

/** A known stream that a new file may be a copy of. */
export type Twin =
  /** Its file is there. */
  | { readonly kind: 'live'; readonly file: TailedFile; readonly generation: Generation }
  /** Its bytes are in no file that is known: a copy continues it, with what `take()` gives. */
  | { readonly kind: 'gone'; readonly evidence: Evidence; readonly home: string; readonly take: () => Generation }
  /** Nobody has been able to look for its file yet. */
  | { readonly kind: 'unknown' };

/** Everything that is known of streams. */
export interface KnownStreams {
  readonly files: Iterable<TailedFile>;
  readonly lost: Iterable<LostStream>;
  readonly absent: AbsentStreams;
  /** Whether the file of an absent stream was looked for everywhere. */
  readonly isGone: (entry: StreamEntry) => boolean;
  readonly ledger: SourceLedger;
  /** See `TailContext`. */
  readonly onChange: () => void;
}

/**
 * The known streams with a whole head, by its hash: first those that a copy continues, and of them the longest first.
 * O(streams).
 */
export function twinsByHead({
  files,
  lost,
  absent,
  isGone,
  ledger,
  onChange,
}: KnownStreams): Map<string, readonly Twin[]> {
  const takeAbsent = (entry: StreamEntry): Generation => {
    absent.delete(entry.key);
    const { id, generation: number, offset, size } = entry;
    const start = { ...entry, number, size: Math.max(size, offset) };
    return new Generation(start, ledger.account(id), onChange);
  };
  const gone: { head: Fingerprint; offset: number; twin: Twin }[] = [];
  for (const { file, isAbsent } of lost) {
    if (isAbsent || file.state.kind !== 'lost') continue;
    const { generation, home } = file;
    const { evidence } = generation;
    gone.push({ ...evidence, twin: { kind: 'gone', evidence, home, take: () => generation } });
  }
  for (const entry of absent.entries()) {
    const { home, head, offset } = entry;
    const known: Twin = { kind: 'gone', evidence: entry, home, take: () => takeAbsent(entry) };
    gone.push({ head, offset, twin: isGone(entry) ? known : { kind: 'unknown' } });
  }
  gone.sort((a, b) => b.offset - a.offset);

  const twins = new Map<string, Twin[]>();
  const add = (head: Fingerprint, twin: Twin): void => {
    if (head.length < HEAD_BYTES) return;
    const others = twins.get(head.hash);
    if (others === undefined) twins.set(head.hash, [twin]);
    else others.push(twin);
  };
  for (const { head, twin } of gone) add(head, twin);
  for (const file of files) add(file.generation.head, { kind: 'live', file, generation: file.generation });
  return twins;
}
