/** Why records were removed on purpose. `empty_line` is the source's, the others are of stages. */
export type DropReason = 'filter' | 'sample' | 'rate_limit' | 'route' | 'dedupe' | 'empty_line' | 'on_error';

/** Why bytes were passed over on purpose. */
export type SkipReason =
  | 'start_at_end'
  | 'too_old'
  | 'already_delivered'
  | 'oversize_rest'
  | 'nul_fill'
  | 'bom'
  | 'excluded';

/** Why bytes that were there cannot be read any more. */
export type GoneReason = 'truncated' | 'deleted' | 'corrupt' | 'handle_limit' | 'space_policy' | 'queue_full';

/** Amounts by reason; a reason that is missing stands for 0. */
export type Amounts = Record<string, number>;

/** Adds an amount; 0 leaves no trace. */
export function addAmount(amounts: Amounts, reason: string, amount: number): void {
  if (amount !== 0) amounts[reason] = (amounts[reason] ?? 0) + amount;
}

/** Adds all amounts of `from`. */
export function addAmounts(amounts: Amounts, from: Amounts): void {
  for (const reason in from) addAmount(amounts, reason, from[reason]!);
}

/** The sum over all reasons. */
export function sumOf(amounts: Amounts): number {
  let sum = 0;
  for (const reason in amounts) sum += amounts[reason]!;
  return sum;
}

/** Amounts out of a checkpoint: what is no count is left out. */
export function parseAmounts(value: unknown): Amounts {
  const amounts: Amounts = {};
  for (const [reason, amount] of Object.entries(value ?? {})) if (isCount(amount)) amounts[reason] = amount;
  return amounts;
}

/** A count out of a checkpoint; 0 for what is none. */
export function parseCount(value: unknown): number {
  return isCount(value) ? value : 0;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
