// Installs a Debian package that the tests need, where it can be installed without asking anybody.
import { spawnSync } from 'node:child_process';

export const works = (command, ...args) => spawnSync(command, args, { stdio: 'ignore' }).error === undefined;
const succeeds = (command, ...args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;

/** Runs a command as root; its output goes to stderr, so that the output of the tests stays clean. */
function asRoot(command) {
  const prefix = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const [program, ...args] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', ...command];
  return spawnSync(program, args, { stdio: ['ignore', 2, 2] }).status === 0;
}

/** Installs it; what went wrong, or undefined. */
export function installPackage(name) {
  if (!works('apt-get', '--version')) return 'this system has no apt-get';
  if (process.getuid?.() !== 0 && !succeeds('sudo', '-n', 'true')) return 'neither root nor sudo without a password';
  console.error(`installing ${name} ...`);
  // A failing update is no reason to give up: the package lists at hand may be good enough.
  asRoot(['apt-get', 'update', '-qq']);
  if (!asRoot(['apt-get', 'install', '-y', '-qq', '--no-install-recommends', name]))
    return 'apt-get failed (see above)';
  return undefined;
}
