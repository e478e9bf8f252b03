import type { Clock } from '../core/clock.ts';
import { headerValueIn, lineIn, SecretFile, tokenIn } from './secret-file.ts';

/** What a request is sent with so that the peer lets it in. */
export interface Credential {
  /** The headers of the next request. Rejects when there are none, with an error that does not show any. */
  headers(signal: AbortSignal): Promise<Readonly<Record<string, string>>>;
  /** The peer has refused it: what it is made of is looked at anew before the next request. */
  forget(): void;
  /** Texts that must not be shown, now and for some time. */
  readonly secrets: readonly string[];
  /** Releases connections. */
  close?(): void;
}

/** `Authorization: Bearer …` with the token in a file. */
export function bearerToken(path: string, clock: Clock): Credential {
  return fromFile(new SecretFile(path, tokenIn, clock), (token) => ({ authorization: `Bearer ${token}` }));
}

/** `Authorization: Basic …` with the password in a file. */
export function basicAuth(username: string, passwordPath: string, clock: Clock): Credential {
  return fromFile(new SecretFile(passwordPath, lineIn, clock), (password) => ({
    authorization: `Basic ${basicValue(username, password)}`,
  }));
}

/** A header with its value in a file. */
export function headerFromFile(name: string, path: string, clock: Clock): Credential {
  return fromFile(new SecretFile(path, headerValueIn, clock), (value) => ({ [name.toLowerCase()]: value }));
}

/** User and password as RFC 7617 joins them, in UTF-8. */
export function basicValue(username: string, password: string): string {
  return Buffer.from(`${username}:${password}`).toString('base64');
}

function fromFile(file: SecretFile, headersOf: (secret: string) => Record<string, string>): Credential {
  return {
    headers: async () => headersOf(await file.read()),
    forget: () => file.forget(),
    // What is sent can be read back, too.
    get secrets() {
      return file.seen.flatMap((secret) => [secret, ...Object.values(headersOf(secret)).map(withoutScheme)]);
    },
  };
}

function withoutScheme(value: string): string {
  return value.replace(/^(?:Basic|Bearer) /, '');
}
