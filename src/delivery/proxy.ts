import { isIP, isIPv6 } from 'node:net';
import { basicValue } from './credentials.ts';

/** The proxy on the way to a URL. */
export interface Proxy {
  /** With user name and password, if it wants them: not for messages. */
  readonly url: string;
  /** Whether it is reached by a name, which has to be looked up. */
  readonly isNamed: boolean;
  /** Its password, as it is written and as it is sent. */
  readonly secrets: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that the environment names for a URL: `HTTPS_PROXY` for `https`, `HTTP_PROXY` for `http`, in capitals or not,
 * unless `NO_PROXY` names the host. This machine is never reached through a proxy. Throws when the variable holds no URL
 * of a proxy; the error does not show it.
 */
export function proxyFor(url: URL, env: Environment): Proxy | undefined {
  const variable = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const text = variableOf(env, variable);
  if (text === undefined || isDirect(url, variableOf(env, 'NO_PROXY') ?? '')) return undefined;
  const proxy = URL.parse(text.includes('://') ? text : `http://${text}`);
  if (proxy === null || !/^https?:$/.test(proxy.protocol) || proxy.hostname === '') {
    throw new Error(`${variable} does not hold the URL of an HTTP proxy`);
  }
  const [username, password] = [decode(proxy.username), decode(proxy.password)];
  const secrets = password === '' ? [] : [password, basicValue(username, password)];
  return { url: proxy.href, isNamed: isIP(bare(proxy.hostname)) === 0, secrets };
}

/** The variable in capitals, or else in small letters; an empty one counts as not set. */
function variableOf(env: Environment, name: string): string | undefined {
  return env[name]?.trim() || env[name.toLowerCase()]?.trim() || undefined;
}

/**
 * Whether a host is reached without a proxy. `NO_PROXY` is a list of names (with all names below them), `.names` (only
 * those below them), addresses, ranges such as `10.0.0.0/8`, each with a port if it is about that one, or `*`.
 */
function isDirect(url: URL, list: string): boolean {
  if (isOwnHost(url)) return true;
  const host = hostOf(url);
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  const family = isIP(host);
  return list
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => entry === '*' || matches(entry.toLowerCase(), host, port, family));
}

function matches(entry: string, host: string, port: string, family: number): boolean {
  const [, name = '', only] = /^(\[[^\]]*\]|[^:]*|[^[\]]*:[^[\]]*:[^[\]]*)(?::(\d+))?$/.exec(entry) ?? [];
  if (name === '' || (only !== undefined && only !== port)) return false;
  const wanted = bare(name);
  const [address = '', bits] = wanted.split('/');
  if (family !== 0) {
    if (isIP(address) !== family) return false;
    return bits === undefined ? sameAddress(address, host) : isInRange(host, address, Number(bits));
  }
  const suffix = wanted.replace(/^\*\./, '.');
  return suffix.startsWith('.') ? host.endsWith(suffix) : host === suffix || host.endsWith(`.${suffix}`);
}

function sameAddress(one: string, other: string): boolean {
  return isInRange(one, other, isIPv6(one) ? 128 : 32);
}

function isInRange(host: string, address: string, bits: number): boolean {
  const { BlockList } = process.getBuiltinModule('node:net');
  const family = isIPv6(host) ? 'ipv6' : 'ipv4';
  if (!Number.isInteger(bits) || bits < 0 || bits > (family === 'ipv6' ? 128 : 32)) return false;
  const range = new BlockList();
  range.addSubnet(address, bits, family);
  return range.check(host, family);
}

/** Whether the URL leads to this machine, or this pod, by its loopback address. */
export function isOwnHost(url: URL): boolean {
  const host = hostOf(url);
  if (isIP(host) === 0) return host === 'localhost';
  return isIPv6(host) ? sameAddress(host, '::1') : isInRange(host, '127.0.0.0', 8);
}

/** The host of a URL, as names are compared. */
function hostOf({ hostname }: URL): string {
  return bare(hostname).toLowerCase().replace(/\.$/, '');
}

/** Percent signs that encode nothing stand for themselves. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** An address of IPv6 without its brackets. */
function bare(host: string): string {
  return host.replace(/^\[|\]$/g, '');
}
