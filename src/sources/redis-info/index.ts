import type { SourceDefinition } from '../../component/definition.ts';
import { flag, type Infer, object, optionalText, someTexts } from '../../component/options.ts';
import type { Clock } from '../../core/clock.ts';
import { ConfigError, messageOf } from '../../core/errors.ts';
import { conceal } from '../../delivery/conceal.ts';
import { checkSecretFile, lineIn, SecretFile } from '../../delivery/secret-file.ts';
import type { Json } from '../../mapping/json.ts';
import { metricDocs } from '../../mapping/metric-docs.ts';
import type { DocumentReader } from '../document-reader.ts';
import { checkTimeout } from '../http-targets.ts';
import { MAPPED_OPTIONS } from '../mapped-options.ts';
import { buildMappedSource } from '../mapped-source.ts';
import { ScrapeFailure } from '../scrape-failure.ts';
import { askRedis } from './ask-redis.ts';
import { REDIS_COMMAND_MAPPINGS, REDIS_MAPPINGS } from './mappings.ts';
import { parseInfo } from './parse-info.ts';

const options = object({
  targets: someTexts({
    doc: 'Where Redis listens: `host`, `host:port` or `redis://host:port`. They are asked at the same time.',
    default: ['localhost:6379'],
  }),
  username: optionalText({
    doc: 'The user, where Redis has more than the one; it needs `+info`. With `password_file`.',
    example: 'pillion',
  }),
  password_file: optionalText({
    doc: 'A file with the password, on one line. It is read again every minute, and when Redis refuses what was in it.',
    example: '/var/run/secrets/redis/password',
  }),
  commands: flag({ doc: 'Whether it is asked what each command costs, too: `INFO all`.', default: false }),
  ...MAPPED_OPTIONS,
});

type Options = Infer<typeof options>;

/** What Redis, Valkey and others of its protocol say of themselves. */
export const redisInfoSource: SourceDefinition<Options> = {
  type: 'redis_info',
  summary: 'Asks Redis, and what speaks its protocol, for `INFO`, and reads metrics out of it, with `up`.',
  gives: 'metrics',
  metrics: metricDocs([...REDIS_MAPPINGS, ...REDIS_COMMAND_MAPPINGS]),
  options,
  check: (options) => [...checkRedisTargets(options.targets), ...checkTimeout(options), ...checkPassword(options)],
  build(options, context) {
    const { clock } = context;
    const mappings = options.commands ? [...REDIS_MAPPINGS, ...REDIS_COMMAND_MAPPINGS] : REDIS_MAPPINGS;
    const path = options.password_file;
    const password = path === undefined ? undefined : new SecretFile(path, lineIn, clock);
    const open = (url: URL): DocumentReader => openRedis(url, options, password, clock);
    return buildMappedSource(options, context, {
      urlOf: redisUrl,
      mappings,
      start: { uptime: 'uptime_in_seconds' },
      open,
    });
  },
};

function openRedis(url: URL, options: Options, password: SecretFile | undefined, clock: Clock): DocumentReader {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const info = options.commands ? ['INFO', 'all'] : ['INFO'];
  const request = { host, port: Number(url.port), maxBytes: options.max_body_size, timeoutMs: options.timeout, clock };
  const read = async (signal: AbortSignal): Promise<Json> => {
    const auth = await authOf(options.username, password);
    try {
      return parseInfo(await askRedis({ ...request, commands: [...auth, info] }, signal));
    } catch (error) {
      if (password === undefined || !(error instanceof ScrapeFailure)) throw error;
      if (error.reason === 'credentials') password.forget();
      // Who does not know AUTH may say back what came with it.
      throw new ScrapeFailure(error.reason, conceal(error.message, password.seen));
    }
  };
  return { read, close: () => {} };
}

/** The command that lets the next one in, where it takes one. */
async function authOf(username: string | undefined, password: SecretFile | undefined): Promise<string[][]> {
  if (password === undefined) return [];
  try {
    const secret = await password.read();
    return [username === undefined ? ['AUTH', secret] : ['AUTH', username, secret]];
  } catch (error) {
    throw new ScrapeFailure('credentials', `Cannot read the password: ${messageOf(error)}`);
  }
}

function checkRedisTargets(targets: readonly string[]): ConfigError[] {
  return targets.flatMap((target, i) => {
    const url = redisUrl(target);
    const isRepeated = url !== null && targets.slice(0, i).some((other) => redisUrl(other)?.host === url.host);
    if (url !== null && !isRepeated) return [];
    const message = isRepeated
      ? `Target ${JSON.stringify(target)} is there twice`
      : `Cannot ask ${JSON.stringify(withoutUser(target))}: it is neither host:port nor redis://host:port`;
    const hint = isRepeated
      ? 'Remove one of them'
      : 'Write it as in localhost:6379; a user and password belong into "username" and "password_file", and TLS is not spoken';
    return [new ConfigError({ code: 'ERR_CONFIG_VALUE', path: ['targets', i], message, hint })];
  });
}

function withoutUser(target: string): string {
  return target.replace(/^(\w+:\/\/)?.*@/, '$1…@');
}

function checkPassword({ username, password_file: path }: Options): ConfigError[] {
  if (path === undefined && username === undefined) return [];
  if (path === undefined) {
    const message = 'Cannot use "username" without a password';
    return [new ConfigError({ code: 'ERR_CONFIG_VALUE', path: ['username'], message, hint: 'Name a "password_file"' })];
  }
  try {
    checkSecretFile(path, lineIn);
    return [];
  } catch (error) {
    const message = `Cannot use ${JSON.stringify(path)} for "password_file": ${messageOf(error)}`;
    const hint = 'It must be a file that the agent can read, with the password on one line';
    return [new ConfigError({ code: 'ERR_CONFIG_VALUE', path: ['password_file'], message, hint })];
  }
}

/** The address of a Redis, with its port; null: it names none. */
function redisUrl(target: string): URL | null {
  const url = URL.parse(target.includes('://') ? target : `redis://${target}`);
  if (url === null || url.protocol !== 'redis:' || url.hostname === '') return null;
  if (url.username !== '' || url.password !== '' || url.search !== '' || !/^\/?$/.test(url.pathname)) return null;
  if (url.port === '') url.port = '6379';
  return url;
}
