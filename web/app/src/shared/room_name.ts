const bytesMax = 128;

/** As the server judges a `chatId`: 1 to 128 bytes of UTF-8, no control characters, no braces. */
export function isRoomName(name: string): boolean {
  const bytes = new TextEncoder().encode(name).length;
  return bytes >= 1 && bytes <= bytesMax && name.isWellFormed() && !/[\p{Cc}{}]/u.test(name);
}

/** Browsers take these two out of an address, however they are written: they lead to another page. */
export function hasAddress(name: string): boolean {
  return name !== '.' && name !== '..';
}

/** Why there is no page for what was typed; '': there is, or it is no name yet. */
export function addressProblem(name: string): string {
  return hasAddress(name) ? '' : `A room may be called “${name}”, but no address leads to it.`;
}

/** The room that an address names, which is the last segment of its path. */
export function roomOfPath(path: string): string | undefined {
  const segment = path.slice(path.lastIndexOf('/') + 1);
  try {
    const name = decodeURIComponent(segment);
    return isRoomName(name) ? name : undefined;
  } catch {
    return undefined; // a percent sign that stands for nothing
  }
}
