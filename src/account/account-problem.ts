/** Something wrong at a path of the account file, with the remedy in the message. */
export interface AccountProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}
