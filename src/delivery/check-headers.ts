import { ConfigError, type ConfigPath, messageOf } from '../core/errors.ts';
import type { HttpOptions } from './http-options.ts';
import { checkSecretFile, headerValueIn, lineIn, tokenIn } from './secret-file.ts';

/** Headers that belong to the form of the request. */
const RESERVED = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Options of which each makes the header `authorization`. */
const AUTHORIZATIONS = ['bearer_token_file', 'basic_auth', 'oauth2'] as const;

/** What is wrong with the headers that the user wants sent. The messages hold no values: most are secrets. */
export function checkHeaders(options: Pick<HttpOptions, 'headers' | 'headers_from_files'>): ConfigError[] {
  const { headers, headers_from_files: files } = options;
  const { validateHeaderValue } = process.getBuiltinModule('node:http');
  const errors = Object.entries(headers).flatMap(([name, value]) => {
    const wrong = nameProblem(['headers', name]);
    if (wrong !== undefined) return [wrong];
    if (thrownBy(() => validateHeaderValue(name, value)) === undefined) return [];
    const message = `Cannot send header ${JSON.stringify(name)}: its value holds a character that is not allowed`;
    return [valueError(['headers', name], message, 'Look for a line break')];
  });
  const written = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  for (const [name, path] of Object.entries(files)) {
    const place = ['headers_from_files', name];
    if (written.has(name.toLowerCase())) {
      const message = `Cannot read header ${JSON.stringify(name)} from a file: it is written under "headers", too`;
      errors.push(valueError(place, message, 'Remove one of them'));
      continue;
    }
    const wrong = nameProblem(place) ?? fileProblem(place, path, headerValueIn, 'with the value on one line');
    if (wrong !== undefined) errors.push(wrong);
  }
  return errors;
}

/** What is wrong with what makes the header `authorization`, its files included. Messages hold nothing of what is in them. */
export function checkAuthorization(options: HttpOptions): ConfigError[] {
  const { bearer_token_file: token, basic_auth: basic, oauth2 } = options;
  const given: string[] = AUTHORIZATIONS.filter((key) => options[key] !== undefined);
  const headers = { ...options.headers, ...options.headers_from_files };
  const hasHeader = Object.keys(headers).some((name) => name.toLowerCase() === 'authorization');
  if (given.length + (hasHeader ? 1 : 0) > 1) {
    const [key = '', other] = given;
    const beside = other === undefined ? 'a header "authorization"' : `"${other}"`;
    const message = `Cannot use "${key}" beside ${beside}: they are the same`;
    return [valueError([key], message, 'Remove one of them')];
  }
  const problems = [
    token === undefined ? undefined : fileProblem(['bearer_token_file'], token, tokenIn, 'with the token alone in it'),
    basic && fileProblem(['basic_auth', 'password_file'], basic.password_file, lineIn, 'with the password on one line'),
    basic?.username.includes(':')
      ? valueError(['basic_auth', 'username'], 'Cannot use a user name that holds a colon', 'Basic has no place for it')
      : undefined,
    oauth2 &&
      fileProblem(['oauth2', 'client_secret_file'], oauth2.client_secret_file, lineIn, 'with the secret on one line'),
    oauth2 && tokenUrlProblem(oauth2.token_url),
  ];
  return problems.filter((problem) => problem !== undefined);
}

function tokenUrlProblem(text: string): ConfigError | undefined {
  const url = URL.parse(text);
  const isHttp = url !== null && /^https?:$/.test(url.protocol);
  if (isHttp && url.username === '' && url.password === '') return undefined;
  const why = isHttp ? 'it holds a user name or password' : 'expected a URL that starts with https:// or http://';
  const message = `Cannot use "token_url": ${why}`;
  return valueError(['oauth2', 'token_url'], message, 'Write it as in "https://login.example/oauth2/token"');
}

function nameProblem(place: readonly [string, string] | readonly string[]): ConfigError | undefined {
  const { validateHeaderName } = process.getBuiltinModule('node:http');
  const name = place[1] ?? '';
  const shown = JSON.stringify(name);
  if (RESERVED.has(name.toLowerCase()))
    return valueError(place, `Cannot set header ${shown}: the agent sets it`, 'Remove it');
  if (thrownBy(() => validateHeaderName(name)) === undefined) return undefined;
  return valueError(place, `Cannot send header ${shown}: not a valid name`, 'Use letters, digits and hyphens');
}

function fileProblem(
  place: ConfigPath,
  path: string,
  parse: (text: string) => string,
  form: string,
): ConfigError | undefined {
  const problem = thrownBy(() => checkSecretFile(path, parse));
  if (problem === undefined) return undefined;
  const message = `Cannot use ${JSON.stringify(path)} for ${JSON.stringify(String(place.at(-1)))}: ${problem}`;
  return valueError(place, message, `It must be a file that the agent can read, ${form}`);
}

function valueError(path: ConfigPath, message: string, hint: string): ConfigError {
  return new ConfigError({ code: 'ERR_CONFIG_VALUE', path, message, hint });
}

function thrownBy(use: () => void): string | undefined {
  try {
    use();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
