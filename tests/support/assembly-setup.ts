/** Synthesizes the project's templates once for all tests of the twin. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { synthesizeInto } from './prepared-assembly.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder of the cloud assembly: suffix `dev`, open access. Copy it before changing it. */
    readonly assembly: string;
  }
}

export async function setup(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-assembly-'));
  await synthesizeInto(folder);
  project.provide('assembly', folder);
  return () => rmSync(folder, { recursive: true, force: true });
}
