import { ConfigError } from '../core/errors.ts';

/**
 * The URL of a target that is asked over HTTP: it is written as a URL, or as `host:port`, which means `path` there. Null:
 * it names none.
 */
export function httpTarget(target: string, path: string): URL | null {
  // `unix:/run/x` is no port of a host that is called so.
  if (!target.includes('://') && /^[^/?#]*:(?:[/?#]|$)/.test(target)) return null;
  const url = URL.parse(target.includes('://') ? target : `http://${target}`);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') return null;
  if (!target.includes('://') && url.pathname === '/' && !target.includes('/')) url.pathname = path;
  url.hash = '';
  return url;
}

/** What is wrong with targets; `example` is the URL of one over HTTP, `forms` which URLs they may be. */
export function checkTargets(
  targets: readonly string[],
  urlOf: (target: string) => URL | null,
  example: string,
  forms = 'a URL with http or https',
): ConfigError[] {
  const errors: ConfigError[] = [];
  const seen = new Set<string>();
  for (const [i, target] of targets.entries()) {
    const url = urlOf(target);
    const path = ['targets', i];
    if (url === null) {
      const message = `Cannot scrape ${JSON.stringify(target)}: it is neither ${forms}, nor host:port`;
      const hint = `Write it as in ${example} or ${new URL(example).host}, without a user and password`;
      errors.push(new ConfigError({ code: 'ERR_CONFIG_VALUE', path, message, hint }));
    } else if (seen.has(url.href)) {
      const message = `Target ${JSON.stringify(target)} is there twice`;
      errors.push(new ConfigError({ code: 'ERR_CONFIG_VALUE', path, message, hint: 'Remove one of them' }));
    }
    if (url !== null) seen.add(url.href);
  }
  return errors;
}

/** A scrape has ended when the next one begins. */
export function checkTimeout({
  timeout,
  interval,
}: {
  readonly timeout: number;
  readonly interval: number;
}): ConfigError[] {
  if (timeout <= interval) return [];
  const message = 'Cannot wait longer for an answer than for the next scrape';
  const hint = 'Set "timeout" to at most "interval"';
  return [new ConfigError({ code: 'ERR_CONFIG_VALUE', path: ['timeout'], message, hint })];
}
