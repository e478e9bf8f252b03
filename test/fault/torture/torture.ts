import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Cleanup } from '../../harness/cleanup.ts';
import { Deck } from '../../harness/random.ts';
import { AgentLife, type EndedLife, writeConfig } from './agent-lives.ts';
import { Journal } from './journal.ts';
import { checkLedger, checkLedgerAtRest, checkSums } from './ledger-check.ts';
import { type Happened, neverHappened } from './never-happened.ts';
import { type LastLines, Oracle } from './oracle.ts';
import { Outages } from './outages.ts';
import type { Ending, Life, Plan, WriterAction } from './plan.ts';
import { TortureBackend } from './torture-backend.ts';
import { Writer } from './writer.ts';
import type { Removal } from './writer-messages.ts';

/** An answer is in the checkpoint half a second later, and some more on a machine that is busy with other things. */
const CHECKPOINT_MS = 500 + 2000;
/** How long everything may take to arrive when the backend takes it. */
const RECOVERY_MS = 30_000;

/** How long the end of an agent waits, faults or not, for what it alone still has. */
const GUARD_MS = 2000;
/** A run in which something planned has not happened yet goes on for so long at most. */
const MAX_OVERTIME_MS = 30_000;

/** What a run came to. */
export interface Report {
  readonly plan: Plan;
  readonly seconds: number;
  readonly written: LastLines;
  /** Lines that were written and did not arrive, as `log/line`. */
  readonly lost: readonly string[];
  /** What else must not have happened, a sentence each. */
  readonly violations: readonly string[];
  readonly oracle: Oracle;
  readonly happened: Happened;
  /** What happened when, for whoever looks for a cause. */
  readonly journal: readonly string[];
}

/** Runs a plan in an empty folder. Rejects only when the run itself cannot go on. */
export async function torture(cleanup: Cleanup, plan: Plan, folder: string): Promise<Report> {
  const oracle = new Oracle(plan.logs, plan.agent.maxInFlight);
  const { faults, agent } = plan;
  const journal = new Journal();
  const backend = await TortureBackend.open(cleanup, {
    oracle,
    faults,
    agentTimeoutMs: agent.timeoutMs,
    onFault: (fault, life) => journal.note(`life ${life} sends: ${fault}`),
  });
  mkdirSync(join(folder, 'logs'));
  writeConfig({ folder, endpoint: backend.endpoint }, agent);
  return new TortureRun({ cleanup, plan, folder, oracle, backend, journal }).run();
}

interface Parts {
  readonly cleanup: Cleanup;
  readonly plan: Plan;
  readonly folder: string;
  readonly oracle: Oracle;
  readonly backend: TortureBackend;
  readonly journal: Journal;
}

class TortureRun {
  readonly #parts: Parts;
  readonly #writer: Writer;
  readonly #outages = new Outages();
  readonly #violations: string[] = [];
  readonly #endings: Partial<Record<Ending, number>> = {};
  readonly #actions: Partial<Record<WriterAction, number>> = {};
  #lives = 0;
  #life: AgentLife | undefined;
  /** Deleted files that the agent must deliver before it may end. */
  #guarded: Removal[] = [];

