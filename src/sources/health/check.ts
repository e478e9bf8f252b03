/** What a check found. A reason is a word for metrics, of a list that is bounded; a message is fit for a log. */
export type CheckResult =
  | { readonly passed: true }
  | { readonly passed: false; readonly reason: string; readonly message: string };

/** The words for how an application is looked at. */
export type CheckKind = 'http' | 'tcp' | 'file';

/** Looks at an application once. */
export interface Check {
  readonly kind: CheckKind;
  /** Never rejects. Gives up, with any result, when `signal` aborts. */
  run(signal: AbortSignal): Promise<CheckResult>;
  /** Gives back what it holds. */
  close?(): void;
}

/** A check that failed. */
export function failed(reason: string, message: string): CheckResult {
  return { passed: false, reason, message };
}

/** A check that passed. */
export const PASSED: CheckResult = { passed: true };
