import { defineConfig } from 'vite';

export default defineConfig({
  build: {
    target: 'es2022',
    sourcemap: true,
    lib: {
      entry: 'src/index.ts',
      name: 'Spillway',
      formats: ['es', 'iife'],
      fileName: (format) => (format === 'es' ? 'spillway.js' : `spillway.${format}.js`),
    },
    // Vite leaves a library's ESM as it is; pages without a bundler would load every comment.
    rolldownOptions: { output: { minify: true } },
  },
});
