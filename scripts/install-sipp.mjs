// Makes sure that `sipp` is there for the tests: silent when it is, else installs Debian's package `sip-tester`.
import { installPackage, works } from './debian-package.mjs';

function install() {
  const problem = installPackage('sip-tester');
  if (problem !== undefined) return problem;
  return works('sipp', '-v') ? undefined : 'sip-tester is installed, but sipp is not in PATH';
}

const problem = works('sipp', '-v') ? undefined : install();
if (problem !== undefined) {
  console.error(
    [
      `The call tests need SIPp, and it could not be installed: ${problem}.`,
      '  Debian, Ubuntu:  sudo apt-get install sip-tester',
      '  macOS:           brew install sipp',
      '  other systems:   put a sipp 3.6 or newer into PATH (https://github.com/SIPp/sipp)',
      'Then run npm test again.',
    ].join('\n'),
  );
  process.exit(1);
}
