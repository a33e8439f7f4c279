type Lists<Events> = {
  [Name in keyof Events]?: readonly ((event: Events[Name]) => void)[];
};

/** Listeners to a few kinds of events, typed by a map from name to what is told. */
export class Emitter<Events extends object> {
  // Lists are replaced, never changed: who comes or goes while something is told is not part of it.
  readonly #lists: Lists<Events> = {};

  /** Returns what takes the listener away again. */
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void {
    // One function may listen twice, and is taken away once.
    const own = (event: Events[Name]): void => listener(event);
    this.#lists[name] = [...(this.#lists[name] ?? []), own];
    return () => {
      this.#lists[name] = this.#lists[name]?.filter((one) => one !== own);
    };
  }

  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    for (const listener of this.#lists[name] ?? []) {
      try {
        listener(event);
      } catch (error) {
        // A fault of the page is no reason to lose a message: it is reported like any other.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
