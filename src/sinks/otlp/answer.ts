import type { SendResult } from '../../core/contracts.ts';
import type { HttpAnswer } from '../../delivery/http-answer.ts';
import { quoteText } from '../../delivery/printable.ts';
import { parseRetryAfter } from '../../delivery/retry-after.ts';
import { type BodyEncoding, readPartialSuccess, readStatusMessage } from './response.ts';

/** What an answer means, and what should be said about it besides. */
export interface Verdict {
  readonly result: SendResult;
  /** The peer has taken the request, with a body that cannot be read. */
  readonly isUnreadable: boolean;
  /** The peer asked for a longer wait than it gets. */
  readonly isRetryAfterCapped: boolean;
}

/** What one must know of a request to read its answer. */
export interface AnswerContext {
  /** Where the request went, fit for a message. */
  readonly target: string;
  /** The encoding of the request, which the peer should use too. */
  readonly encoding: BodyEncoding;
  /** Wall-clock milliseconds since 1970. */
  readonly unixMs: number;
}

type Answered = Extract<HttpAnswer, { kind: 'answer' }>;

/**
 * OTLP's "Retryable Response Codes", and two that say that the request did not come whole (408) or came too early (425).
 */
const RETRYABLE_STATUSES = new Set([408, 425, 429, 502, 503, 504]);

/**
 * What an answer means by the rules of OTLP/HTTP ("OTLP/HTTP Response" in its specification). Pure.
 *
 * | answer | result |
 * |---|---|
 * | none | retryable |
 * | a body over the limit | rejected, `response_too_large` |
 * | 2xx | delivered, whatever the body says; less what its partial success names |
 * | 408 425 429 502 503 504 | retryable, after `Retry-After` |
 * | 413 | too large |
 * | 400 | rejected, `bad_data` |
 * | anything else, redirects among it | rejected, `http_<status>` |
 */
export function judgeAnswer(answer: HttpAnswer, context: AnswerContext): Verdict {
  switch (answer.kind) {
    case 'answer':
      return judgeStatus(answer, context);
    case 'response_too_large': {
      const error = new Error(`Cannot deliver to ${context.target}: answered ${answer.status} with too large a body`);
      return verdict({ status: 'rejected', reason: 'response_too_large', error });
    }
    case 'no_answer':
      return verdict({ status: 'retryable', error: answer.error });
    default:
      return answer satisfies never;
  }
}

function judgeStatus(answer: Answered, context: AnswerContext): Verdict {
  const { status, headers } = answer;
  if (status >= 200 && status < 300) return judgeSuccess(answer, context);
  const error = new Error(`Cannot deliver to ${context.target}: answered ${status}${detailOf(answer, context)}`);
  if (RETRYABLE_STATUSES.has(status)) {
    const retryAfter = parseRetryAfter(headers['retry-after'], headers.date, context.unixMs);
    if (retryAfter === undefined) return verdict({ status: 'retryable', error });
    const result: SendResult = { status: 'retryable', error, retryAfterMs: retryAfter.delayMs };
    return { result, isUnreadable: false, isRetryAfterCapped: retryAfter.isCapped };
  }
  if (status === 413) return verdict({ status: 'too_large', error });
  return verdict({ status: 'rejected', reason: status === 400 ? 'bad_data' : `http_${status}`, error });
}

function judgeSuccess(answer: Answered, context: AnswerContext): Verdict {
  const partial = answer.isWhole ? readPartialSuccess(answer.body, encodingOf(answer, context)) : undefined;
  const { rejectedRecords = 0, message = '' } = partial ?? {};
  const result: SendResult = {
    status: 'delivered',
    rejectedRecords,
    ...(message === '' ? {} : { message: quoteText(message) }),
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
  return text === '' ? '' : `, ${quoteText(text)}`;
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
