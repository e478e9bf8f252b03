import type { SendResult } from '../../core/contracts.ts';
import { quoteText } from '../../core/printable.ts';
import type { HttpAnswer } from '../../delivery/http-answer.ts';
import { parseRetryAfter } from '../../delivery/retry-after.ts';
import { cureOfFailure, cureOfStatus } from './refused.ts';
import { type BodyEncoding, readPartialSuccess, readStatusMessage } from './response.ts';

/** What an answer means, and what should be said about it besides. */
export interface Verdict {
  readonly result: SendResult;
  /** The peer has taken the request, with a body that cannot be read. */
  readonly isUnreadable: boolean;
  /** The peer asked for a longer wait than it gets. */
  readonly isRetryAfterCapped: boolean;
}

/** What to do when the destination is at fault. `drop`: the letter of OTLP, by which such requests are given up. */
export const ON_REFUSED = ['hold', 'drop'] as const;

/** What one must know of a request to read its answer. */
export interface AnswerContext {
  /** Where the request went, fit for a message. */
  readonly target: string;
  /** The encoding of the request, which the peer should use too. */
  readonly encoding: BodyEncoding;
  readonly onRefused: (typeof ON_REFUSED)[number];
  /** Takes out of a text what nobody may see of what was sent. */
  readonly conceal: (text: string) => string;
  /** Wall-clock milliseconds since 1970. */
  readonly unixMs: number;
}

type Answered = Extract<HttpAnswer, { kind: 'answer' }>;
type NoAnswer = Extract<HttpAnswer, { kind: 'no_answer' }>;

/**
 * OTLP's "Retryable Response Codes", and two that say that the request did not come whole (408) or came too early (425).
 */
const RETRYABLE_STATUSES = new Set([408, 425, 429, 502, 503, 504]);

/** The request could not be read, or what is in it cannot be taken. */
const BAD_DATA_STATUSES = new Set([400, 422]);

/**
 * What an answer means by the rules of OTLP/HTTP ("OTLP/HTTP Response" in its specification), with the exceptions that
 * `docs/guarantees.md` gives reasons for. Pure.
 *
 * | answer | result |
 * |---|---|
 * | 2xx | delivered, whatever the body says; less what its partial success names |
 * | none | retryable; refused, when there is no address, no TLS or no token |
 * | 408 425 429 502 503 504 | retryable, after `Retry-After` |
 * | 500 520–530 | retryable, after `Retry-After`; poison suspected when it lasts |
 * | 3xx 401 403 404 405 407 415 421 426 | refused; with `on_refused: drop` rejected, `http_<status>` |
 * | 413 | too large |
 * | 400 422 | bad data |
 * | anything else | rejected, `http_<status>` |
 * | a body over the limit | rejected, `response_too_large`, unless the status is refused |
 */
export function judgeAnswer(answer: HttpAnswer, context: AnswerContext): Verdict {
  switch (answer.kind) {
    case 'answer':
      return judgeStatus(answer, context);
    case 'response_too_large': {
      const error = new Error(`Cannot deliver to ${context.target}: answered ${answer.status} with too large a body`);
      const refused = refusedResult(answer.status, error, context);
      return verdict(refused ?? { status: 'rejected', reason: 'response_too_large', error });
    }
    case 'no_answer':
      return verdict(judgeFailure(answer));
    default:
      return answer satisfies never;
  }
}

function judgeFailure({ error }: NoAnswer): SendResult {
  const { failure, mayHaveArrived } = error;
  const cure = cureOfFailure(failure);
  if (cure !== undefined) return { status: 'refused', reason: failure, error, cure, mayHaveArrived };
  if (failure === 'stale') return { status: 'retryable', error, mayHaveArrived, hint: 'stale' };
  if (failure === 'timeout') return { status: 'retryable', error, mayHaveArrived, hint: 'slow' };
  return { status: 'retryable', error, mayHaveArrived };
}

function judgeStatus(answer: Answered, context: AnswerContext): Verdict {
  const { status, headers } = answer;
  if (status >= 200 && status < 300) return judgeSuccess(answer, context);
  const error = new Error(`Cannot deliver to ${context.target}: answered ${status}${detailOf(answer, context)}`);
  if (RETRYABLE_STATUSES.has(status) || isServerError(status)) {
    const retryAfter = parseRetryAfter(headers['retry-after'], headers.date, context.unixMs);
    // An answer that asks for another try does not prove that nothing was taken.
    const result: SendResult = {
      status: 'retryable',
      error,
      mayHaveArrived: true,
      ...(retryAfter === undefined ? {} : { retryAfterMs: retryAfter.delayMs }),
      ...(isServerError(status) ? { poisonReason: `http_${status}` } : {}),
    };
    return { result, isUnreadable: false, isRetryAfterCapped: retryAfter?.isCapped === true };
  }
  const refused = refusedResult(status, error, context);
  if (refused !== undefined) return verdict(refused);
  if (status === 413) return verdict({ status: 'too_large', error });
  if (BAD_DATA_STATUSES.has(status)) return verdict({ status: 'bad_data', error });
  return verdict({ status: 'rejected', reason: `http_${status}`, error });
}

/** 500, and those that proxies made up for "something went wrong behind me". */
function isServerError(status: number): boolean {
  return status === 500 || (status >= 520 && status <= 530);
}

/** The result when the status blames the destination. */
function refusedResult(status: number, error: Error, { onRefused }: AnswerContext): SendResult | undefined {
  const cure = cureOfStatus(status);
  if (cure === undefined) return undefined;
  const reason = `http_${status}`;
  if (onRefused === 'drop') return { status: 'rejected', reason, error };
  return { status: 'refused', reason, error, cure, mayHaveArrived: false };
}

function judgeSuccess(answer: Answered, context: AnswerContext): Verdict {
  const partial = answer.isWhole ? readPartialSuccess(answer.body, encodingOf(answer, context)) : undefined;
  const { rejectedRecords = 0, message = '' } = partial ?? {};
  const result: SendResult = {
    status: 'delivered',
    rejectedRecords,
    ...(message === '' ? {} : { message: quoteText(context.conceal(message)) }),
  };
  return { result, isUnreadable: partial === undefined, isRetryAfterCapped: false };
}

function verdict(result: SendResult): Verdict {
  return { result, isUnreadable: false, isRetryAfterCapped: false };
}

/** What the peer says of the reason, with the comma before it. */
function detailOf(answer: Answered, context: AnswerContext): string {
  const { status, headers, body } = answer;
  if (status >= 300 && status < 400) {
    const origin = URL.parse(headers.location ?? '')?.origin;
    return origin === undefined ? ', a redirect' : `, a redirect to ${quoteText(origin)}, which is not followed`;
  }
  const message =
    mediaType(answer) === 'text/plain' ? body.toString() : readStatusMessage(body, encodingOf(answer, context));
  const text = message?.trim() ?? '';
  return text === '' ? '' : `, ${quoteText(context.conceal(text))}`;
}

function encodingOf(answer: Answered, context: AnswerContext): BodyEncoding {
  switch (mediaType(answer)) {
    case 'application/json':
      return 'json';
    case 'application/x-protobuf':
      return 'protobuf';
    default:
      return context.encoding;
  }
}

function mediaType(answer: Answered): string {
  return (answer.headers['content-type'] ?? '').split(';', 1).join().trim().toLowerCase();
}
