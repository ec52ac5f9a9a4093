/** Makes the folder in which the template tests work, and removes it when all of them are done. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    readonly templateScratch: string;
  }
}

export function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-template-'));
  project.provide('templateScratch', folder);
  return () => rmSync(folder, { recursive: true, force: true });
}
