/** A sleep that can be cut short; a wake during no sleep ends the next one at once, so that none is lost. */
export class Sleeper {
  #awake = false;
  #end: (() => void) | undefined;

  async sleep(ms: number): Promise<void> {
    if (!this.#awake) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#end = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#awake = false;
    this.#end = undefined;
  }

  wake(): void {
    this.#awake = true;
    this.#end?.();
  }
}
