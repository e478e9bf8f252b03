import { Random } from '../../harness/random.ts';
import { FAULTS, type Fault } from './faults.ts';

/** What can be done to a log while it is written. */
export const WRITER_ACTIONS = [
  'write',
  'write_burst',
  'pause',
  'write_in_parts',
  'rotate',
  'rotate_with_late_lines',
  'rotate_unfinished',
  'rotate_often',
  'copy_and_truncate',
  'delete',
  'compress_rotated',
  'remove_rotated',
] as const;

/** One of `WRITER_ACTIONS`. */
export type WriterAction = (typeof WRITER_ACTIONS)[number];

/** How often an action comes, among all of them. */
const ACTION_CARDS: Record<WriterAction, number> = {
  write: 30,
  write_burst: 3,
  pause: 6,
  write_in_parts: 6,
  rotate: 4,
  rotate_with_late_lines: 2,
  rotate_unfinished: 1,
  rotate_often: 1,
  copy_and_truncate: 2,
  delete: 1,
  compress_rotated: 2,
  remove_rotated: 3,
};

/** How an agent ends; `drained` is a SIGTERM after the application has stopped, as a sidecar gets it. */
export const ENDINGS = ['killed', 'killed_early', 'terminated', 'drained'] as const;

/** One of `ENDINGS`. */
export type Ending = (typeof ENDINGS)[number];

const ENDING_CARDS: Record<Ending, number> = { killed: 2, killed_early: 1, terminated: 1, drained: 1 };

/**
 * A life of the agent: how long until it ends, from when it runs (`killed_early`: from when it is started), and how long
 * nobody is there then.
 */
export interface Life {
  readonly ending: Ending;
  readonly aliveMs: number;
  readonly awayMs: number;
}

/** A time in which the backend takes nothing, from the start of the run. */
export interface Outage {
  readonly atMs: number;
  readonly forMs: number;
  /** `refused`: nobody listens; else what every request meets. */
  readonly kind: 'refused' | Extract<Fault, 'hang' | 'status_503'>;
}

/** What happens in a run; the same seed and time give the same plan. */
export interface Plan {
  readonly seed: number;
  /** How long faults happen at least. */
  readonly forMs: number;
  readonly logs: readonly string[];
  /** Of the writer: dealt one after the other, to a log at random. */
  readonly actions: readonly WriterAction[];
  /** Of the backend: dealt one a request. */
  readonly faults: readonly Fault[];
  readonly outages: readonly Outage[];
  /** Dealt one after the other. */
  readonly lives: readonly Life[];
  readonly agent: AgentPlan;
}

/** What differs in the configuration of the agent, as a user writes it. */
export interface AgentPlan {
  readonly stages: readonly string[];
  readonly pollInterval: string;
  readonly rotateWait: string;
  readonly protocol: string;
  readonly compression: string;
  readonly timeoutMs: number;
  readonly flushInterval: string;
  readonly maxRequestRecords: number;
  readonly maxInFlight: number;
  /** How many threads the logs are spread over. */
  readonly workers: number;
}

/** For each fault, so many requests meet none. */
const QUIET_CARDS = 2;

/** The plan of a seed, for faults that last `forMs`. */
export function planOf(seed: number, forMs: number, workers = 1): Plan {
  const random = new Random(seed);
  const faults = (Object.keys(FAULTS) as Fault[]).filter((fault) => fault !== 'none');
  const quiet = Array.from({ length: QUIET_CARDS * faults.length }, (): Fault => 'none');
  return {
    seed,
    forMs,
    logs: ['a', 'b', 'c', 'd'].slice(0, random.between(2, 4)),
    actions: deckOf(ACTION_CARDS, random),
    faults: random.shuffle([...faults, ...quiet]),
    outages: planOutages(random, forMs),
    lives: planLives(random),
    agent: {
      stages: random.pick([[], ['json']]),
      pollInterval: `${random.pick([20, 50, 250])}ms`,
      rotateWait: `${random.between(200, 1000)}ms`,
      protocol: random.pick(['http/protobuf', 'http/protobuf', 'http/json']),
      compression: random.pick(['none', 'gzip', 'zstd']),
      timeoutMs: 300,
      flushInterval: `${random.between(5, 60)}ms`,
      maxRequestRecords: random.between(40, 300),
      maxInFlight: random.between(1, 4),
      workers,
    },
  };
}

function deckOf<Card extends string>(counts: Readonly<Record<Card, number>>, random: Random): Card[] {
  const cards = Object.entries<number>(counts) as [Card, number][];
  return random.shuffle(cards.flatMap(([card, count]) => Array.from({ length: count }, () => card)));
}

/** One in some four seconds. */
function planOutages(random: Random, forMs: number): Outage[] {
  const outages: Outage[] = [];
  for (let atMs = random.between(500, 2000); atMs < forMs - 1000; atMs += random.between(3000, 5000)) {
    const kind = random.pick(['refused', 'hang', 'status_503'] as const);
    outages.push({ atMs, forMs: random.between(200, 800), kind });
  }
  return outages;
}

function planLives(random: Random): Life[] {
  return Array.from({ length: 10 }, () => deckOf(ENDING_CARDS, random)).flatMap((endings) =>
    endings.map((ending) => ({
      ending,
      aliveMs: ending === 'killed_early' ? random.between(50, 400) : random.between(100, 1000),
      awayMs: random.between(0, 400),
    })),
  );
}
