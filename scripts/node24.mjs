// Runs a TypeScript entry point, after making sure that Node can (24 or newer). Older Nodes are refused with the remedy:
// better-sqlite3 13 crashes on Node 20, and only newer Nodes run TypeScript directly.
import { pathToFileURL } from 'node:url';

const REQUIRED_MAJOR = 24;
const major = Number(process.versions.node.split('.')[0]);
if (major < REQUIRED_MAJOR) {
  console.error(
    [
      `This project needs Node ${REQUIRED_MAJOR} or newer; this is Node ${process.versions.node} (${process.execPath}).`,
      'npm ci brings the right one as node_modules/.bin/node and the npm scripts find it there first.',
      'It is missing: run "npm ci" again without --ignore-scripts and without --omit=dev, or install Node 24 yourself.',
    ].join('\n'),
  );
  process.exit(1);
}

const [entry] = process.argv.splice(2, 1);
if (entry !== undefined) {
  process.argv[1] = entry;
  await import(pathToFileURL(entry).href);
}
