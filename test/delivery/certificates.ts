import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

/** Why tests with certificates are skipped; false: they are not. */
export const skipWithoutOpenssl: string | false = hasOpenssl() ? false : 'openssl is not installed';

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** From and to, as `openssl ca` has them. */
const LONG_PAST: readonly [string, string] = ['20200101000000Z', '20200102000000Z'];

/** An authority of its own in a folder of its own, which is removed after the tests of the file. */
export class TestAuthority {
  readonly ca: CertificateFiles;
  readonly #folder = mkdtempSync(join(tmpdir(), 'pillion-tls-'));
  readonly #config: string;

  constructor() {
    after(() => rmSync(this.#folder, { recursive: true }));
    this.ca = { cert: this.path('ca.crt'), key: this.path('ca.key') };
    openssl('req', '-x509', ...NEW_KEY, '-keyout', this.ca.key, '-out', this.ca.cert, '-subj', '/CN=Test authority');
    mkdirSync(this.path('issued'));
    writeFileSync(this.path('database'), '');
    this.#config = this.path('ca.conf');
    writeFileSync(
      this.#config,
      [
        '[ca]\ndefault_ca = authority\n[authority]',
        `database = ${this.path('database')}\nnew_certs_dir = ${this.path('issued')}`,
        'rand_serial = yes\ndefault_md = sha256\ndefault_days = 2\npolicy = policy\ncopy_extensions = copy\nunique_subject = no',
        '[policy]\ncommonName = supplied\n',
      ].join('\n'),
    );
  }

  path(name: string): string {
    return join(this.#folder, name);
  }

  /** A certificate for `names`, such as `IP:127.0.0.1`. */
  issue(name: string, names: string, options: { readonly isExpired?: boolean } = {}): CertificateFiles {
    const files = { cert: this.path(`${name}.crt`), key: this.path(`${name}.key`) };
    const request = this.path(`${name}.csr`);
    const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=${names}`];
    openssl('req', ...NEW_KEY, '-keyout', files.key, '-out', request, ...subject);
    const signer = ['-config', this.#config, '-cert', this.ca.cert, '-keyfile', this.ca.key];
    const validity = options.isExpired ? ['-startdate', LONG_PAST[0], '-enddate', LONG_PAST[1]] : [];
    openssl('ca', '-batch', '-notext', ...signer, ...validity, '-in', request, '-out', files.cert);
    return files;
  }
}

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
