// What every peer here has to understand of the chat protocol, and nothing more.

/**
 * @typedef {{ type: string; payload: { chatId?: string; message?: string } }} ClientMessage
 */

/**
 * @param {string} text
 * @returns {{ enter: string } | { say: string }}
 */
export function understand(text) {
  const { type, payload } = /** @type {ClientMessage} */ (JSON.parse(text));
  if (type === 'register') return { enter: payload.chatId ?? '' };
  return { say: JSON.stringify({ type: 'chat', message: payload.message ?? '' }) };
}
