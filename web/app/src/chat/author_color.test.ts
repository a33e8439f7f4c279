import { expect, test } from 'vitest';
import { contrast } from '../shared/contrast.ts';
import { nameColor, palette } from './author_color.ts';

test.each([...palette, '#000000', '#ffffff', '#ff0', '#f80', '#00f', '#777777'])(
  'a name in %s can be read in both themes',
  (color) => {
    const { light, dark } = nameColor('ada', color);
    for (const surface of ['#ffffff', '#e9eef0']) {
      expect(contrast(light, surface)).toBeGreaterThanOrEqual(4.5);
    }
    for (const surface of ['#161d21', '#202a30']) {
      expect(contrast(dark, surface)).toBeGreaterThanOrEqual(4.5);
    }
  },
);

test.each([undefined, null, 7, {}, '', 'red', 'url(x)', '#12345', '#ggg', 'var(--x)', '#fff;a:b'])(
  '%j is no colour: the name has one of its own',
  (color) => {
    expect(nameColor('ada', color)).toEqual(nameColor('ada', undefined));
  },
);

test('a colour that can be read is left as it is', () => {
  expect(nameColor('ada', '#0000CC').light).toBe('#0000cc');
});
