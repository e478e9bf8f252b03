import { inheritBooks } from '../ledger/inherit-books.ts';
import { readerName } from '../ledger/reader-name.ts';
import type { PlannedReader, PlannedSource } from './plan-readers.ts';

/** What the last life left of a source, by the name of each of its readers. */
export interface Estate {
  /** Their sections of the checkpoint. */
  readonly states: ReadonlyMap<string, unknown>;
  readonly books: ReadonlyMap<string, unknown>;
}

/** What a reader goes on from; undefined: it starts for the first time. */
export interface Inherited {
  readonly state: unknown;
  readonly books: unknown;
}

/**
 * What a reader of `planned` goes on from. Sinks come and go between two lives, so it may have been called otherwise, or
 * not have been there: what it starts from must have everything that one of its sinks still lacks.
 */
export function inherit(reader: PlannedReader, plan: PlannedSource, { states, books }: Estate): Inherited {
  const { definition } = plan.source;
  const [first, ...others] = predecessorsOf(reader, plan, [...new Set([...states.keys(), ...books.keys()])]);
  if (first === undefined) return { state: undefined, books: undefined };
  if (others.length === 0) {
    const ofFirst = books.get(first);
    return { state: states.get(first), books: first === reader.name ? ofFirst : inheritBooks(ofFirst, reader.sinks) };
  }
  const joined = [first, ...others].map((predecessor) => states.get(predecessor));
  // Where it goes on from is where no one of them was, so there are no books of it.
  return { state: definition.joinStates?.(joined), books: undefined };
}

/**
 * Names of the readers, of those that the last life `left`, whose place the reader takes: its own; else those of its
 * sinks. For a sink that is new those of sinks that are no more: it may be one of them by another name. Where there is
 * none of these, all: it starts where the slowest is.
 */
export function predecessorsOf(
  reader: PlannedReader,
  { source: { name: source }, readers }: PlannedSource,
  left: readonly string[],
): readonly string[] {
  if (left.includes(reader.name)) return [reader.name];
  const heirs = readers.flatMap((one) => [one.name, ...one.sinks.map((sink) => readerName(source, sink))]);
  const ofSinks = reader.sinks.map((sink) => readerName(source, sink));
  const orphans = ofSinks.every((name) => left.includes(name)) ? [] : left.filter((name) => !heirs.includes(name));
  const predecessors = left.filter((name) => ofSinks.includes(name) || orphans.includes(name));
  return predecessors.length > 0 ? predecessors : left;
}
