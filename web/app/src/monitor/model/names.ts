/** `127.0.0.1:8080`: what tells a server's address from the others'. */
export function serverName(url: string): string {
  return url.replace(/^wss?:\/\//, '').replace(/\/$/, '');
}

/**
 * Names of servers by their ids, for as long as the page is open: decisions tell of servers that are
 * long gone. Bounded: the oldest goes.
 */
export class NameBook {
  readonly #names = new Map<string, string>();
  readonly #namesMax: number;

  constructor(namesMax = 1000) {
    this.#namesMax = namesMax;
  }

  note(id: string, url: string): void {
    this.#names.delete(id);
    this.#names.set(id, serverName(url));
    const [oldest] = this.#names.keys();
    if (this.#names.size > this.#namesMax && oldest !== undefined) this.#names.delete(oldest);
  }

  readonly nameOf = (id: string): string | undefined => this.#names.get(id);
}
