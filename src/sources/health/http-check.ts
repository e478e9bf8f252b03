import type { HttpAnswer } from '../../delivery/http-answer.ts';
import type { HttpClient } from '../../delivery/http-client.ts';
import { type Check, type CheckResult, failed, PASSED } from './check.ts';

/** Statuses from one to another, both included. */
export interface StatusRange {
  readonly from: number;
  readonly to: number;
}

/** An answer is not read beyond that. Of a longer one the status counts, where nothing is looked for in it. */
const MAX_BODY_BYTES = 1024 * 1024;

/** Asks for a page, over a connection of its own, and looks at the status and perhaps at the text. Follows no redirect. */
export class HttpCheck implements Check {
  readonly kind = 'http';
  readonly #client: HttpClient;
  readonly #statuses: readonly StatusRange[];
  /** What must be in the body. */
  readonly #text: Buffer | undefined;

  constructor(client: HttpClient, statuses: readonly StatusRange[], text: string | undefined) {
    this.#client = client;
    this.#statuses = statuses;
    this.#text = text === undefined ? undefined : Buffer.from(text);
  }

  async run(signal: AbortSignal): Promise<CheckResult> {
    const answer = await this.#client.send({ method: 'GET', maxResponseBytes: MAX_BODY_BYTES }, signal);
    if (answer.kind === 'no_answer') return failed(answer.error.failure, answer.error.message);
    const { status } = answer;
    if (!this.#statuses.some(({ from, to }) => status >= from && status <= to))
      return failed(`http_${status}`, `Answer has status ${status}`);
    return this.#text === undefined ? PASSED : this.#look(answer, this.#text);
  }

  close(): void {
    this.#client.close();
  }

  #look(answer: Exclude<HttpAnswer, { kind: 'no_answer' }>, text: Buffer): CheckResult {
    if (answer.kind === 'response_too_large')
      return failed('too_large', `Answer is larger than ${MAX_BODY_BYTES} bytes`);
    if (!answer.isWhole) return failed('cut', 'Answer was cut off, or cannot be decompressed');
    return answer.body.includes(text) ? PASSED : failed('body', 'Answer does not hold the text that it should');
  }
}
