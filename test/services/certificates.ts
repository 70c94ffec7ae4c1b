/** Certificates for one test run, made by openssl: an authority, and what it signs for 127.0.0.1. Nothing of it outlives the folder. */
import { join } from 'node:path';
import { run } from './command.ts';

/** Paths of PEM files. */
export interface Authority {
  ca: string;
  /** Signs a certificate for 127.0.0.1 and localhost, for servers and clients alike. */
  issue(name: string): Promise<{ cert: string; key: string }>;
}

/** An authority of its own. @throws when there is no `openssl` on the PATH */
export async function makeAuthority(folder: string, name: string): Promise<Authority> {
  const file = (part: string) => join(folder, `${name}-${part}`);
  const [ca, caKey] = [file('ca.pem'), file('ca.key')];
  await openssl('req', '-x509', ...NEW_KEY, '-keyout', caKey, '-out', ca, '-days', '2', '-subj', `/CN=${name}`);
  return {
    ca,
    async issue(subject) {
      const [key, request, cert] = [file(`${subject}.key`), file(`${subject}.csr`), file(`${subject}.pem`)];
      const names = 'subjectAltName=IP:127.0.0.1,DNS:localhost';
      await openssl('req', ...NEW_KEY, '-keyout', key, '-out', request, '-subj', `/CN=${subject}`, '-addext', names);
      const signer = ['-CA', ca, '-CAkey', caKey, '-CAcreateserial', '-copy_extensions', 'copy'];
      await openssl('x509', '-req', '-in', request, ...signer, '-out', cert, '-days', '2');
      return { cert, key };
    },
  };
}

const NEW_KEY = ['-newkey', 'rsa:2048', '-nodes'];

function openssl(...args: string[]): Promise<void> {
  return run('openssl', args);
}
