import { useState } from 'react';
import { palette } from './author_color.ts';
import { AuthorName } from './line_row.tsx';
import { cleanName, nameLengthMax, type Viewer } from './viewer.ts';

interface ViewerFormProps {
  readonly viewer: Viewer;
  readonly onDone: (viewer: Viewer) => void;
}

const colorNames = ['Rust', 'Amber', 'Olive', 'Green', 'Teal', 'Blue', 'Indigo', 'Violet', 'Pink'];

/** Name and colour of who writes here. */
export function ViewerForm({ viewer, onDone }: ViewerFormProps) {
  const [name, setName] = useState(viewer.name);
  const [color, setColor] = useState(viewer.color);
  const cleaned = cleanName(name);
  return (
    <form
      aria-label="Your name and colour"
      className="border-t border-edge px-3 py-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (cleaned !== '') onDone({ name: cleaned, color });
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onDone(viewer);
      }}
    >
      <label className="block text-sm text-muted" htmlFor="viewer-name">
        Your name
      </label>
      <div className="mt-1 flex gap-2">
        <input
          id="viewer-name"
          // oxlint-disable-next-line jsx-a11y/no-autofocus -- it was opened to be written in
          autoFocus
          required
          maxLength={nameLengthMax}
          autoComplete="nickname"
          className="field min-w-0 flex-1"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <button type="submit" className="button" disabled={cleaned === ''}>
          Save
        </button>
      </div>
      <fieldset className="mt-3">
        <legend className="text-sm text-muted">
          Colour of <AuthorName name={cleaned === '' ? 'your name' : cleaned} color={color} />
        </legend>
        <div className="mt-1 flex flex-wrap gap-1.5">
          {palette.map((each, at) => (
            <label key={each} className="swatch" style={{ '--swatch': each }}>
              <input
                type="radio"
                name="color"
                className="sr-only"
                checked={each === color}
                onChange={() => setColor(each)}
              />
              <span className="sr-only">{colorNames[at]}</span>
            </label>
          ))}
        </div>
      </fieldset>
    </form>
  );
}
