// The monitor as an operator knows it.
import type { Locator, Page } from 'playwright-core';

/** What a browser says of a stream that ends, and of a call that is refused or not answered. */
export const lostBalancer = /Failed to load resource: (?:net::ERR_|the server responded)/;

export class MonitorView {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  get servers(): Locator {
    return this.page.getByRole('article');
  }

  get decisions(): Locator {
    return this.page.getByRole('list', { name: 'Decisions' }).getByRole('listitem');
  }

  get freshness(): Locator {
    return this.page.getByTestId('freshness');
  }

  get staleWords(): Locator {
    return this.page.getByTestId('stale-words');
  }

  get dialog(): Locator {
    return this.page.getByRole('dialog');
  }

  get rooms(): Locator {
    return this.page.getByRole('table', { name: 'Rooms' });
  }

  async is(state: 'Live' | 'Stale'): Promise<this> {
    await this.freshness.getByText(state, { exact: true }).waitFor();
    return this;
  }

  /** Until so many servers are shown. */
  async shows(servers: number): Promise<void> {
    await this.servers.nth(servers - 1).waitFor();
    await this.servers.nth(servers).waitFor({ state: 'detached' });
  }

  /** A number of the whole fleet, as it is written. */
  total(label: string): Locator {
    return this.page.locator('dt', { hasText: new RegExp(`^${label}`) }).locator('+ dd');
  }

  drain(server: Locator): Locator {
    return server.getByRole('button', { name: /^Drain/ });
  }

  async confirm(): Promise<void> {
    await this.dialog.locator('button[type=submit]').click();
  }

  roomNames(): Promise<string[]> {
    return this.rooms.getByRole('link').allTextContents();
  }
}
