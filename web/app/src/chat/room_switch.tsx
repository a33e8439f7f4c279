import { useState } from 'react';
import { addressProblem, hasAddress, isRoomName } from '../shared/room_name.ts';

/** A button that becomes a form. */
export function RoomSwitch({ onGo }: { onGo: (room: string) => void }) {
  const [name, setName] = useState<string>();
  if (name === undefined) {
    return (
      <button type="button" className="text-button text-sm" onClick={() => setName('')}>
        Other room
      </button>
    );
  }
  const room = name.trim();
  const isGood = isRoomName(room) && hasAddress(room);
  return (
    <form
      className="flex w-full flex-wrap items-center gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isGood) return;
        setName(undefined);
        onGo(room);
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') setName(undefined);
      }}
    >
      <label htmlFor="room" className="sr-only">
        Room
      </label>
      <input
        id="room"
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- it was opened to be written in
        autoFocus
        placeholder="Name of the room"
        className="field min-w-0 flex-1"
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <button type="submit" className="button" disabled={!isGood}>
        Go
      </button>
      <button type="button" className="text-button text-sm" onClick={() => setName(undefined)}>
        Cancel
      </button>
      <p role="status" className="w-full text-sm text-bad empty:hidden">
        {addressProblem(room)}
      </p>
    </form>
  );
}
