import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin, type PreviewServer, type ViteDevServer } from 'vite';

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** A chosen theme is known before the first paint, and without a script in the page. */
function scriptsBeforePaint(): Plugin {
  return {
    name: 'scripts-before-paint',
    transformIndexHtml: {
      order: 'post',
      handler: (html) =>
        html.replaceAll('<script type="module"', '<script type="module" blocking="render"'),
    },
  };
}

/** As the balancer does it: /chat/any-room is one page. */
function usePages({ middlewares }: ViteDevServer | PreviewServer): void {
  middlewares.use((request, _response, next) => {
    const [address = '', query] = (request.url ?? '').split('?');
    const isPage = request.headers.accept?.includes('text/html') === true;
    if (isPage && /^\/chat\/[^/]+$/.test(address)) request.url = '/chat/index.html';
    else if (isPage && address === '/monitor') request.url = '/monitor.html';
    else if (isPage && address === '/plan' && query === undefined) request.url = '/plan.html';
    next();
  });
}

const pagesWithoutEndings: Plugin = {
  name: 'pages-without-endings',
  configureServer: usePages,
  configurePreviewServer: usePages,
};

const balancer = process.env['SPILLWAY_BALANCER'] ?? 'http://127.0.0.1:3000';

export default defineConfig({
  // Pages name their files relative to themselves: a proxy may put them anywhere.
  base: './',
  appType: 'mpa',
  plugins: [react(), tailwindcss(), scriptsBeforePaint(), pagesWithoutEndings],
  resolve: { alias: { '@spillway/client': path('../sdk/src/index.ts') } },
  server: {
    proxy: Object.fromEntries(
      ['/api', '/servers', '/stats', '/redis-stats', '/plan', '/healthz'].map((call) => [
        call,
        {
          target: balancer,
          bypass: (request) => (request.url?.endsWith('.html') === true ? request.url : undefined),
        },
      ]),
    ),
  },
  build: {
    // The balancer's Content-Security-Policy has no data: for scripts and styles, and no inline ones.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: {
        home: path('index.html'),
        chat: path('chat/index.html'),
        monitor: path('monitor.html'),
        plan: path('plan.html'),
      },
    },
  },
});
