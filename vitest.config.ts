/** Test projects. `twin` starts real processes and runs one file at a time; the others run at will. */

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['tests/unit/**/*.test.ts'] } },
      {
        test: {
          name: 'template',
          include: ['tests/template/**/*.test.ts'],
          globalSetup: ['tests/template/scratch-setup.ts'],
          // Loading the CDK is most of the work: once for all files, not once for each.
          isolate: false,
          // The CDK's own validation is most of a synthesis: tests/template/app.test.ts runs it.
          env: { CDK_VALIDATION: 'false' },
          fileParallelism: false,
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'twin',
          include: ['tests/twin/**/*.test.ts'],
          globalSetup: ['tests/support/assembly-setup.ts'],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
