const raw = String.raw;

/**
 * Whole lines of programs that many people run. Their fields have the names of OpenTelemetry's semantic conventions,
 * and `time` and `level` are what the stages `timestamp` and `severity` look for.
 */
export const LINE_PATTERNS: Readonly<Record<string, string>> = {
  PROG: raw`[^\s\[\]:]+`,
  SYSLOGPROG: raw`%{PROG:syslog.appname}(?:\[%{POSINT:process.pid:int}\])?`,
  SYSLOGHOST: raw`%{IPORHOST}`,
  SYSLOGFACILITY: raw`<%{NONNEGINT:syslog.facility:int}\.%{NONNEGINT:syslog.priority:int}>`,
  SYSLOGBASE: raw`(?:%{SYSLOGTIMESTAMP:time}|%{TIMESTAMP_ISO8601:time}) (?:%{SYSLOGFACILITY} )?%{SYSLOGHOST:host.name} %{SYSLOGPROG}:`,
  SYSLOGLINE: raw`%{SYSLOGBASE} +%{GREEDYDATA:message}`,
  CRON_ACTION: raw`[A-Z ]+`,
  CRONLOG: raw`%{SYSLOGBASE} \(%{USER:user.name}\) %{CRON_ACTION:cron.action} \(%{DATA:message}\)`,

  HTTPD_REQUEST: raw`(?:%{WORD:http.request.method} %{NOTSPACE:url.original}(?: HTTP/%{NUMBER:network.protocol.version})?|%{DATA})`,
  HTTPD_COMMONLOG:
    raw`%{IPORHOST:client.address} (?:-|%{NOTSPACE}) (?:-|%{NOTSPACE:user.name}) \[%{HTTPDATE:time}\] ` +
    raw`"%{HTTPD_REQUEST}" (?:-|%{INT:http.response.status_code:int}) (?:-|%{INT:http.response.body.size:int})`,
  HTTPD_COMBINEDLOG: raw`%{HTTPD_COMMONLOG} "(?:-|%{HTTPD_QUOTED:http.request.header.referer})" "(?:-|%{HTTPD_QUOTED:user_agent.original})"`,
  HTTPD_QUOTED: raw`[^"\\]*(?:\\.[^"\\]*)*`,
  COMMONAPACHELOG: raw`%{HTTPD_COMMONLOG}`,
  COMBINEDAPACHELOG: raw`%{HTTPD_COMBINEDLOG}`,
  HTTPD20_ERRORLOG: raw`\[%{HTTPDERROR_DATE:time}\] \[%{LOGLEVEL:level}\] (?:\[client %{IPORHOST:client.address}\] )?%{GREEDYDATA:message}`,
  HTTPD24_ERRORLOG:
    raw`\[%{HTTPDERROR_DATE:time}\] \[(?:%{WORD:apache.module})?:%{LOGLEVEL:level}\] ` +
    raw`\[pid %{POSINT:process.pid:int}(?::tid %{NUMBER:thread.id:int})?\] ` +
    raw`(?:\[client %{IPORHOST:client.address}(?::%{POSINT:client.port:int})?\] )?%{GREEDYDATA:message}`,
  HTTPD_ERRORLOG: raw`(?:%{HTTPD24_ERRORLOG}|%{HTTPD20_ERRORLOG})`,
  NGINX_ERRORLOG:
    raw`(?<time>[0-9]{4}/%{MONTHNUM}/%{MONTHDAY} %{TIME}) \[%{LOGLEVEL:level}\] %{POSINT:process.pid:int}#%{NONNEGINT:thread.id:int}: ` +
    raw`(?:\*%{NONNEGINT:nginx.connection:int} )?%{GREEDYDATA:message}`,

  JAVACLASS: raw`(?:[a-zA-Z$_][a-zA-Z$_0-9]*\.)*[a-zA-Z$_][a-zA-Z$_0-9]*`,
  JAVAFILE: raw`[A-Za-z0-9_. -]+`,
  JAVAMETHOD: raw`(?:<(?:cl)?init>|[a-zA-Z$_][a-zA-Z$_0-9]*)`,
  JAVASTACKTRACEPART: raw`\s*at %{JAVACLASS:java.class}\.%{JAVAMETHOD:code.function.name}\(%{JAVAFILE:code.file.path}(?::%{INT:code.line.number:int})?\)`,
  JAVATHREAD: raw`[A-Z]{2}-Processor[0-9]+`,
  JAVALOGMESSAGE: raw`.*`,
  CATALINALOG: raw`%{CATALINA_DATESTAMP:time} %{JAVACLASS:java.class}(?: %{JAVAMETHOD:code.function.name})?\s*(?:%{LOGLEVEL:level}: )?%{JAVALOGMESSAGE:message}`,
  TOMCATLOG: raw`%{TOMCAT_DATESTAMP:time} \| %{LOGLEVEL:level} +\| %{JAVACLASS:java.class} - %{JAVALOGMESSAGE:message}`,
  RUBY_LOGLEVEL: raw`(?:DEBUG|FATAL|ERROR|WARN|INFO)`,
  RUBY_LOGGER: raw`[DFEWI], \[%{TIMESTAMP_ISO8601:time} #%{POSINT:process.pid:int}\] +%{RUBY_LOGLEVEL:level} -- +%{DATA:progname}: %{GREEDYDATA:message}`,

  REDISLOG: raw`\[%{POSINT:process.pid:int}\] %{REDISTIMESTAMP:time} [.*#-] %{GREEDYDATA:message}`,
  POSTGRESQL: raw`%{TIMESTAMP_ISO8601:time} (?:%{TZ} )?\[%{POSINT:process.pid:int}(?:-[0-9]+)?\] (?:%{NOTSPACE:user.name}@%{NOTSPACE:db.namespace} )?%{WORD:level}: +%{GREEDYDATA:message}`,
  HAPROXYHTTP:
    raw`%{SYSLOGBASE} %{IP:client.address}:%{INT:client.port:int} \[[^\]]+\] %{NOTSPACE:haproxy.frontend} ` +
    raw`%{NOTSPACE:haproxy.backend} %{NOTSPACE:haproxy.timers} %{INT:http.response.status_code:int} ` +
    raw`\+?%{INT:http.response.size:int} \S+ \S+ %{NOTSPACE:haproxy.termination_state} %{NOTSPACE:haproxy.connections} ` +
    raw`%{NOTSPACE:haproxy.queues} (?:\{[^}]*\} ){0,2}"%{HTTPD_REQUEST}"`,
};
