import type { WriteVersion } from '../../codec/remote-write/write-body.ts';
import type { SendResult } from '../../core/contracts.ts';
import { quoteText } from '../../core/printable.ts';
import type { HttpAnswer } from '../../delivery/http-answer.ts';
import { parseRetryAfter } from '../../delivery/retry-after.ts';

/** What one must know of a request to read its answer. */
export interface WriteContext {
  /** Where the request went, fit for a message. */
  readonly target: string;
  /** The version of the message that was sent. */
  readonly version: WriteVersion;
  /** Whether the other version may be tried. */
  readonly mayFallBack: boolean;
  /** Takes out of a text what nobody may see of what was sent. */
  readonly conceal: (text: string) => string;
  /** Wall-clock milliseconds since 1970. */
  readonly unixMs: number;
}

/** By these headers a receiver of version 2.0 says how much of each it has taken. */
const WRITTEN = [
  'x-prometheus-remote-write-samples-written',
  'x-prometheus-remote-write-histograms-written',
  'x-prometheus-remote-write-exemplars-written',
];

/**
 * What an answer means by the rules of remote write 1.0 and 2.0. Pure.
 *
 * | answer | result |
 * |---|---|
 * | 2xx | delivered; version 2.0 without any header of what was written: a receiver of 1.0, so `other_form` |
 * | 415 to version 2.0 | `other_form` |
 * | 5xx, 429 | retryable, after `Retry-After` |
 * | none | retryable |
 * | anything else | rejected, `http_<status>`: the specification forbids to send it again |
 */
export function judgeWriteAnswer(answer: HttpAnswer, context: WriteContext): SendResult {
  const { target, version, mayFallBack, unixMs } = context;
  if (answer.kind === 'no_answer') return { status: 'retryable', error: answer.error, ...hintOf(answer.error) };
  const { status } = answer;
  const error = new Error(`Cannot deliver to ${target}: answered ${status}${detailOf(answer, context)}`);
  if (answer.kind === 'response_too_large') {
    if (status >= 200 && status < 300) return { status: 'delivered', rejectedRecords: 0 };
    return isRetryable(status)
      ? { status: 'retryable', error, mayHaveArrived: true }
      : { status: 'rejected', error, reason: `http_${status}` };
  }
  const { headers } = answer;
  if (status >= 200 && status < 300) {
    const isUnderstood = version === 'v1' || WRITTEN.some((name) => headers[name] !== undefined);
    if (isUnderstood || !mayFallBack) return { status: 'delivered', rejectedRecords: 0 };
    const silent = new Error(`${target} did not say what it has written of a message of version 2.0`);
    return { status: 'other_form', error: silent };
  }
  if (status === 415 && version === 'v2' && mayFallBack) return { status: 'other_form', error };
  if (!isRetryable(status)) return { status: 'rejected', error, reason: `http_${status}` };
  const retryAfter = parseRetryAfter(headers['retry-after'], headers.date, unixMs);
  const wait = retryAfter === undefined ? {} : { retryAfterMs: retryAfter.delayMs };
  return { status: 'retryable', error, mayHaveArrived: true, ...wait };
}

function isRetryable(status: number): boolean {
  return status === 429 || (status >= 500 && status < 600);
}

function hintOf({ failure, mayHaveArrived }: Extract<HttpAnswer, { kind: 'no_answer' }>['error']) {
  if (failure === 'stale') return { mayHaveArrived, hint: 'stale' as const };
  if (failure === 'timeout') return { mayHaveArrived, hint: 'slow' as const };
  return { mayHaveArrived };
}

/** The receiver's own words, as they are but for secrets. */
function detailOf(answer: HttpAnswer, { conceal }: WriteContext): string {
  const text = answer.kind === 'answer' ? answer.body.toString().trim() : 'with too large a body';
  return text === '' ? '' : `, ${quoteText(conceal(text))}`;
}
