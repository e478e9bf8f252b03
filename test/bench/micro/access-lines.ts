/** Lines of an access log of nginx, of about 190 bytes. */
export function accessLines(count: number): string[] {
  return Array.from(
    { length: count },
    (_, i) =>
      `10.0.${i % 256}.${i % 200} - user${i} [02/Jan/2026:03:04:${String(i % 60).padStart(2, '0')} +0000] ` +
      `"GET /api/items/${i}?page=2 HTTP/1.1" ${200 + (i % 3)} ${1234 + i} "https://example.com/start" ` +
      '"Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0"',
  );
}

/** Such a line as a pattern. */
export const ACCESS_PATTERN =
  '<client.address> - <user.name> [<time>] "<http.request.method> <url.original> <_>" ' +
  '<http.response.status_code:int> <http.response.body.size:int> "<referer>" "<user_agent.original>"';

/** Such a line as a regular expression with the same fields. */
export const ACCESS_EXPRESSION =
  '^(?<client.address>\\S+) - (?<user.name>\\S+) \\[(?<time>[^\\]]+)\\] "(?<http.request.method>\\S+) ' +
  '(?<url.original>\\S+) [^"]*" (?<http.response.status_code>\\d+) (?<http.response.body.size>\\d+|-) ' +
  '"(?<referer>[^"]*)" "(?<user_agent.original>[^"]*)"$';

/** The types of its groups that are no text. */
export const ACCESS_TYPES = { 'http.response.status_code': 'int', 'http.response.body.size': 'int' };
