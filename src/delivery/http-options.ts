import { optional } from 'valibot';
import { defaultTexts, described, type Infer, object, optionalText, text, textMap } from '../component/options.ts';

const tls = object({
  ca_file: optionalText({
    doc: 'Authorities to trust in place of the well-known ones, as PEM.',
    example: '/tls/ca.crt',
  }),
  cert_file: optionalText({ doc: 'The certificate to show to the server, as PEM.', example: '/tls/tls.crt' }),
  key_file: optionalText({ doc: 'The key of that certificate, as PEM.', example: '/tls/tls.key' }),
  server_name: optionalText({
    doc: 'The name that the certificate of the server must have, where it is not the host.',
  }),
});

const tlsOption = (doc: string) => optional(described(tls, 'map', { doc }), {});

const basicAuth = object({
  username: text({ doc: 'The user.', example: 'pillion' }),
  password_file: text({ doc: 'A file with the password, on one line.', example: '/var/run/secrets/backend/password' }),
});

const oauth2 = object({
  token_url: text({ doc: 'The token endpoint of the authorization server.', example: 'https://login/oauth2/token' }),
  client_id: text({ doc: 'The name of the client.', example: 'pillion' }),
  client_secret_file: text({
    doc: 'A file with the secret of the client, on one line.',
    example: '/var/run/secrets/oauth/client-secret',
  }),
  scopes: defaultTexts({ doc: 'What the token is to be good for.', default: [], example: 'logs.write' }),
  params: textMap({
    doc: 'Further parameters of the request for a token.',
    example: '{ audience: "https://backend" }',
  }),
  tls: tlsOption('For a token endpoint with `https`.'),
});

/** Options of whatever speaks HTTP to a peer: what it takes to be let in. Spread them into those of a component. */
export const httpOptions = {
  headers: textMap({ doc: 'Headers of every request.', example: '{ x-scope-orgid: shop }' }),
  headers_from_files: textMap({
    doc: 'Headers of every request whose values are in files, on one line each, by name. Files with secrets, also those of the options below, are read again every minute, and when the peer refuses what was in them.',
    example: '{ x-api-key: /var/run/secrets/backend/api-key }',
  }),
  bearer_token_file: optionalText({
    doc: 'A file with a token that is sent as `authorization: Bearer …`.',
    example: '/var/run/secrets/tokens/collector',
  }),
  basic_auth: optional(
    described(basicAuth, 'map', { doc: 'A user and a password, sent as `authorization: Basic …`.' }),
  ),
  oauth2: optional(
    described(oauth2, 'map', {
      doc: 'Gets tokens by the client credentials grant of OAuth 2.0, and sends them as `authorization: Bearer …`. A token is replaced before it ends. While there is none, records are held.',
    }),
  ),
  tls: tlsOption(
    'For `https`. The certificate of the server is always verified. The files are read again when they change.',
  ),
};

const all = object(httpOptions);

/** The options, checked. */
export type HttpOptions = Infer<typeof all>;
/** The part of them about TLS. */
export type TlsOptions = HttpOptions['tls'];
