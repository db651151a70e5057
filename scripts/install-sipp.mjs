// Makes sure that `sipp` is there for the tests: silent when it is, else installs Debian's package `sip-tester`.
import { spawnSync } from 'node:child_process';

const works = (command, ...args) => spawnSync(command, args, { stdio: 'ignore' }).error === undefined;
const succeeds = (command, ...args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;

/** Runs a command as root; its output goes to stderr, so that the output of the tests stays clean. */
function asRoot(command) {
  const prefix = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const [program, ...args] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', ...command];
  return spawnSync(program, args, { stdio: ['ignore', 2, 2] }).status === 0;
}

function install() {
  if (!works('apt-get', '--version')) return 'this system has no apt-get';
  if (process.getuid?.() !== 0 && !succeeds('sudo', '-n', 'true')) return 'neither root nor sudo without a password';
  console.error('SIPp is missing; installing sip-tester ...');
  // A failing update is no reason to give up: the package lists at hand may be good enough.
  asRoot(['apt-get', 'update', '-qq']);
  if (!asRoot(['apt-get', 'install', '-y', '-qq', '--no-install-recommends', 'sip-tester']))
    return 'apt-get failed (see above)';
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
