/** What the stage looks for, with the names under which loggers write it, best first. */
export const HTTP_FIELDS = {
  request: {
    doc: 'The request line, `GET /cart?id=7 HTTP/1.1`.',
    names: ['request', 'request_line', 'requestLine'],
  },
  method: {
    doc: 'The method.',
    names: [
      'method',
      'request_method',
      'requestMethod',
      'http_method',
      'http.method',
      'req.method',
      'httpRequest.requestMethod',
    ],
  },
  url: {
    doc: 'A whole URL, or a path with or without a query.',
    names: [
      'url',
      'request_uri',
      'requestUrl',
      'uri',
      'path',
      'http.url',
      'http.target',
      'req.url',
      'httpRequest.requestUrl',
    ],
  },
  query: { doc: 'The query, where it stands alone.', names: ['query_string', 'args'] },
  status: {
    doc: 'The status code of the response.',
    names: [
      ...['status', 'status_code', 'statusCode', 'response_code', 'http_status', 'http.status_code'],
      ...['res.statusCode', 'httpRequest.status'],
    ],
  },
  size: {
    doc: 'The size of the body of the response in bytes.',
    names: ['body_bytes_sent', 'bytes_sent', 'response_size', 'res.headers.content-length', 'httpRequest.responseSize'],
  },
  protocol: {
    doc: 'The protocol with its version, `HTTP/1.1`.',
    names: ['protocol', 'server_protocol', 'proto', 'httpRequest.protocol'],
  },
  scheme: { doc: 'The scheme, `https`.', names: ['scheme', 'http.scheme'] },
  host: {
    doc: 'The host that was asked for, with or without a port. `host` alone is mostly the name of a machine.',
    names: ['http_host', 'http.host', 'req.headers.host', 'req.host'],
  },
  client: {
    doc: 'The address of the client, with or without a port.',
    names: [
      ...['remote_addr', 'remote_ip', 'remoteAddr', 'remoteAddress', 'remoteIp', 'client_ip', 'clientip', 'clientIp'],
      ...['http.client_ip', 'req.remoteAddress', 'httpRequest.remoteIp'],
    ],
  },
  forwarded_for: {
    doc:
      'The header `X-Forwarded-For`: its first address becomes `client.address`, and that of the connection ' +
      '`network.peer.address`. Anybody can send that header, so name it where a proxy of yours has set it.',
    names: [],
  },
  user_agent: {
    doc: 'The user agent.',
    names: [
      ...['http_user_agent', 'user_agent', 'userAgent', 'useragent', 'http.user_agent', 'http.useragent'],
      ...['req.headers.user-agent', 'httpRequest.userAgent'],
    ],
  },
} as const satisfies Record<string, { doc: string; names: readonly string[] }>;

/** One of these. */
export type HttpField = keyof typeof HTTP_FIELDS;
