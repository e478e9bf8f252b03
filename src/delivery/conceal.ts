/** Shorter ones are not looked for: they are in any text by chance. */
const MIN_LENGTH = 4;

/** Headers whose values are secrets, by their names. */
const SECRET_HEADER = /auth|key|token|secret|password|cookie|credential/i;

/** `text` without any of the secrets: a peer may repeat what it was sent. */
export function conceal(text: string, secrets: Iterable<string>): string {
  let shown = text;
  // The longest first: one may be a part of another.
  for (const secret of [...secrets].sort((one, other) => other.length - one.length)) {
    if (secret.length >= MIN_LENGTH) shown = shown.replaceAll(secret, '[secret]');
  }
  return shown;
}

/** What is secret in headers that were written out: the values, and what stands behind a scheme such as `Bearer`. */
export function secretsOfHeaders(headers: Readonly<Record<string, string>>): string[] {
  return Object.entries(headers).flatMap(([name, value]) =>
    SECRET_HEADER.test(name) ? [value, ...value.split(' ').slice(1)] : [],
  );
}
