import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

/** PEM files that a TLS connection is made with. */
export interface TlsFiles {
  /** The authorities to trust, in place of the well-known ones. */
  readonly caFile?: string | undefined;
  /** The client's certificate chain. */
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

/** What is in the files, as the options of a TLS connection have it. */
export interface TlsCredentials {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

const CREDENTIAL = { caFile: 'ca', certFile: 'cert', keyFile: 'key' } as const;
const FILES = ['caFile', 'certFile', 'keyFile'] as const;

/**
 * Reads the files. Rejects with the file system's error, or with OpenSSL's when a connection cannot be made with them:
 * they may be read in the moment in which one of the pair is replaced and the other is not.
 */
export async function readTlsFiles(files: TlsFiles): Promise<TlsCredentials> {
  const credentials: { -readonly [Name in keyof TlsCredentials]: string } = {};
  for (const file of FILES) {
    const path = files[file];
    if (path !== undefined) credentials[CREDENTIAL[file]] = await readFile(path, 'utf8');
  }
  process.getBuiltinModule('node:tls').createSecureContext(credentials);
  return credentials;
}

/** What is wrong with one of the files; `error` says no more than the system and OpenSSL do. */
export interface TlsFileProblem {
  readonly file: keyof TlsFiles;
  readonly path: string;
  readonly error: unknown;
}

/** Reads the files at once and looks whether a connection can be made with them. For configuration time. */
export function checkTlsFiles(files: TlsFiles): TlsFileProblem[] {
  const problems: TlsFileProblem[] = [];
  const texts: Partial<Record<keyof TlsFiles, string>> = {};
  for (const file of FILES) {
    const path = files[file];
    if (path === undefined) continue;
    const problem = problemOf(() => (texts[file] = readFileSync(path, 'utf8')));
    if (problem !== undefined) problems.push({ file, path, error: problem.error });
  }
  const { createSecureContext } = process.getBuiltinModule('node:tls');
  const { X509Certificate } = process.getBuiltinModule('node:crypto');
  /** Tries the text of a file; the text again if that went well. */
  const usable = (file: keyof TlsFiles, use: (text: string) => unknown): string | undefined => {
    const text = texts[file];
    if (text === undefined) return undefined;
    const problem = problemOf(() => use(text));
    if (problem === undefined) return text;
    problems.push({ file, path: files[file] ?? '', error: problem.error });
    return undefined;
  };
  // OpenSSL takes a text without any certificate for an empty list of authorities.
  usable('caFile', (ca) => new X509Certificate(ca));
  const cert = usable('certFile', (cert) => createSecureContext({ cert }));
  usable('keyFile', (key) => createSecureContext(cert === undefined ? { key } : { key, cert }));
  return problems;
}

function problemOf(use: () => unknown): { readonly error: unknown } | undefined {
  try {
    use();
    return undefined;
  } catch (error) {
    return { error };
  }
}
