// The admin token, for as long as the tab is open and no longer.
const key = 'spillway.admin-token';

export function storedToken(): string | undefined {
  try {
    return sessionStorage.getItem(key) ?? undefined;
  } catch {
    return undefined; // a browser may forbid it: then each change asks
  }
}

export function storeToken(token: string | undefined): void {
  try {
    if (token === undefined) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, token);
  } catch {
    // Forbidden: it is asked for again.
  }
}
