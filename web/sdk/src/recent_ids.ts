/**
 * The ids of the newest messages. Who is not sure that a message was logged repeats it under the
 * same id; then the room has it twice, and it is shown once.
 */
export class RecentIds {
  static readonly kept: number = 1000;
  readonly #ids = new Set<string>();

  /** Whether it is new; it is remembered. */
  isNew(id: string): boolean {
    if (this.#ids.has(id)) return false;
    this.#ids.add(id);
    // A Set keeps the order in which things came.
    for (const oldest of this.#ids) {
      if (this.#ids.size <= RecentIds.kept) break;
      this.#ids.delete(oldest);
    }
    return true;
  }
}
