import type { Legacy, Sink, Standpoint } from '../core/contracts.ts';
import { sourceOfReader } from '../ledger/reader-name.ts';
import { bringToEnd } from './bring-to-end.ts';
import type { ChangeOverOptions } from './change-over-options.ts';
import { estateOf, forgetReader, openReader, openReaders, ownPathsOf, succeedReader } from './open-reader.ts';
import { type PlannedSource, routesOf } from './plan-readers.ts';
import type { Reader } from './reader.ts';
import { isReadOnce, type Sent, sinksOf, watchSent } from './sent.ts';

/** A reader that is no more, and what it leaves. */
interface Gone {
  readonly reader: Reader;
  readonly bequeath: (from: Standpoint) => Promise<Legacy | undefined>;
}

/**
 * Brings a running agent from one configuration to another; resolves when what was under way before is at its end.
 * Rejects for a bug only.
 *
 * At once, between two batches, all that is read from then on takes its new ways; a sink that takes the place of another
 * one gets nothing before that one has brought what it has to its end. One that does not get its records through is not
 * waited for: they are given up, and read again.
 */
export async function changeOver(options: ChangeOverOptions): Promise<void> {
  const { before, setting, readers, stop } = options;
  const { parts, shared } = setting;
  const kept = new Set(parts.sinks.values());
  const leaving = [...before.parts.sinks.values()].filter((sink) => !kept.has(sink));
  const sent = takeNewWays(leaving, options);
  const changed = changedReaders(options);
  const leavers = takeOut(options);
  openNew(options);
  await Promise.all(changed.map(([reader, source]) => replace(reader, source, options)));
  const gone = await Promise.all(leavers.map(async (reader) => ({ reader, bequeath: await reader.leave() })));
  // What they have sent until they ended takes the ways that they had.
  for (const { reader } of gone) {
    const { pipelines } = reader.into.output;
    reader.into.output.hurry();
    sent.push(watchSent(reader, reader.use(reader.plan, pipelines, { afterOthers: false }), pipelines));
  }
  closeStages(sent, options);
  await bringToEnd(leaving, sent, options);
  if (stop.aborted) return;
  const ended = new Set(gone);
  for (const source of parts.planned) {
    for (const one of await openHeirs(source, gone, options)) ended.delete(one);
  }
  for (const { reader, bequeath } of ended) {
    (await bequeath('committed'))?.close();
    reader.retire();
    reader.into.output.close?.();
    shared.ledger.retire(reader.name);
  }
  // Forgets the routes of which nothing is under way any more.
  for (const { plan, into } of readers.values()) into.ledger.useRoutes(routesOf(plan));
}

/** Has what is read from now on take the new ways. Gives what the readers that go on have sent on old ones. */
function takeNewWays(leaving: readonly Sink[], { setting, readers }: ChangeOverOptions): Sent[] {
  const { parts } = setting;
  const sent: Sent[] = [];
  for (const plan of parts.planned.flatMap((source) => source.readers)) {
    const reader = readers.get(plan.name);
    if (reader === undefined) continue;
    const ways = parts.pipelinesOf(plan);
    const before = reader.into.output.pipelines;
    if (!isSameList(ways, before)) {
      const isLeft = sinksOf(before).some((sink) => leaving.includes(sink));
      // What cannot be read again waits for nobody: the old sink keeps it until it is delivered.
      const settling = reader.use(plan, ways, { afterOthers: isLeft && !isReadOnce(reader) });
      sent.push(watchSent(reader, settling, before));
    }
    reader.showMetrics(parts.sinks);
  }
  return sent;
}

/** The readers that stay, with their sources, where these are not the same any more. */
function changedReaders({ before, setting, readers }: ChangeOverOptions): [Reader, PlannedSource][] {
  const { parts } = setting;
  const isAll = !isSameList(ownPathsOf(parts.config), ownPathsOf(before.parts.config));
  const sources = parts.planned.filter(({ source }) => isAll || before.diff.sources.changed.includes(source.name));
  return sources.flatMap((source) =>
    source.readers.flatMap(({ name }): [Reader, PlannedSource][] => {
      const reader = readers.get(name);
      return reader === undefined || isReadOnce(reader) ? [] : [[reader, source]];
    }),
  );
}

/** Takes out the readers that are no more. */
function takeOut({ setting, readers }: ChangeOverOptions): Reader[] {
  const names = new Set(setting.parts.planned.flatMap((source) => source.readers.map(({ name }) => name)));
  const leavers = [...readers.values()].filter(({ name }) => !names.has(name));
  for (const { name } of leavers) readers.delete(name);
  return leavers;
}

/** Opens the sources that are new. */
function openNew(options: ChangeOverOptions): void {
  const { before, setting } = options;
  const known = new Set(before.parts.planned.map(({ source }) => source.name));
  for (const planned of setting.parts.planned) {
    if (known.has(planned.source.name)) continue;
    for (const reader of openReaders(planned, setting)) takeIn(reader, options);
  }
}

/** Puts another reader in the place of one: it goes on where that one reads, into the same output. */
async function replace(reader: Reader, source: PlannedSource, options: ChangeOverOptions): Promise<void> {
  const bequeath = await reader.leave();
  takeIn(succeedReader(reader, source, await bequeath('read'), options.setting), options);
}

/** Has the readers of a source that are new go on from those that are gone; gives these. */
async function openHeirs(source: PlannedSource, gone: readonly Gone[], options: ChangeOverOptions): Promise<Gone[]> {
  const { setting, readers } = options;
  const heirs = source.readers.filter((plan) => !readers.has(plan.name));
  if (heirs.length === 0) return [];
  const { name } = source.source;
  const left = gone.filter(({ reader }) => sourceOfReader(reader.name) === name);
  let legacy: Legacy | undefined;
  for (const { bequeath } of left) {
    const one = await bequeath('committed');
    if (legacy === undefined || one === undefined) legacy ??= one;
    else legacy.join(one);
  }
  const estate = estateOf(name, setting.shared);
  const legacies = heirs.map((_, index) => (index === heirs.length - 1 ? legacy : legacy?.copy()));
  for (const [index, plan] of heirs.entries()) {
    takeIn(openReader(source, plan, estate, legacies[index], setting), options);
  }
  for (const { reader } of left) {
    reader.retire();
    reader.into.output.close?.();
    forgetReader(reader.name, setting.shared);
  }
  return left;
}

function takeIn(reader: Reader, { readers, start }: ChangeOverOptions): void {
  readers.set(reader.name, reader);
  start(reader);
}

/** Closes stages that nobody needs, once everything has passed them; at the end of the agent at the latest. */
function closeStages(sent: readonly Sent[], { before, setting, atEnd }: ChangeOverOptions): void {
  const stay = [...setting.parts.pipelines.values()];
  const unneeded = [...before.parts.pipelines.values()].filter((old) => !stay.some((other) => other.hasStagesOf(old)));
  if (unneeded.length === 0) return;
  const close = async (): Promise<void> => {
    for (const pipeline of unneeded) await pipeline.close();
  };
  const done = atEnd(close);
  void Promise.all(sent.map(({ settled }) => settled)).then(() => {
    done();
    return close();
  });
}

function isSameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}
