const raw = String.raw;

/** Numbers, words, addresses, names, paths: what other patterns are made of. None of them names a field. */
export const BASE_PATTERNS: Readonly<Record<string, string>> = {
  INT: raw`[+-]?[0-9]+`,
  POSINT: raw`\b[1-9][0-9]*\b`,
  NONNEGINT: raw`\b[0-9]+\b`,
  BASE10NUM: raw`[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)`,
  NUMBER: raw`%{BASE10NUM}`,
  BASE16NUM: raw`[+-]?(?:0[xX])?[0-9A-Fa-f]+`,
  BASE16FLOAT: raw`[+-]?(?:0[xX])?(?:[0-9A-Fa-f]+(?:\.[0-9A-Fa-f]*)?|\.[0-9A-Fa-f]+)`,
  BOOLEAN: raw`(?i:true|false)`,

  WORD: raw`\b\w+\b`,
  NOTSPACE: raw`\S+`,
  SPACE: raw`\s*`,
  DATA: raw`.*?`,
  GREEDYDATA: raw`.*`,
  GREEDYMULTILINE: raw`(?s:.*)`,
  QUOTEDSTRING: raw`(?:"[^"\\]*(?:\\.[^"\\]*)*"|'[^'\\]*(?:\\.[^'\\]*)*'|${'`'}[^${'`'}\\]*(?:\\.[^${'`'}\\]*)*${'`'})`,
  QS: raw`%{QUOTEDSTRING}`,
  UUID: raw`[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}`,
  URN: raw`urn:[0-9A-Za-z][0-9A-Za-z-]*:[0-9A-Za-z()+,.:=@;$_!*'/?#%-]+`,

  USERNAME: raw`[a-zA-Z0-9._-]+`,
  USER: raw`%{USERNAME}`,
  EMAILLOCALPART: raw`[a-zA-Z0-9!#$%&'*+/=?^_${'`'}{|}~-]+(?:\.[a-zA-Z0-9!#$%&'*+/=?^_${'`'}{|}~-]+)*`,
  EMAILADDRESS: raw`%{EMAILLOCALPART}@%{HOSTNAME}`,
  HTTPDUSER: raw`(?:%{EMAILADDRESS}|%{USER})`,

  CISCOMAC: raw`(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4}`,
  WINDOWSMAC: raw`(?:[0-9A-Fa-f]{2}-){5}[0-9A-Fa-f]{2}`,
  COMMONMAC: raw`(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}`,
  MAC: raw`(?:%{CISCOMAC}|%{WINDOWSMAC}|%{COMMONMAC})`,
  IPV4: raw`(?:%{IPV4_PART}\.){3}%{IPV4_PART}`,
  IPV4_PART: raw`(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])`,
  IPV6_PART: raw`[0-9A-Fa-f]{1,4}`,
  // The parts before "::" are counted up, so that the longest address is found first.
  IPV6:
    raw`(?:(?:%{IPV6_PART}:){6}(?:%{IPV4}|%{IPV6_PART}:%{IPV6_PART})|::(?:%{IPV6_PART}:){0,5}%{IPV4}|` +
    raw`(?:%{IPV6_PART}:){1,5}:(?:%{IPV6_PART}:){0,4}%{IPV4}|%{IPV6_PART}:(?::%{IPV6_PART}){1,6}|` +
    raw`(?:%{IPV6_PART}:){2}(?::%{IPV6_PART}){1,5}|(?:%{IPV6_PART}:){3}(?::%{IPV6_PART}){1,4}|` +
    raw`(?:%{IPV6_PART}:){4}(?::%{IPV6_PART}){1,3}|(?:%{IPV6_PART}:){5}(?::%{IPV6_PART}){1,2}|` +
    raw`(?:%{IPV6_PART}:){6}:%{IPV6_PART}|(?:%{IPV6_PART}:){1,7}:|:(?:(?::%{IPV6_PART}){1,7}|:))(?:%[0-9A-Za-z._-]+)?`,
  IP: raw`(?:%{IPV6}|%{IPV4})`,
  HOSTNAME: raw`\b[0-9A-Za-z_][0-9A-Za-z_-]*(?:\.[0-9A-Za-z_][0-9A-Za-z_-]*)*\.?`,
  HOST: raw`%{HOSTNAME}`,
  IPORHOST: raw`(?:%{IP}|%{HOSTNAME})`,
  HOSTPORT: raw`%{IPORHOST}:%{POSINT}`,

  PATH: raw`(?:%{UNIXPATH}|%{WINPATH})`,
  UNIXPATH: raw`(?:/[\w_%!$@:.,+~=&()#-]*)+`,
  WINPATH: raw`(?:[A-Za-z]+:|\\)(?:\\[^\\?*\s]*)+`,
  TTY: raw`/dev/(?:pts|tty(?:[pq])?)(?:\w+)?/?[0-9]*`,
  URIPROTO: raw`[A-Za-z][A-Za-z0-9+.-]*`,
  URIHOST: raw`(?:%{IPORHOST}|\[%{IPV6}\])(?::%{NONNEGINT})?`,
  URIPATH: raw`(?:/[A-Za-z0-9$.+!*'(){},~:;=@#%&_-]*)+`,
  URIQUERY: raw`[A-Za-z0-9$.+!*'|(){},~@#%&/=:;_?\[\]<>-]*`,
  URIPARAM: raw`\?%{URIQUERY}`,
  URIPATHPARAM: raw`%{URIPATH}(?:\?%{URIQUERY})?`,
  URI: raw`%{URIPROTO}://(?:[^\s/@]+@)?(?:%{URIHOST})?(?:%{URIPATH}(?:\?%{URIQUERY})?)?`,

  MONTH:
    raw`\b(?i:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|` +
    raw`nov(?:ember)?|dec(?:ember)?)\b`,
  MONTHNUM: raw`(?:1[0-2]|0?[1-9])`,
  MONTHNUM2: raw`(?:0[1-9]|1[0-2])`,
  MONTHDAY: raw`(?:3[01]|[12][0-9]|0?[1-9])`,
  DAY: raw`\b(?i:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:rs(?:day)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)\b`,
  YEAR: raw`(?:[0-9]{4}|[0-9]{2})`,
  HOUR: raw`(?:2[0-3]|[01]?[0-9])`,
  MINUTE: raw`[0-5][0-9]`,
  SECOND: raw`(?:60|[0-5]?[0-9])(?:[:.,][0-9]+)?`,
  TIME: raw`\b%{HOUR}:%{MINUTE}(?::%{SECOND})?`,
  TZ: raw`\b(?:[A-Z]{3,5})\b`,
  ISO8601_TIMEZONE: raw`(?:Z|[+-]%{HOUR}(?::?%{MINUTE})?)`,
  ISO8601_SECOND: raw`%{SECOND}`,
  ISO8601_HOUR: raw`(?:2[0-4]|[01][0-9])`,
  TIMESTAMP_ISO8601: raw`%{YEAR}-%{MONTHNUM}-%{MONTHDAY}[T ]%{ISO8601_HOUR}:?%{MINUTE}(?::?%{SECOND})?(?: ?%{ISO8601_TIMEZONE})?`,
  DATE_US: raw`%{MONTHNUM}[/-]%{MONTHDAY}[/-]%{YEAR}`,
  DATE_EU: raw`%{MONTHDAY}[./-]%{MONTHNUM}[./-]%{YEAR}`,
  DATE: raw`(?:%{DATE_US}|%{DATE_EU})`,
  DATESTAMP: raw`%{DATE}[- ]%{TIME}`,
  DATESTAMP_RFC822: raw`%{DAY} %{MONTH} %{MONTHDAY} %{YEAR} %{TIME} %{TZ}`,
  DATESTAMP_RFC2822: raw`%{DAY}, %{MONTHDAY} %{MONTH} %{YEAR} %{TIME} (?:%{ISO8601_TIMEZONE}|%{TZ})`,
  DATESTAMP_OTHER: raw`%{DAY} %{MONTH} %{MONTHDAY} %{TIME} %{TZ} %{YEAR}`,
  DATESTAMP_EVENTLOG: raw`[0-9]{4}%{MONTHNUM2}(?:0[1-9]|[12][0-9]|3[01])%{ISO8601_HOUR}%{MINUTE}[0-5][0-9]`,
  HTTPDATE: raw`%{MONTHDAY}/%{MONTH}/[0-9]{4}:%{TIME} [+-][0-9]{4}`,
  HTTPDERROR_DATE: raw`%{DAY} %{MONTH} +%{MONTHDAY} %{TIME} [0-9]{4}`,
  SYSLOGTIMESTAMP: raw`%{MONTH} +%{MONTHDAY} %{TIME}`,
  CATALINA_DATESTAMP: raw`%{MONTH} %{MONTHDAY}, [0-9]{4} %{HOUR}:%{MINUTE}:%{SECOND} (?:AM|PM)`,
  TOMCAT_DATESTAMP: raw`[0-9]{4}-%{MONTHNUM}-%{MONTHDAY} %{HOUR}:%{MINUTE}:%{SECOND} %{ISO8601_TIMEZONE}`,
  REDISTIMESTAMP: raw`%{MONTHDAY} %{MONTH}(?: [0-9]{4})? %{TIME}`,
  LOGLEVEL:
    raw`\b(?i:trace|debug|info(?:rmation)?|notice|warn(?:ing)?|err(?:or)?|crit(?:ical)?|fatal|severe|` +
    raw`alert|emerg(?:ency)?|panic|fine(?:st|r)?)\b`,
};
