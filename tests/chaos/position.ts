// Where a viewer is, with one connection or, during a hand-over, two.
import type { Position, ServerMessage } from '../integration/harness/messages.ts';

/**
 * `epoch`: of the connection that the message came on. Of two connections the one that is further
 * in the same epoch counts; one that is still in another epoch moves nothing.
 */
export function positionAfter(
  before: Position | undefined,
  epoch: string | undefined,
  message: ServerMessage,
): Position | undefined {
  if (message.type === 'registered') {
    const { epoch: its, seq } = message.payload;
    const isBehind = before?.epoch === its && seq <= before.seq;
    return isBehind ? before : { epoch: its, seq };
  }
  const seq =
    message.type === 'chat' ? message.seq : message.type === 'gap' ? message.payload.to : undefined;
  if (seq === undefined || before === undefined) return before;
  return before.epoch === epoch && seq > before.seq ? { epoch, seq } : before;
}
