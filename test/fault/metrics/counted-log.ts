import { appendFileSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../../harness/random.ts';

const CODES = [200, 200, 200, 201, 301, 404, 500, 503];
const METHODS = ['GET', 'GET', 'POST', 'PUT'];

/** The bounds of the histogram that counts these lines. */
export const BOUNDS = [10, 50, 250, 1000];

/** A log whose lines are counted as they are written: what an agent must show of it is known at any moment. */
export class CountedLog {
  /** How many lines were written. */
  lines = 0;
  /** By name and labels, as OpenMetrics writes them: what an agent shows that has counted everything. */
  readonly truth = new Map<string, number>();
  readonly #folder: string;
  readonly #random: Random;
  #rotations = 0;

  constructor(folder: string, random: Random) {
    this.#folder = join(folder, 'logs');
    this.#random = random;
    mkdirSync(this.#folder, { recursive: true });
  }

  /** The file that is written to. */
  get path(): string {
    return join(this.#folder, 'app.log');
  }

  /** Writes so many lines at once. What is written counts in `truth` before an agent can see it. */
  write(count: number): void {
    let text = '';
    for (let i = 0; i < count; i++) text += this.#line();
    appendFileSync(this.path, text);
  }

  /** Renames the file away; nothing is ever removed. */
  rotate(): void {
    this.#rotations++;
    renameSync(this.path, join(this.#folder, `app.log.${this.#rotations}`));
  }

  #line(): string {
    this.lines++;
    const [code, method] = [this.#random.pick(CODES), this.#random.pick(METHODS)];
    const [ms, bytes] = [this.#random.between(0, 1500), this.#random.between(0, 100_000)];
    this.#add(`lines_total{code="${code}",method="${method}"}`, 1);
    this.#add(`bytes_total{code="${code}"}`, bytes);
    for (const bound of [...BOUNDS, Number.POSITIVE_INFINITY]) {
      const le = bound === Number.POSITIVE_INFINITY ? '+Inf' : bound.toFixed(1);
      this.#add(`took_bucket{le="${le}",method="${method}"}`, ms <= bound ? 1 : 0);
    }
    this.#add(`took_count{method="${method}"}`, 1);
    this.#add(`took_sum{method="${method}"}`, ms);
    return `{"n":${this.lines},"code":${code},"method":"${method}","ms":${ms},"bytes":${bytes}}\n`;
  }

  #add(series: string, value: number): void {
    this.truth.set(series, (this.truth.get(series) ?? 0) + value);
  }
}

/** The stages that count these lines. */
export const COUNTING_STAGES = [
  'json',
  { counter: { name: 'lines', labels: ['method', 'code'] } },
  { counter: { name: 'bytes', value: 'bytes', labels: { code: 'attributes.code' } } },
  { histogram: { name: 'took', value: 'ms', labels: ['method'], bounds: BOUNDS } },
];
