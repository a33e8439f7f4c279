import { site } from '../shared/here.ts';
import { Player } from './player.tsx';

const link = 'text-accent underline underline-offset-2';

/** What stands beside the chat. */
export function Stage({ room }: { room: string }) {
  return (
    <div className="stage">
      <Player />
      <div className="max-w-prose px-4 py-4 max-[56rem]:hidden">
        <h2 className="text-lg font-semibold">
          <bdi>{room}</bdi>
        </h2>
        <p className="mt-1 text-muted">
          The picture only stands in for your stream; the chat is real. Open this page once more, in
          another window or on another machine, and talk to yourself. What the fleet does meanwhile
          is on the{' '}
          <a className={link} href={site.monitor}>
            monitor
          </a>
          .
        </p>
      </div>
    </div>
  );
}
