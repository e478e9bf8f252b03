import type { Legacy, Sink, Standpoint } from '../core/contracts.ts';
import type { ChangeOverOptions } from './change-over-options.ts';
import { openOutput, succeedReader } from './open-reader.ts';
import { waitFor } from './patience.ts';
import type { Reader } from './reader.ts';
import { isReadOnce, type Sent } from './sent.ts';

/** A reader that reads no more, and what it leaves. */
interface Rewound {
  readonly reader: Reader;
  readonly bequeath: (from: Standpoint) => Promise<Legacy | undefined>;
}

/**
 * Brings to its end what was sent to sinks that leave, and by readers that are gone, and closes these sinks. What is not
 * answered in time is given up: readers that go on read it again. Only what nobody can read again is left to its sink.
 */
export async function bringToEnd(
  leaving: readonly Sink[],
  sent: readonly Sent[],
  options: ChangeOverOptions,
): Promise<void> {
  const { before, readers, stop, clock, atEnd } = options;
  const isGone = ({ reader }: Sent): boolean => readers.get(reader.name)?.into !== reader.into;
  const concerned = sent.filter((one) => isGone(one) || one.sinks.some((sink) => leaving.includes(sink)));
  const sinks = new Set([...leaving, ...concerned.filter(isGone).flatMap((one) => one.sinks)]);
  for (const sink of leaving) sink.sendEagerly?.();
  // What pushes metrics has its last ones to send, too.
  const flushed = Array.from(sinks, (sink) => ({ sink, done: sink.flush(stop) }));
  const last = flushed.flatMap(({ sink, done }) => (leaving.includes(sink) ? [done] : []));
  const close = async (sink: Sink): Promise<void> => {
    await sink.flush(AbortSignal.abort());
    await sink.close();
    before.parts.metrics.get(sink)?.retire();
  };
  const done = leaving.map((sink) => atEnd(() => close(sink)));
  const { workers } = options.setting.shared;
  const refresh = workers && (() => workers.refresh());
  await waitFor(Promise.all([...concerned.map(({ settled }) => settled), ...last]), [...sinks], {
    clock,
    stop,
    refresh,
  });
  if (stop.aborted) {
    for (const { reader } of concerned) reader.abandon();
    await Promise.all(concerned.map(({ reader }) => reader.into.output.idle()));
    return;
  }

  const stuck = concerned.filter(({ isSettled }) => !isSettled);
  const lingering = stuck.filter(({ reader }) => isReadOnce(reader));
  const rewound = await Promise.all(
    stuck.flatMap((one): Promise<Rewound>[] => {
      // Another one may have taken its place meanwhile.
      const reader = readers.get(one.reader.name);
      if (isGone(one)) one.reader.abandon();
      return isGone(one) || lingering.includes(one) || reader === undefined ? [] : [giveUp(reader)];
    }),
  );
  await Promise.all(stuck.filter((one) => !lingering.includes(one)).map(({ reader }) => reader.into.output.idle()));
  for (const [index, sink] of leaving.entries()) {
    const kept = lingering.filter((one) => one.sinks.includes(sink)).map(({ settled }) => settled);
    const ended = Promise.all(kept).then(() => {
      done[index]?.();
      return close(sink);
    });
    if (kept.length === 0) await ended;
  }
  for (const one of rewound) await rewind(one, options);
}

async function giveUp(reader: Reader): Promise<Rewound> {
  const leaving = reader.leave();
  reader.abandon();
  return { reader, bequeath: await leaving };
}

/** Has another reader go on where everything is settled. */
async function rewind({ reader, bequeath }: Rewound, options: ChangeOverOptions): Promise<void> {
  const { setting, readers, start } = options;
  const { ledger } = reader.into;
  const legacy = await bequeath('committed');
  ledger.reopen();
  const into = { ...openOutput(reader.plan, setting), ledger };
  const heir = succeedReader(reader, reader.source, legacy, setting, into);
  reader.into.output.close?.();
  readers.set(heir.name, heir);
  start(heir);
}