  constructor(parts: Parts) {
    this.#parts = parts;
    const { cleanup, plan, folder, oracle, journal } = parts;
    this.#writer = new Writer(cleanup, plan, join(folder, 'logs'), {
      mayRemove: (removal) => this.#mayRemove(removal),
      onAction: ({ log, action, file, line, torn, compressedHead }) => {
        journal.note(`${log}: ${action}, now in file ${file} at line ${line}`);
        countOne(this.#actions, action);
        if (torn !== undefined) oracle.addTorn(torn);
        if (compressedHead !== undefined) oracle.addCompressedHead(compressedHead);
        if (action === 'copy_and_truncate') oracle.addCopy(log, file - 1);
      },
    });
  }

  async run(): Promise<Report> {
    const { plan, oracle, backend } = this.#parts;
    await this.#getKnown();
    const outages = this.#outages.run(backend, plan.outages);
    const lives = new Deck(plan.lives);
    while (this.#mustGoOn()) await this.#live(lives.deal());
    await outages;
    const { written, lost } = await this.#recover();
    oracle.conclude(written);
    return {
      plan,
      seconds: this.#parts.journal.elapsedMs / 1000,
      written,
      lost,
      violations: [...this.#violations, ...oracle.violations],
      oracle,
      happened: this.#happened,
      journal: this.#parts.journal.lines,
    };
  }

  /**
   * Has the agent see every log before it is rotated first: at the very first start, rotated files are read only where
   * `include` matches them.
   */
  async #getKnown(): Promise<void> {
    const { oracle, backend } = this.#parts;
    backend.isCalm = true;
    const life = this.#begin();
    await this.#writer.stopped;
    const lastLines = await this.#writer.writeOne();
    await this.#until(() => oracle.missing(lastLines).length === 0);
    await this.#end(life, 'terminated');
    backend.isCalm = false;
    this.#writer.go();
  }

  get #happened(): Happened {
    const { backend, oracle } = this.#parts;
    return { fired: backend.fired, endings: this.#endings, actions: this.#actions, oracle };
  }

  /** Whether it is not over: neither the time, nor what must happen, within bounds. */
  #mustGoOn(): boolean {
    const { plan, journal } = this.#parts;
    if (journal.elapsedMs < plan.forMs) return true;
    return journal.elapsedMs < plan.forMs + MAX_OVERTIME_MS && neverHappened(plan, this.#happened).length > 0;
  }

  async #live({ ending, aliveMs, awayMs }: Life): Promise<void> {
    const life = this.#begin();
    if (ending !== 'killed_early') await life.started();
    await wait(aliveMs);
    if (ending !== 'killed_early') this.#blame(life, checkLedger(await life.ledger()));
    life.willEnd();
    await this.#deliverGuarded();
    const before = ending === 'drained' ? await this.#writer.stop() : undefined;
    const ended = await this.#end(life, ending);
    if (before !== undefined) {
      if (ended.isClean) this.#judgeDrain(life, before);
      this.#writer.go();
    }
    await wait(awayMs);
  }

  /** Once the faults are over everything arrives, and a fresh line too; and what is settled does not come again. */
  async #recover(): Promise<{ readonly written: LastLines; readonly lost: string[] }> {
    const { oracle, backend } = this.#parts;
    backend.isCalm = true;
    const lastLines = await this.#writer.stop();
    const life = this.#begin();
    await this.#until(() => oracle.missing(lastLines).length === 0);
    const lost = oracle.missing(lastLines);
    const written = await this.#writer.writeOne();
    const isFresh = (line: string): boolean => !lost.includes(line);
    if (!(await this.#until(() => !oracle.missing(written).some(isFresh)))) {
      this.#violations.push('no fresh line gets through when the faults are over');
    }
    this.#blame(life, await this.#checkLedgerAtRest(life));
    const { isClean } = await this.#end(life, 'drained');
    if (!isClean) this.#violations.push(`life ${life.number} did not end well, though the backend took everything`);

    const { requests } = backend;
    const after = this.#begin();
    await after.started();
    await this.#end(after, 'drained');
    if (backend.requests > requests) this.#violations.push('a start after the end sends something again');
    return { written, lost };
  }

  #begin(): AgentLife {
    const { cleanup, folder } = this.#parts;
    this.#life = new AgentLife(cleanup, folder, ++this.#lives);
    this.#parts.journal.note(`life ${this.#lives} begins`);
    return this.#life;
  }

  async #end(life: AgentLife, ending: Ending): Promise<EndedLife> {
    const { oracle, folder } = this.#parts;
    const atMs = performance.now();
    this.#parts.journal.note(`life ${life.number} is ${ending}`);
    const ended = await (ending === 'terminated' || ending === 'drained' ? life.terminate() : life.kill());
    writeFileSync(join(folder, `life-${life.number}.log`), life.log);
    const checkpoint = join(folder, 'state/checkpoint');
    if (existsSync(checkpoint)) copyFileSync(checkpoint, join(folder, `life-${life.number}.checkpoint`));
    const { isClean, failure } = ended;
    this.#parts.journal.note(`life ${life.number} ended${isClean ? ' well' : ''}`);
    countOne(this.#endings, ending);
    const committedMs = this.#outages.before(atMs, CHECKPOINT_MS);
    oracle.endLife(life.number, { isClean, atMs, committedMs, resentRecords: ended.summary?.resentRecords });
    const failures = [...(failure === undefined ? [] : [failure]), ...checkSums(ended, oracle.recordsOf(life.number))];
    this.#blame(life, failures);
    return ended;
  }

  /** The last answer may still be on its way to the agent. */
  async #checkLedgerAtRest(life: AgentLife): Promise<string[]> {
    const endMs = performance.now() + RECOVERY_MS;
    for (;;) {
      const wrong = checkLedgerAtRest(await life.ledger());
      if (wrong.length === 0 || performance.now() > endMs) return wrong;
      await wait(50);
    }
  }

  #blame(life: AgentLife, sentences: readonly string[]): void {
    this.#violations.push(...sentences.map((sentence) => `life ${life.number}: ${sentence}`));
  }

  #judgeDrain(life: AgentLife, lastLines: LastLines): void {
    const [first, ...others] = this.#parts.oracle.missing(lastLines);
    if (first === undefined) return;
    this.#violations.push(`life ${life.number} drained, and left ${first} and ${others.length} other lines`);
  }

  /** Whether what the writer takes away will not be missed. */
  #mayRemove(removal: Removal): boolean {
    if (this.#parts.oracle.hasAll(removal.log, removal.lastLine)) return true;
    if (removal.needs === 'delivered' || !this.#life?.hasOpen(removal.inode)) return false;
    this.#guarded.push(removal);
    return true;
  }

  /** Before the agent may end: has it deliver what it alone still has, in peace if need be. */
  async #deliverGuarded(): Promise<void> {
    const { backend } = this.#parts;
    if (await this.#until(() => this.#isUnguarded(), GUARD_MS)) return;
    backend.isCalm = true;
    if (!(await this.#until(() => this.#isUnguarded()))) this.#violations.push('what was deleted is not delivered');
    backend.isCalm = false;
  }

  #isUnguarded(): boolean {
    this.#guarded = this.#guarded.filter(({ log, lastLine }) => !this.#parts.oracle.hasAll(log, lastLine));
    return this.#guarded.length === 0;
  }

  /** Waits for a condition; false: it does not come true in time. */
  async #until(condition: () => boolean, timeoutMs = RECOVERY_MS): Promise<boolean> {
    const endMs = performance.now() + timeoutMs;
    while (!condition()) {
      if (performance.now() > endMs) return false;
      await wait(5);
    }
    return true;
  }
}

function countOne<Key extends string>(counts: Partial<Record<Key, number>>, key: Key): void {
  counts[key] = (counts[key] ?? 0) + 1;
}
