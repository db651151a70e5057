export type Path = readonly (string | number)[];

/** Something wrong at a path of the account file, with the remedy in the message. */
export interface AccountProblem {
  readonly path: Path;
  readonly message: string;
}
