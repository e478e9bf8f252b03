const SECRET = /secret/i;

/** Whether a name says that what belongs to it is a secret: `aws_secret_access_key`. */
export function isSecretName(bytes: Buffer, start: number, end: number): boolean {
  // Short of a letter of the word there is no need for a string.
  return end - start >= 6 && SECRET.test(bytes.toString('latin1', start, end));
}
