export { SpillwayClient, type ClientOptions } from './client.ts';
export {
  SpillwayError,
  type ClientErrorCode,
  type ErrorCode,
  type ServerErrorCode,
} from './errors.ts';
export { idMaker } from './ids.ts';
export type { Failure, RoomState, Skipped as Gap } from './machine/state.ts';
export type {
  Fetch,
  ResponseLike,
  SocketEvent,
  WebSocketConstructor,
  WebSocketLike,
} from './platform.ts';
export type { Room } from './room.ts';
export type { JoinOptions, Message, RoomEvents, SendOptions, Sent } from './room.ts';
