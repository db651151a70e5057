/** A promise of the engine, and what was found. */
export interface Finding {
  readonly promise: string;
  readonly isKept: boolean;
  readonly found: string;
}

export const finding = (promise: string, isKept: boolean, found: string): Finding => ({ promise, isKept, found });

/** Tells a person how it goes, a line now and then. */
export type Progress = (line: string) => void;

/** Timers five times as quick as those of RFC 3261, so that what is forgotten after 64·T1 is so within seven seconds. */
export const brisk = { t1: 100, t2: 800, t4: 1_000 };
export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Calls turned away because this machine is busy would say nothing about the rest. */
export const neverOverloaded = {
  ...{ lagMs: 1e9, receiveQueueShare: 1e9, applicationLagMs: 1e9, queuedBytes: 1e9, waitingInvites: 1e9 },
};
