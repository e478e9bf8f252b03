import type { ConnectionFailure } from '../../delivery/http-answer.ts';

/** Statuses that blame the destination, and what to do about each. Redirects are among them, all 3xx. */
const CURES: Readonly<Record<number, string>> = {
  401: 'Check the credentials: "headers", "headers_from_files", "bearer_token_file", "basic_auth" or "oauth2"',
  403: 'Check that the credentials ("headers", "headers_from_files", "bearer_token_file", "basic_auth", "oauth2", "tls") may write logs',
  404: 'Check the path of "endpoint" or "logs_endpoint"',
  405: 'Check that "endpoint" or "logs_endpoint" is that of a receiver of OTLP over HTTP',
  407: 'Check the proxy between here and the receiver, and its credentials',
  415: 'Choose another "protocol" or "compression": the receiver does not take this one',
  421: 'Check the host in "endpoint", and "server_name" in "tls"',
  426: 'Check the scheme of "endpoint": the receiver wants another protocol, most likely https',
};

/** The same for what happened without an answer. */
const CONNECTION_CURES: Partial<Record<ConnectionFailure, string>> = {
  dns: 'Check the host in "endpoint", and the name resolution of this machine or pod',
  tls: 'Check "tls", the certificate of the receiver, and that it speaks TLS on this port',
  credentials:
    'Check that the agent can read the files with secrets, and that the token endpoint of "oauth2" gives it a token',
  proxy: 'Check the proxy that HTTPS_PROXY names, or name the host in NO_PROXY',
};

/** What to do when a destination answers `status`; undefined: that status does not blame the destination. */
export function cureOfStatus(status: number): string | undefined {
  if (status >= 300 && status < 400) return 'Put the address that the redirect leads to into "endpoint"';
  return CURES[status];
}

/** What to do about a failure; undefined: it may pass by itself. */
export function cureOfFailure(failure: ConnectionFailure): string | undefined {
  return CONNECTION_CURES[failure];
}
