import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import { site } from '../shared/here.ts';
import { addressProblem, hasAddress } from '../shared/room_name.ts';
import type { Fleet } from './model/fleet.ts';
import { orderBy, serversOf, type RoomColumn, type RoomOrder } from './model/room_list.ts';
import { amount } from './model/units.ts';

interface Props {
  readonly fleet: Fleet | undefined;
  readonly names: readonly string[];
  readonly order: RoomOrder;
  readonly onOrder: (order: RoomOrder) => void;
  /** Somebody points at the list, or is in it by keys. */
  readonly onHeld: (held: boolean) => void;
  readonly emptyText: string;
}

const rowHeight = 30;
const grid =
  'grid grid-cols-[minmax(0,1fr)_3.75rem_4.75rem_4.75rem] sm:grid-cols-[minmax(0,1fr)_7rem_8rem_8rem_6rem] items-center gap-1 sm:gap-2 px-3';

const columns: readonly (readonly [RoomColumn, string])[] = [
  ['name', 'Room'],
  ['viewers', 'Viewers'],
  ['messages', 'Messages'],
  ['deliveries', 'Deliveries'],
];

/** Only the rows that are seen are there. */
export function RoomsTable({ fleet, names, order, onOrder, onHeld, emptyText }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  // oxlint-disable-next-line react/incompatible-library -- nothing of it is passed on
  const rows = useVirtualizer({
    count: names.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 8,
  });
  return (
    <div
      role="table"
      aria-labelledby="rooms"
      aria-rowcount={names.length + 1}
      className="overflow-hidden rounded-lg border border-edge bg-surface text-sm"
      onPointerEnter={() => onHeld(true)}
      onPointerLeave={() => onHeld(false)}
      onFocus={() => onHeld(true)}
      onBlur={() => onHeld(false)}
    >
      <div role="rowgroup">
        <div role="row" aria-rowindex={1} className={`${grid} border-b border-edge py-1`}>
          {columns.map(([column, label]) => (
            <ColumnHead key={column} {...{ column, label, order, onOrder }} />
          ))}
          <div role="columnheader" className="text-right text-xs text-muted max-sm:hidden">
            Servers
          </div>
        </div>
      </div>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls by keys */}
      <div
        ref={scroller}
        role="rowgroup"
        tabIndex={0}
        aria-label="Rooms"
        className="relative h-[25rem] overflow-y-auto"
      >
        {names.length === 0 ? (
          <div role="row">
            <p role="cell" className="p-3 text-muted">
              {emptyText}
            </p>
          </div>
        ) : null}
        <div role="presentation" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map(({ index, start }) => (
            <Row key={names[index]} {...{ fleet, index, start }} name={names[index] ?? ''} />
          ))}
        </div>
      </div>
    </div>
  );
}

interface HeadProps {
  readonly column: RoomColumn;
  readonly label: string;
  readonly order: RoomOrder;
  readonly onOrder: (order: RoomOrder) => void;
}

function ColumnHead({ column, label, order, onOrder }: HeadProps) {
  const isSorted = order.column === column;
  const direction = order.descending ? 'descending' : 'ascending';
  const arrow = order.descending ? '↓' : '↑';
  return (
    <div
      role="columnheader"
      aria-sort={isSorted ? direction : 'none'}
      className={column === 'name' ? '' : 'text-right'}
    >
      <button
        type="button"
        className={`flex w-full gap-0.5 rounded text-xs whitespace-nowrap hover:text-ink ${
          column === 'name' ? '' : 'flex-row-reverse'
        } ${isSorted ? 'text-ink' : 'text-muted'}`}
        onClick={() => onOrder(orderBy(order, column))}
      >
        {label}
        <span aria-hidden="true">{isSorted ? arrow : ''}</span>
      </button>
    </div>
  );
}

interface RowProps {
  readonly fleet: Fleet | undefined;
  readonly name: string;
  readonly index: number;
  readonly start: number;
}

function Row({ fleet, name, index, start }: RowProps) {
  const room = fleet?.rooms.get(name);
  const times = fleet?.times.values;
  const rate = (of: 'messagesPerS' | 'deliveriesPerS'): string =>
    `${amount(room === undefined || times === undefined ? null : room[of](times))}/s`;
  const cell = 'text-right tabular-nums';
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      className={`${grid} absolute top-0 left-0 w-full border-b border-edge`}
      style={{ height: rowHeight, transform: `translateY(${start}px)` }}
    >
      <div role="cell" className="truncate">
        {hasAddress(name) ? (
          <a
            href={site.chat(name)}
            title={name}
            className="underline-offset-2 hover:text-accent hover:underline"
          >
            <bdi>{name}</bdi>
          </a>
        ) : (
          <bdi title={addressProblem(name)}>{name}</bdi>
        )}
      </div>
      <div role="cell" className={cell}>
        {room === undefined ? 'gone' : amount(room.viewers)}
      </div>
      <div role="cell" className={cell}>
        {rate('messagesPerS')}
      </div>
      <div role="cell" className={cell}>
        {rate('deliveriesPerS')}
      </div>
      <div role="cell" className={`${cell} max-sm:hidden`}>
        {fleet === undefined ? '' : serversOf(fleet, name)}
      </div>
    </div>
  );
}
