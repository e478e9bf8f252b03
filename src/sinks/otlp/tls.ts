import { ConfigError, messageOf } from '../../core/errors.ts';
import { checkTlsFiles, type TlsFiles } from '../../delivery/tls-files.ts';
import { type EndpointOptions, logsUrl } from './endpoint.ts';

export interface TlsOptions {
  readonly ca_file?: string | undefined;
  readonly cert_file?: string | undefined;
  readonly key_file?: string | undefined;
  readonly server_name?: string | undefined;
}

const OPTION = { caFile: 'ca_file', certFile: 'cert_file', keyFile: 'key_file' } as const;

/** The files that the options name. */
export function tlsFilesOf(options: TlsOptions): TlsFiles {
  return { caFile: options.ca_file, certFile: options.cert_file, keyFile: options.key_file };
}

/** What is wrong with the TLS options of a sink, its files included. */
export function checkTls(options: EndpointOptions & { readonly tls: TlsOptions }): ConfigError[] {
  const { tls } = options;
  if (Object.values(tls).every((value) => value === undefined)) return [];
  return [...checkScheme(options), ...checkPair(tls), ...checkFiles(tls)];
}

/** Whoever names certificates must not find the records sent in the clear. */
function checkScheme(options: EndpointOptions): ConfigError[] {
  const text = options.logs_endpoint ?? options.endpoint;
  if (!URL.canParse(text) || logsUrl(options).protocol !== 'http:') return [];
  return [
    new ConfigError({
      code: 'ERR_CONFIG_TLS',
      path: ['tls'],
      message: 'Cannot use "tls" with an endpoint that starts with http://',
      hint: 'Write the endpoint with https://, or remove "tls"',
    }),
  ];
}

function checkPair({ cert_file, key_file }: TlsOptions): ConfigError[] {
  if ((cert_file === undefined) === (key_file === undefined)) return [];
  const [given, missing] = cert_file === undefined ? ['key_file', 'cert_file'] : ['cert_file', 'key_file'];
  return [
    new ConfigError({
      code: 'ERR_CONFIG_MISSING',
      path: ['tls', missing],
      message: `Cannot use "${given}" without "${missing}"`,
      hint: 'A client certificate needs both',
    }),
  ];
}

function checkFiles(tls: TlsOptions): ConfigError[] {
  return checkTlsFiles(tlsFilesOf(tls)).map(
    ({ file, path, error }) =>
      new ConfigError({
        code: 'ERR_CONFIG_TLS',
        path: ['tls', OPTION[file]],
        message: `Cannot use ${JSON.stringify(path)} for "${OPTION[file]}": ${messageOf(error)}`,
        hint:
          file === 'keyFile'
            ? 'It must be the key of the certificate, as PEM, without a password'
            : 'It must be a PEM file that the agent can read',
      }),
  );
}
