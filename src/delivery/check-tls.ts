import { ConfigError, type ConfigPath, messageOf } from '../core/errors.ts';
import type { TlsOptions } from './http-options.ts';
import { checkTlsFiles, type TlsFiles } from './tls-files.ts';

const OPTION = { caFile: 'ca_file', certFile: 'cert_file', keyFile: 'key_file' } as const;

/** The files that the options name. */
export function tlsFilesOf(options: TlsOptions): TlsFiles {
  return { caFile: options.ca_file, certFile: options.cert_file, keyFile: options.key_file };
}

/** What is wrong with options of TLS at `place` for a URL, their files included; `urlKey`: the option with the URL. */
export function checkTls(tls: TlsOptions, place: ConfigPath, url: URL | null, urlKey: string): ConfigError[] {
  if (Object.values(tls).every((value) => value === undefined)) return [];
  return [...checkScheme(place, url, urlKey), ...checkPair(tls, place), ...checkFiles(tls, place)];
}

/** Whoever names certificates must not find the records sent in the clear. */
function checkScheme(place: ConfigPath, url: URL | null, urlKey: string): ConfigError[] {
  if (url?.protocol !== 'http:') return [];
  return [
    new ConfigError({
      code: 'ERR_CONFIG_TLS',
      path: place,
      message: `Cannot use "tls" with an ${urlKey} that starts with http://`,
      hint: `Write the ${urlKey} with https://, or remove "tls"`,
    }),
  ];
}

function checkPair({ cert_file, key_file }: TlsOptions, place: ConfigPath): ConfigError[] {
  if ((cert_file === undefined) === (key_file === undefined)) return [];
  const [given, missing] = cert_file === undefined ? ['key_file', 'cert_file'] : ['cert_file', 'key_file'];
  return [
    new ConfigError({
      code: 'ERR_CONFIG_MISSING',
      path: [...place, missing],
      message: `Cannot use "${given}" without "${missing}"`,
      hint: 'A client certificate needs both',
    }),
  ];
}

function checkFiles(tls: TlsOptions, place: ConfigPath): ConfigError[] {
  return checkTlsFiles(tlsFilesOf(tls)).map(
    ({ file, path, error }) =>
      new ConfigError({
        code: 'ERR_CONFIG_TLS',
        path: [...place, OPTION[file]],
        message: `Cannot use ${JSON.stringify(path)} for "${OPTION[file]}": ${messageOf(error)}`,
        hint:
          file === 'keyFile'
            ? 'It must be the key of the certificate, as PEM, without a password'
            : 'It must be a PEM file that the agent can read',
      }),
  );
}
