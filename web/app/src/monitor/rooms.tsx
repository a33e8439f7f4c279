import { useState } from 'react';
import { firstOrder } from './model/room_list.ts';
import { amount } from './model/units.ts';
import { RoomsTable } from './rooms_table.tsx';
import type { Snapshot } from './store.ts';
import { useRoomList } from './use_room_list.ts';

interface Props {
  readonly snapshot: Snapshot;
  readonly onAllRooms: (all: boolean) => void;
}

/** Every room that the stream tells of; a hundred or ten thousand cost the page the same. */
export function Rooms({ snapshot, onAllRooms }: Props) {
  const [order, setOrder] = useState(firstOrder);
  const [search, setSearch] = useState('');
  const [held, setHeld] = useState(false);
  const { fleet, view, allRooms } = snapshot;
  const names = useRoomList(fleet, view, order, search, held);
  const rooms = view?.totals.rooms.now ?? 0;
  const told = view?.roomsTold ?? 0;
  return (
    <section aria-labelledby="rooms">
      <div className="mb-2 flex flex-wrap items-center gap-x-4 gap-y-1">
        <h2 id="rooms" className="font-semibold">
          Rooms
        </h2>
        <p
          className="flex-1 text-sm whitespace-nowrap text-muted tabular-nums"
          data-testid="rooms-shown"
        >
          {search.trim() === ''
            ? `${amount(told)} of ${amount(rooms)}`
            : `${amount(names.length)} found in ${amount(told)}`}
        </p>
        <label className="flex items-center gap-2 text-sm">
          <input
            type="checkbox"
            className="size-4 accent-accent"
            checked={allRooms}
            onChange={(event) => onAllRooms(event.target.checked)}
          />
          All rooms, not only the 200 fullest
        </label>
        <label className="text-sm max-sm:w-full">
          <span className="sr-only">Search rooms by name</span>
          <input
            type="search"
            className="field h-8 w-48 py-0 text-sm max-sm:w-full"
            placeholder="Search rooms"
            value={search}
            onChange={(event) => setSearch(event.target.value)}
          />
        </label>
      </div>
      <RoomsTable
        fleet={fleet}
        names={names}
        order={order}
        onOrder={setOrder}
        onHeld={setHeld}
        emptyText={
          search.trim() === ''
            ? 'Nobody is in any room.'
            : `No room has “${search.trim()}” in its name.`
        }
      />
      <p className="mt-1 text-xs text-muted" aria-hidden="true">
        {held ? 'The order is held while you are at the list.' : 'Sorted anew every 5 seconds.'}
      </p>
    </section>
  );
}
