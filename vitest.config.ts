/**
 * Test projects. Files of `unit` share their modules, which saves half of its time; those that replace modules,
 * time or what is observed of a process are in `unit-isolated`. Those of the twin start real processes:
 * `twin-parts` two files at a time; `twin` measures times, one file at a time, with the machine to itself.
 */

import { defineConfig } from 'vitest/config';

const TIMED = ['agreement', 'drills'].map((folder) => `tests/twin/${folder}/**/*.test.ts`);

const TWIN = {
  globalSetup: ['tests/support/assembly-setup.ts'],
  testTimeout: 60_000,
  hookTimeout: 60_000,
};

const ISOLATED = [
  ...['handlers', 'sdk'].map((folder) => `tests/unit/${folder}/**/*.test.ts`),
  'tests/unit/twin/region/api/rest-api.test.ts',
];

const UNIT = {
  globalSetup: ['tests/support/scratch-setup.ts'],
  maxWorkers: 2,
  sequence: { groupOrder: 1 },
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['tests/unit/**/*.test.ts'],
          exclude: ISOLATED,
          isolate: false,
          ...UNIT,
        },
      },
      { test: { name: 'unit-isolated', include: ISOLATED, ...UNIT } },
      {
        test: {
          name: 'template',
          include: ['tests/template/**/*.test.ts'],
          globalSetup: ['tests/support/scratch-setup.ts'],
          // Loading the CDK is most of the work: once for all files, not once for each.
          isolate: false,
          // The CDK's own validation is most of a synthesis: tests/template/app.test.ts runs it.
          env: { CDK_VALIDATION: 'false' },
          testTimeout: 60_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'twin-parts',
          include: ['tests/twin/**/*.test.ts'],
          exclude: [...TIMED],
          ...TWIN,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'twin',
          include: [...TIMED],
          ...TWIN,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
