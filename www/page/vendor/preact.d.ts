// preact.js is preact/dist/preact.mjs as published, put here when the site is built.
export * from 'preact';
