// The chat page as who sits before it knows it.
import type { Locator, Page } from 'playwright-core';
import { eventually } from '../integration/harness/wait.ts';

/** A connection that ended without a word, and a balancer without a server, as the console has it. */
export const lostConnection = /WebSocket connection to 'ws:|Failed to load resource: .* 404/;

export class ChatView {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  get field(): Locator {
    return this.page.getByRole('textbox', { name: 'Message' });
  }

  get log(): Locator {
    return this.page.getByRole('log');
  }

  get newest(): Locator {
    return this.page.getByRole('button', { name: /new message|the newest/ });
  }

  async connected(): Promise<this> {
    await this.page.getByText('Connected', { exact: true }).waitFor();
    return this;
  }

  async say(text: string): Promise<void> {
    await this.field.fill(text);
    await this.field.press('Enter');
  }

  /** What was said, oldest first; own lines that are still on their way do not count. */
  async texts(): Promise<string[]> {
    return this.log.locator('.line:not([data-fate]) .message-text').allTextContents();
  }

  async shows(text: string): Promise<void> {
    await this.log.locator('.line:not([data-fate])').getByText(text, { exact: true }).waitFor();
  }

  async until(accept: (texts: readonly string[]) => boolean, limitMs = 20_000): Promise<string[]> {
    return eventually(() => this.texts(), accept, limitMs);
  }

  /** Pixels between what is seen and the end of the list. */
  async fromEnd(): Promise<number> {
    return this.log.evaluate(
      (element) => element.scrollHeight - element.scrollTop - element.clientHeight,
    );
  }
}
