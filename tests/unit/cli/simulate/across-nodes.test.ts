import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

/** Enough to draw most kinds of fault, topology and client; each is simulated three times. */
const SEEDS = 60;
const NO_OTHER_NODE = 'no other major version of Node is on the PATH';
const entry = fileURLToPath(new URL('../../../support/hash-seeds.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'holdfast-nodes-'));
const run = promisify(execFile);

// Hundreds of simulated failovers, on a machine that may be busy.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

/** A Node on the PATH of another major version than this one; null: there is none. */
function anotherNode(): string | null {
  const [own] = process.versions.node.split('.');
  const found = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((directory) => join(directory, 'node'))
    .filter((path) => existsSync(path))
    .find((path) => {
      const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' });
      return /^v\d+\./.test(stdout) && !stdout.startsWith(`v${own}.`);
    });
  return found ?? null;
}

async function hashOn(node: string, script: string): Promise<string> {
  const { stdout } = await run(node, [script, String(SEEDS)]);
  return stdout.trim();
}

describe('a seed', () => {
  let here: string;

  beforeAll(async () => {
    here = await hashOn(process.execPath, entry);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('gives the same run in another process', async () => {
    expect(here).toMatch(new RegExp(`^[0-9a-f]{16} ${SEEDS} \\d+$`));
    expect(await hashOn(process.execPath, entry)).toBe(here);
  });

  it('gives the same run on another version of Node', async (context) => {
    const node = anotherNode();
    if (node === null) {
      // The reporter counts what is skipped, and keeps the reason to itself.
      console.warn(`left out: ${NO_OTHER_NODE}, so runs were compared on ${process.version} alone`);
      return context.skip(NO_OTHER_NODE);
    }
    const outfile = join(folder, 'hash-seeds.mjs');
    await build({
      ...{ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'esm' },
      target: 'node20',
    });
    expect(await hashOn(node, outfile)).toBe(here);
  });
});
