import { awsKey } from './aws-key.ts';
import { bearerToken } from './bearer-token.ts';
import { creditCard } from './credit-card.ts';
import type { Detector } from './detector.ts';
import { email } from './email.ts';
import { iban } from './iban.ts';
import { ipAddress } from './ip-address.ts';
import { jwt } from './jwt.ts';
import { privateKey } from './private-key.ts';

/** The detectors by their names in the configuration; at most eight, as `SuspectBlocks` has a bit for each. */
export const DETECTORS = {
  email,
  credit_card: creditCard,
  iban,
  jwt,
  bearer_token: bearerToken,
  aws_key: awsKey,
  private_key: privateKey,
  ip: ipAddress,
} as const satisfies Record<string, Detector>;

/** The name of a detector. */
export type DetectorName = keyof typeof DETECTORS;
