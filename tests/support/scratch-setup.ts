/** Makes a folder in which tests work, and removes it when all of a project's are done. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    readonly scratch: string;
  }
}

export function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-tests-'));
  project.provide('scratch', folder);
  return () => rmSync(folder, { recursive: true, force: true });
}
