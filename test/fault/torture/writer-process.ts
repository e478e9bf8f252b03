/**
 * The writer of a torture run, a process of its own:
 *
 *     fork('writer-process.ts', [folder, seed, forMs])
 *
 * It makes the logs of the plan of that seed in the folder, waits for `go` (see `writer-messages.ts`), and writes them
 * until its parent disconnects.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { Deck, Random } from '../../harness/random.ts';
import { planOf, type WriterAction } from './plan.ts';
import type { FromWriter, Removal, ToWriter } from './writer-messages.ts';
import { type LineRange, type WrittenFile, WrittenLog } from './written-log.ts';

/** Between two actions, in milliseconds. */
const MAX_REST_MS = 12;
/** How long a pause, or an unfinished line, takes at most. */
const MAX_PAUSE_MS = 300;
/** How long nothing is written until lines may be taken away, at most, and how often that is asked. */
const MAX_QUIET_MS = 1500;
const QUIET_LOOK_MS = 20;
/** So many rotated files are kept. */
const KEPT_FILES = 3;

const [folder = '', seed = '', forMs = ''] = process.argv.slice(2);
const plan = planOf(Number(seed), Number(forMs));
const random = new Random(plan.seed);
const actions = new Deck(plan.actions);
const logs = plan.logs.map((name) => new WrittenLog(folder, name));
let mayGo = Promise.withResolvers<void>();
let onAllowed: (isAllowed: boolean) => void = () => undefined;
let isStopping = true;
let compressedHead: LineRange | undefined;

/**
 * What an action needs, so that what is lost is the agent's fault: a copy or a compressed file still holds the lines,
 * but this agent does not look for them there.
 */
const NEEDS = {
  copy_and_truncate: 'delivered',
  delete: 'open',
  compress_rotated: 'open',
  remove_rotated: 'open',
} as const satisfies Partial<Record<WriterAction, Removal['needs']>>;

/** Does one thing to a log. Resolves with whether it came to that. */
const DO: Record<WriterAction, (log: WrittenLog) => Promise<boolean> | boolean> = {
  write: (log) => {
    log.write(random.between(1, 40));
    return true;
  },
  write_burst: (log) => {
    log.write(random.between(500, 2000));
    return true;
  },
  pause: async () => {
    await wait(random.between(10, MAX_PAUSE_MS));
    return true;
  },
  write_in_parts: async (log) => {
    log.begin(random.between(0, 100) / 100);
    await wait(random.between(1, MAX_PAUSE_MS));
    log.finish();
    return true;
  },
  rotate: (log) => {
    log.rotate();
    return true;
  },
  rotate_with_late_lines: (log) => {
    log.rotate(random.between(1, 20));
    return true;
  },
  rotate_unfinished: (log) => {
    log.begin(random.between(1, 99) / 100);
    log.rotate();
    return true;
  },
  rotate_often: (log) => {
    for (let count = 0; count < 3; count++) {
      log.write(random.between(1, 5));
      log.rotate();
    }
    return true;
  },
  copy_and_truncate: async (log) => {
    if (!(await mayDo('copy_and_truncate', log, log.current))) return false;
    log.copyAndTruncate();
    return true;
  },
  delete: async (log) => {
    if (!(await mayDo('delete', log, log.current))) return false;
    log.delete();
    return true;
  },
  compress_rotated: async (log) => {
    if (!(await mayDo('compress_rotated', log, log.oldestPlain))) return false;
    compressedHead = log.compressOldest();
    return true;
  },
  remove_rotated: async (log) => {
    if (log.rotatedFiles <= KEPT_FILES || !(await mayDo('remove_rotated', log, log.oldest))) return false;
    log.removeOldest();
    return true;
  },
};

/** Asks for what an action needs; nothing is written meanwhile, so that what waits to be delivered can be. */
async function mayDo(action: keyof typeof NEEDS, log: WrittenLog, file: WrittenFile | undefined): Promise<boolean> {
  if (file === undefined) return false;
  const needs = NEEDS[action];
  for (let quietMs = 0; quietMs <= MAX_QUIET_MS && !isStopping; quietMs += QUIET_LOOK_MS) {
    if (quietMs > 0) await wait(QUIET_LOOK_MS);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    onAllowed = resolve;
    tell({ kind: 'ask', removal: { log: log.name, ...file, needs } });
    if (await promise) return true;
  }
  return false;
}

function tell(message: FromWriter): void {
  process.send?.(message);
}

function tellStopped(): void {
  tell({ kind: 'stopped', lastLines: Object.fromEntries(logs.map((log) => [log.name, log.lastLine])) });
}

process.on('message', (message: ToWriter) => {
  switch (message.kind) {
    case 'stop':
      isStopping = true;
      break;
    case 'go':
      isStopping = false;
      mayGo.resolve();
      mayGo = Promise.withResolvers();
      break;
    case 'write_one':
      for (const log of logs) log.write(1);
      tellStopped();
      break;
    case 'allow':
      onAllowed(message.isAllowed);
      break;
    default:
      message satisfies never;
  }
});
process.on('disconnect', () => process.exit());

for (;;) {
  if (isStopping) {
    const going = mayGo.promise;
    tellStopped();
    await going;
  }
  const action = actions.deal();
  const log = random.pick(logs);
  if (await DO[action](log)) {
    const { name, file, lastLine } = log;
    tell({ kind: 'did', log: name, action, file, line: lastLine, torn: log.takeTorn(), compressedHead });
    compressedHead = undefined;
  }
  await wait(random.between(0, MAX_REST_MS));
}
