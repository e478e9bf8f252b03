import { ConfigError } from '../core/errors.ts';

/** What a URL is for, in words for hints. */
export interface UrlPurpose {
  /** The option that holds it. */
  readonly key: string;
  /** What is spoken there, as a sentence: "This sink speaks OTLP over HTTP, usually on port 4318". */
  readonly speaks: string;
  readonly example: string;
}

/** What is wrong with the URL of a peer. The messages hold no credentials. */
export function checkUrl(text: string, purpose: UrlPurpose): ConfigError[] {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    return [
      urlError(text, purpose.key, 'expected a URL that starts with http:// or https://', schemeHint(text, purpose)),
    ];
  }
  if (url.username !== '' || url.password !== '') {
    const hint = 'Use "basic_auth", with the password in a file';
    return [urlError(text, purpose.key, 'it holds a user name or password', hint)];
  }
  return [];
}

/** An error about a URL. */
export function urlError(text: string, key: string, what: string, hint: string): ConfigError {
  const message = `Cannot use ${withoutSecrets(text)} for "${key}": ${what}`;
  return new ConfigError({ code: 'ERR_CONFIG_VALUE', path: [key], message, hint });
}

/** A URL as messages may show it: passwords stand before an `@`, keys behind a `?`. */
export function withoutSecrets(text: string): string {
  return JSON.stringify((text.split('?', 1)[0] ?? '').replace(/^(\w+:\/\/)?.*@/, '$1…@'));
}

function schemeHint(text: string, { speaks, example }: UrlPurpose): string {
  if (text.includes('://') && URL.canParse(text)) return speaks;
  const withScheme = `http://${text}`;
  if (!text.includes('://') && URL.canParse(withScheme))
    return `Write it with its scheme: ${withoutSecrets(withScheme)}`;
  return `Write it as in "${example}"`;
}
