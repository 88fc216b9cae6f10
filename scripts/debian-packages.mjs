// The Debian packages that tests and benchmarks drive as real peers, and which suites stay away without each.
import { existsSync } from 'node:fs';

const PACKAGES = [
  { name: 'dcmtk', file: '/usr/bin/storescu', suites: ['cli', 'dicom', 'dimse', 'interop', 'egress', 'bench'] },
  { name: 'orthanc', file: '/usr/sbin/Orthanc', suites: ['interop', 'egress', 'bench'] },
  {
    name: 'python3-pydicom',
    file: '/usr/lib/python3/dist-packages/pydicom/__init__.py',
    suites: ['cli', 'dicom', 'dimse', 'interop'],
  },
  { name: 'dicom3tools', file: '/usr/bin/dciodvfy', suites: ['egress'] },
  { name: 'rsyslog', file: '/usr/sbin/rsyslogd', suites: ['audit'] },
  { name: 'rsyslog-openssl', file: '/usr/share/doc/rsyslog-openssl', suites: ['audit'] },
  { name: 'libxml2-utils', file: '/usr/bin/xmllint', suites: ['audit'] },
  { name: 'strace', file: '/usr/bin/strace', suites: ['crash'] },
];

/** @returns {string[]} names of the packages that are not installed */
export function missingDebianPackages() {
  return PACKAGES.filter((pkg) => !existsSync(pkg.file)).map((pkg) => pkg.name);
}

/** @param {readonly string[]} missing */
export function suitesWithout(missing) {
  return [...new Set(PACKAGES.filter((pkg) => missing.includes(pkg.name)).flatMap((pkg) => pkg.suites))];
}
