import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What files of the corpora are. The first that matches the path counts. */
interface Expected {
  readonly path: RegExp;
  /** The ready-made pipelines that are right, by their names, and the forms that are as right. */
  readonly names: RegExp;
}

/** Access logs in the combined format look the same whoever writes them. */
const ACCESS = /^(?:nginx|apache|clf|traefik|haproxy|envoy|caddy)/;
/** What sshd, sudo and their like say over syslog has a pipeline of its own. */
const SYSLOG = /^(?:syslog|auth)/;

/** The lines of `loghub/OpenStack` begin with names of files, which whoever collected them has added: they are nobody's. */
const BY_PATH: readonly Expected[] = [
  { path: /\/(?:nginx|apache)\/access\//, names: ACCESS },
  { path: /\/nginx\/error\//, names: /^nginx/ },
  { path: /\/apache\/error\//, names: /^apache/ },
  { path: /\/mysql\//, names: /^(?:mysql|mariadb)/ },
  { path: /\/postgresql\//, names: /^postgres/ },
  { path: /\/redis\//, names: /^redis/ },
  { path: /\/haproxy\//, names: /^(?:haproxy|syslog)/ },
  { path: /\/kafka\//, names: /^(?:kafka|log4j|logback)/ },
  { path: /\/elasticsearch\/(?!gc)/, names: /^elasticsearch/ },
  { path: /\/traefik\/access\//, names: ACCESS },
  { path: /\/system\/(?:auth|syslog)\//, names: SYSLOG },
  { path: /\/logstash\/log\//, names: /^(?:logback|log4j)/ },
  { path: /^loghub\/Apache\//, names: /^apache/ },
  { path: /^loghub\/(?:Mac|OpenSSH|Linux)\//, names: SYSLOG },
  { path: /^loghub\/Spark\//, names: /^(?:log4j|logback)/ },
  { path: /^mtail\/apache/, names: ACCESS },
  { path: /^mtail\/mysql/, names: /^(?:mysql|mariadb)/ },
  { path: /^mtail\/rsyncd/, names: /^text/ },
];

/** By what the hub calls the type of a log; others are of software that no pipeline is for. */
const BY_TYPE: Readonly<Record<string, RegExp>> = {
  nginx: /^(?:nginx|apache|clf|syslog)/,
  apache2: /^(?:apache|nginx|clf|syslog)/,
  syslog: SYSLOG,
  mongodb: /^mongodb/,
  mariadb: /^(?:mariadb|mysql)/,
  postgres: /^postgres/,
  caddy: /^caddy/,
  traefik: /^traefik/,
  haproxy: /^(?:haproxy|syslog)/,
  'k8s-audit': /^kube/,
  laravel: /^laravel/,
  // What these log with, or behind.
  bitwarden: /^serilog/,
  bookstack: /^nginx/,
  bunkerweb: ACCESS,
  docker: ACCESS,
  fireflyiii: /^laravel/,
  litespeed: ACCESS,
  'magento-extension': /^laravel/,
  modsecurity: /^(?:apache|nginx)/,
  'nginx-proxy-manager': ACCESS,
  redmine: /^rails/,
  authelia: /^logrus/,
  authentik: /^structlog/,
  gitlab: /^rails/,
  kasm: /^python-json/,
  'Paperless-ngx': /^python-logging/,
  litellm: /^python-logging/,
  sftpgo: /^zerolog/,
  // Envoy's JSON has the names that its operator gives it: these are not those of the documentation.
  containerd: /^(?:envoy|nginx|apache|clf|json)/,
  navidrome: /^logrus/,
  zimbra: /^log4j/,
  // By way of syslog.
  cowrie: SYSLOG,
  meshcentral: SYSLOG,
};

/** What the file is; undefined: of no software that a pipeline is for. */
export function expectedNames(corpora: string, file: string): RegExp | undefined {
  const found = BY_PATH.find(({ path }) => path.test(file))?.names;
  if (found !== undefined || !file.startsWith('crowdsec-hub/')) return found;
  const index = JSON.parse(readFileSync(join(corpora, 'crowdsec-hub/index.json'), 'utf8')) as {
    readonly test: string;
    readonly log_type: string;
  }[];
  return BY_TYPE[index.find(({ test }) => file.startsWith(`crowdsec-hub/${test}/`))?.log_type ?? ''];
}
