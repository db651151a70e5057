/** What one check found; `remedy` says what to do where it is not all well. */
export interface Finding {
  readonly what: string;
  readonly state: 'good' | 'doubtful' | 'bad';
  readonly text: string;
  readonly remedy?: string | undefined;
}

export const good = (what: string, text: string): Finding => ({ what, state: 'good', text });

export const doubtful = (what: string, text: string, remedy: string): Finding => ({
  ...{ what, state: 'doubtful', text, remedy },
});

export const bad = (what: string, text: string, remedy: string): Finding => ({ what, state: 'bad', text, remedy });
