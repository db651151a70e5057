// Makes sure that a Chromium is there for the tests of pages: silent when it is, else installs Debian's package `chromium`.
import { installPackage, works } from './debian-package.mjs';

const wanted = process.env['CHROMIUM'] ?? 'chromium';
const problem = works(wanted, '--version') ? undefined : installPackage('chromium');
if (problem !== undefined) {
  console.error(
    [
      `The tests of pages need Chromium, and it could not be installed: ${problem}.`,
      '  Debian:         sudo apt-get install chromium',
      '  other systems:  set CHROMIUM to the program of an installed Chromium or Chrome',
      'Then run npm test again.',
    ].join('\n'),
  );
  process.exit(1);
}
