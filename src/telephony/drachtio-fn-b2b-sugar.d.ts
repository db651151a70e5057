declare module 'drachtio-fn-b2b-sugar' {
  import type { SipDialog } from './srf.ts';

  /** Forwards these methods between a dialog and its `other`, both ways, with all headers and the answer's status and body. */
  export function forwardInDialogRequests(dialog: SipDialog, methods: readonly string[]): void;
}
