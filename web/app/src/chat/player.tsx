import { useState } from 'react';

const waves = [520, 600, 690].map((height, at) => {
  const swells = 't400 0 '.repeat(10);
  return `M0 ${height} q200 ${-90 + at * 15} 400 0 ${swells}V900 H0Z`;
});

/** Where a livestream's picture would be: a moving one that needs no media. */
export function Player() {
  const [isPlaying, setIsPlaying] = useState(true);
  return (
    <section aria-label="Player" className="player" data-playing={isPlaying || undefined}>
      <svg className="player-picture" viewBox="0 0 1600 900" preserveAspectRatio="none" aria-hidden>
        {waves.map((wave, at) => (
          <path key={wave} className={`wave wave-${at}`} d={wave} />
        ))}
      </svg>
      <div className="player-bar">
        <button type="button" className="player-button" onClick={() => setIsPlaying(!isPlaying)}>
          {isPlaying ? 'Pause' : 'Play'}
        </button>
        <span className="player-live">Live</span>
        <span className="ml-auto shrink-0">In place of your player</span>
      </div>
    </section>
  );
}
