/** What a user agent tells of itself; what it does not is empty. */
export interface UserAgent {
  readonly name: string;
  readonly version: string;
  readonly osName: string;
  readonly osVersion: string;
  /** Who is no person: a `bot`, or a `test` that asks whether a service is there. */
  readonly syntheticType: '' | 'bot' | 'test';
}

/** More of a text is not looked at. */
const MAX_LENGTH = 1024;

/** Probes of Kubernetes, load balancers and monitors. */
const PROBES =
  /^(kube-probe|GoogleHC|GoogleStackdriverMonitoring-UptimeChecks(?=\()|ELB-HealthChecker|Uptime-Kuma|Consul Health Check|Blackbox Exporter|Datadog\/Synthetics|Pingdom\.com_bot_version_(?=[\d.])|UptimeRobot|StatusCake|HetrixTools)(?:\/v?(\d[\w.]*))?/;

/** `Googlebot/2.1`, `AhrefsBot/7.0`, `Baiduspider/2.0`; `Cubot` is a telephone. */
const BOTS =
  /\b(?!cubot\b)([\w-]{0,40}(?:bot|crawler|spider|facebookexternalhit|Bot-\w{1,20}))(?![\w-])(?:[/ ]v?(\d[\d.]*))?/i;

/** Browsers by the word with their version; those that name others as well come first. */
const BROWSERS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['Edge', /\b(?:Edg|EdgA|EdgiOS|Edge)\/(\d[\d.]*)/],
  ['Opera', /\b(?:OPR|OPT|Opera)\/(\d[\d.]*)/],
  ['Samsung Internet', /\bSamsungBrowser\/(\d[\d.]*)/],
  ['Yandex Browser', /\bYaBrowser\/(\d[\d.]*)/],
  ['Vivaldi', /\bVivaldi\/(\d[\d.]*)/],
  ['Thunderbird', /\bThunderbird\/(\d[\d.]*)/],
  ['Electron', /\bElectron\/(\d[\d.]*)/],
  ['Firefox', /\b(?:Firefox|FxiOS)\/(\d[\d.]*)/],
  ['HeadlessChrome', /\bHeadlessChrome\/(\d[\d.]*)/],
  ['Chrome', /\b(?:Chrome|CriOS)\/(\d[\d.]*)/],
  ['Safari', /\bVersion\/(\d[\d.]*)(?: Mobile\/\w+)? Safari\//],
  ['Internet Explorer', /\bMSIE (\d[\d.]*)/],
  ['Internet Explorer', /\bTrident\/.{0,80}\brv:(\d[\d.]*)/],
];

/** Programs name themselves first: `curl/8.5.0`, `Prometheus/2.53.1`, `Go-http-client/1.1`, or without a version. */
const PROGRAM = /^([A-Za-z][\w.+-]{0,63})(?:\/v?(\d[\w.+-]*)|$)/;

const SYSTEMS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['Windows', /\bWindows NT (\d[\d.]*)/],
  ['iOS', /\b(?:iPhone OS|CPU OS|iOS)[ /](\d[\d_.]*)/],
  ['macOS', /\bMac OS X (\d[\d_.]*)/],
  ['macOS', /\bMac OS X\b()/],
  ['Android', /\bAndroid(?: (\d[\d.]*))?/],
  ['Chrome OS', /\bCrOS \w+ (\d[\d.]*)/],
  ['FreeBSD', /\bFreeBSD\b()/],
  ['Ubuntu', /\bUbuntu(?:\/(\d[\d.]*))?/],
  ['Linux', /\b[Ll]inux\b()/],
];

/** What Windows is called, by the number of its kernel; 11 says that it is 10. */
const WINDOWS: Readonly<Record<string, string>> = {
  '5.1': 'XP',
  '6.0': 'Vista',
  '6.1': '7',
  '6.2': '8',
  '6.3': '8.1',
  '10.0': '10',
};

/**
 * What the header `User-Agent` tells, by a short list of rules: the browsers that people use, the programs that call
 * services, bots by their names, and probes. O(length), at most 1 KiB of it; for texts that were not seen before.
 */
export function parseUserAgent(header: string): UserAgent {
  const text = header.slice(0, MAX_LENGTH);
  const [osName, osVersion] = systemOf(text);
  const agent = (name: string, version: string | undefined, syntheticType: UserAgent['syntheticType']): UserAgent => ({
    name,
    version: version ?? '',
    osName,
    osVersion,
    syntheticType,
  });
  const probe = PROBES.exec(text);
  if (probe !== null) return agent(probe[1]!, probe[2], 'test');
  const bot = BOTS.exec(text);
  if (bot !== null) return agent(bot[1]!, bot[2], 'bot');
  if (!text.startsWith('Mozilla/') && !text.startsWith('Opera/')) {
    const program = PROGRAM.exec(text);
    return agent(program?.[1] ?? '', program?.[2], '');
  }
  for (const [name, pattern] of BROWSERS) {
    const found = pattern.exec(text);
    if (found !== null) return agent(name, found[1], '');
  }
  return agent('', '', '');
}

function systemOf(text: string): [name: string, version: string] {
  for (const [name, pattern] of SYSTEMS) {
    const found = pattern.exec(text);
    if (found === null) continue;
    const version = (found[1] ?? '').replaceAll('_', '.');
    return [name, name === 'Windows' ? (WINDOWS[version] ?? version) : version];
  }
  return ['', ''];
}
