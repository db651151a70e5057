import { join } from 'node:path';
import { AccountFileError } from '../account/load-account.ts';
import { ConfigError } from '../config.ts';
import { AppError } from '../domain/errors.ts';
import { type ReadableDatabase, readDatabase } from '../store/sqlite/read-database.ts';

/** A command cannot do what it was told; the message says why and what to do. */
export class CommandError extends Error {}

const EXPECTED = [CommandError, ConfigError, AccountFileError, AppError];

/** Runs a command to its end; a mistake of the operator's is one readable message, without a stack, and status 1. */
export async function runCommand(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const isExpected = EXPECTED.some((kind) => error instanceof kind);
    console.error(isExpected ? (error as Error).message : error);
    process.exitCode = 1;
  }
}

export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Where the service keeps its database. */
export function databaseFile(dataDir: string): string {
  return join(dataDir, 'bridge.sqlite');
}

/** Opens the file for reading while the work goes on; there may be none. */
export async function withDatabase<Result>(
  file: string,
  work: (database: ReadableDatabase | undefined) => Promise<Result>,
): Promise<Result> {
  const database = await readDatabase(file);
  try {
    return await work(database);
  } finally {
    database?.close();
  }
}
