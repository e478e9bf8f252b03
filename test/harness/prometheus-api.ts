import assert from 'node:assert/strict';
import { until } from './files.ts';

/** One sample of an answer to a query. */
export interface QuerySample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** On a machine with much else to do. */
const WAIT_MS = 60_000;

/** The HTTP API of Prometheus, which others speak, too. */
export class PrometheusApi {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  /** What an expression is now: an instant vector. */
  async query(expression: string): Promise<QuerySample[]> {
    const { data } = await this.#get('query', { query: expression });
    return (data.result as { metric: Record<string, string>; value: [number, string] }[]).map(({ metric, value }) => ({
      labels: metric,
      value: value[1] === '+Inf' ? Number.POSITIVE_INFINITY : Number(value[1]),
    }));
  }

  /** The one value that an expression has; NaN: none. */
  async value(expression: string): Promise<number> {
    const samples = await this.query(expression);
    return samples.length === 1 ? samples[0]!.value : Number.NaN;
  }

  /** Waits until an expression has that one value. */
  async waitForValue(expression: string, value: number): Promise<void> {
    let last = Number.NaN;
    const isThere = async (): Promise<boolean> => (last = await this.value(expression)) === value;
    await until(`${expression} is ${value}`, isThere, WAIT_MS).catch((error: unknown) => {
      throw new Error(`${String(error)}; it is ${last}`);
    });
  }

  /** The answer of an endpoint of its API that starts with `/api/v1/`, such as `metadata`. */
  async api(path: string, parameters: Readonly<Record<string, string>> = {}): Promise<unknown> {
    return (await this.#get(path, parameters)).data;
  }

  async #get(path: string, parameters: Readonly<Record<string, string>>): Promise<{ data: { result: unknown } }> {
    const response = await fetch(`${this.url}/api/v1/${path}?${new URLSearchParams(parameters)}`);
    assert.ok(response.ok, `Prometheus answers ${response.status} to ${path}`);
    return (await response.json()) as { data: { result: unknown } };
  }
}
