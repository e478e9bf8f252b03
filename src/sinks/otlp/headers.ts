import { ConfigError, messageOf } from '../../core/errors.ts';
import { checkTokenFile } from '../../delivery/bearer-token.ts';

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

/** What is wrong with the headers that the user wants sent. The messages hold no values: most are secrets. */
export function checkHeaders(headers: Readonly<Record<string, string>>): ConfigError[] {
  const { validateHeaderName, validateHeaderValue } = process.getBuiltinModule('node:http');
  const errors: ConfigError[] = [];
  for (const [name, value] of Object.entries(headers)) {
    const invalid = (message: string, hint: string): void => {
      errors.push(new ConfigError({ code: 'ERR_CONFIG_VALUE', path: ['headers', name], message, hint }));
    };
    const shown = JSON.stringify(name);
    if (RESERVED.has(name.toLowerCase())) invalid(`Cannot set header ${shown}: the agent sets it`, 'Remove it');
    else if (thrownBy(() => validateHeaderName(name)) !== undefined) {
      invalid(`Cannot send header ${shown}: not a valid name`, 'Use letters, digits and hyphens');
    } else if (thrownBy(() => validateHeaderValue(name, value)) !== undefined) {
      invalid(`Cannot send header ${shown}: its value holds a character that is not allowed`, 'Look for a line break');
    }
  }
  return errors;
}

/** What is wrong with the file of the token, if one is named. The messages hold nothing of what is in it. */
export function checkBearerToken(options: {
  readonly headers: Readonly<Record<string, string>>;
  readonly bearer_token_file?: string | undefined;
}): ConfigError[] {
  const path = options.bearer_token_file;
  if (path === undefined) return [];
  const key = 'bearer_token_file';
  if (Object.keys(options.headers).some((name) => name.toLowerCase() === 'authorization')) {
    const message = `Cannot use "${key}" beside a header "authorization": they are the same`;
    return [new ConfigError({ code: 'ERR_CONFIG_VALUE', path: [key], message, hint: 'Remove one of them' })];
  }
  const problem = thrownBy(() => checkTokenFile(path));
  if (problem === undefined) return [];
  const message = `Cannot use ${JSON.stringify(path)} for "${key}": ${problem}`;
  const hint = 'It must be a file that the agent can read, with the token alone in it';
  return [new ConfigError({ code: 'ERR_CONFIG_VALUE', path: [key], message, hint })];
}

function thrownBy(use: () => void): string | undefined {
  try {
    use();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
