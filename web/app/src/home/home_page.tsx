import { useState, type ReactNode } from 'react';
import { counted } from '../shared/format.ts';
import { site } from '../shared/here.ts';
import { PageHeader } from '../shared/page_header.tsx';
import { addressProblem, hasAddress, isRoomName } from '../shared/room_name.ts';
import { useBusyRooms } from './use_busy_rooms.ts';

function RoomForm() {
  const [name, setName] = useState('');
  const room = name.trim();
  const isGood = isRoomName(room) && hasAddress(room);
  return (
    <form
      className="mt-3 flex flex-wrap gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (isGood) location.assign(site.chat(room));
      }}
    >
      <label htmlFor="room" className="sr-only">
        Name of the room
      </label>
      <input
        id="room"
        className="field min-w-0 flex-1"
        placeholder="Any name; a room is there once somebody enters it"
        autoComplete="off"
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <button type="submit" className="button" disabled={!isGood}>
        Enter
      </button>
      <p role="status" className="w-full text-sm text-bad empty:hidden">
        {addressProblem(room)}
      </p>
    </form>
  );
}

function RoomLink({ name, children }: { name: string; children?: ReactNode }) {
  const number = <span className="shrink-0 text-muted tabular-nums">{children}</span>;
  if (!hasAddress(name)) {
    return (
      <li className="flex justify-between gap-4 px-3 py-2" title={addressProblem(name)}>
        <bdi className="font-medium">{name}</bdi>
        {number}
      </li>
    );
  }
  return (
    <li>
      <a
        href={site.chat(name)}
        className="flex justify-between gap-4 px-3 py-2 hover:bg-raised focus-visible:-outline-offset-2"
      >
        <bdi className="min-w-0 truncate font-medium text-accent">{name}</bdi>
        {number}
      </a>
    </li>
  );
}

function Rooms() {
  const { rooms, hasFailed } = useBusyRooms();
  if (hasFailed) {
    return (
      <p role="status" className="mt-2 text-warn">
        The balancer does not say which rooms there are. It is asked again every ten seconds; a room
        can be entered by its name all the same.
      </p>
    );
  }
  if (rooms === undefined) return <p className="mt-2 text-muted">Asking the balancer…</p>;
  return (
    <ul className="mt-2 divide-y divide-edge rounded-md border border-edge bg-surface">
      {rooms.map(({ name, viewers }) => (
        <RoomLink key={name} name={name}>
          {counted(viewers, 'viewer', 'viewers')}
        </RoomLink>
      ))}
      {rooms.length === 0 && <RoomLink name="lobby">nobody is anywhere yet</RoomLink>}
    </ul>
  );
}

function PageLink({ href, name, children }: { href: string; name: string; children: ReactNode }) {
  return (
    <li>
      <a
        href={href}
        className="block h-full rounded-md border border-edge bg-surface px-3 py-2 hover:bg-raised"
      >
        <span className="font-medium text-accent">{name}</span>
        <span className="block text-sm text-muted">{children}</span>
      </a>
    </li>
  );
}

export function HomePage() {
  return (
    <>
      <PageHeader current="home" />
      <main id="main" className="mx-auto max-w-2xl px-4 py-8">
        <h1 className="text-2xl font-semibold">Choose a room</h1>
        <RoomForm />
        <h2 className="mt-8 font-semibold">Rooms with most viewers</h2>
        <Rooms />
        <h2 className="mt-8 font-semibold">For who runs it</h2>
        <ul className="mt-2 grid gap-2 sm:grid-cols-2">
          <PageLink href={site.monitor} name="Monitor">
            Servers, rooms and what the balancer decides, live
          </PageLink>
          <PageLink href={site.plan} name="Capacity">
            How many servers your viewers will need
          </PageLink>
        </ul>
      </main>
    </>
  );
}
