/** Synthesizes the project's templates once for all tests of the twin. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { synthesizeInto, synthesizeTemplates } from './prepared-assembly.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder of the cloud assembly: suffix `dev`, open access. Copy it before changing it. */
    readonly assembly: string;
    /** The same, with the HTTP gateway at an address where none is: see gateway-twin.ts. */
    readonly gatewayAssembly: string;
  }
}

/** Where nothing listens: whoever boots this assembly puts a gateway's own address in its place. */
const PLACEHOLDER_URL = 'http://127.0.0.1:1';

export async function setup(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-assembly-'));
  const gatewayFolder = mkdtempSync(join(tmpdir(), 'holdfast-assembly-'));
  await synthesizeInto(folder);
  await synthesizeTemplates(gatewayFolder, { gateway: 'http', gatewayUrl: PLACEHOLDER_URL });
  project.provide('assembly', folder);
  project.provide('gatewayAssembly', gatewayFolder);
  return () => {
    for (const each of [folder, gatewayFolder]) rmSync(each, { recursive: true, force: true });
  };
}
