/**
 * Bundles each Lambda function into one file, `<outDir>/<job>/index.mjs`.
 *
 * The same input gives the same bytes: no dates, no absolute paths, no comments. Hence a function
 * whose code did not change keeps its asset hash and is not deployed again.
 */

import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type BuildFailure, build, formatMessages } from 'esbuild';
import { FUNCTION_JOBS } from '#contract/names.ts';

export interface BundleOptions {
  /** Folder that has `package.json` and `src/handlers/<job>.ts`. */
  readonly root: string;
  /** Folder that receives one folder for each job. */
  readonly outDir: string;
  readonly jobs?: readonly string[];
}

export interface BundledFunction {
  readonly job: string;
  /** Absolute path of the bundle. */
  readonly path: string;
  readonly sizeBytes: number;
  /** How many source files went into it. */
  readonly inputCount: number;
}

/** Thrown when a bundle can't be made. The bundles of an earlier run are as they were. */
export class BundleError extends Error {
  override readonly name = 'BundleError';
}

/**
 * Some packages that esbuild inlines are CommonJS and call `require`, which an ES module lacks.
 * The name is long so that no bundled code, minified or not, has the same.
 */
const REQUIRE_BANNER =
  "import { createRequire as holdfastCreateRequireForBundle } from 'node:module';" +
  'const require = holdfastCreateRequireForBundle(import.meta.url);';

interface Bundle {
  readonly job: string;
  readonly contents: Uint8Array;
  readonly inputCount: number;
}

/**
 * Bundles `jobs` (default: every function of the contract) and replaces the old bundles.
 *
 * Effects: writes below `outDir`, each file by rename, and only after all bundles succeeded.
 * Throws `BundleError` with esbuild's messages of every job that failed.
 */
export async function bundleFunctions(options: BundleOptions): Promise<readonly BundledFunction[]> {
  const root = resolve(options.root);
  const outDir = resolve(options.outDir);
  const jobs = options.jobs ?? FUNCTION_JOBS;

  const bundles = await bundleAll(root, jobs);
  return Promise.all(bundles.map((bundle) => replaceBundle(outDir, bundle)));
}

/** All in one build, which reads the files that they share once. */
async function bundleAll(root: string, jobs: readonly string[]): Promise<readonly Bundle[]> {
  try {
    return await buildJobs(root, jobs);
  } catch (cause) {
    if (!isBuildFailure(cause) || jobs.length < 2) throw await failureOf(root, jobs, cause);
    // One of them is broken: each by itself, so that the message says which.
    const alone = await Promise.allSettled(jobs.map((job) => bundleAll(root, [job])));
    const failures = alone.filter((outcome) => outcome.status === 'rejected');
    throw new BundleError(failures.map(({ reason }) => messageOf(reason)).join('\n'), { cause });
  }
}

async function failureOf(
  root: string,
  [job = '']: readonly string[],
  cause: unknown,
): Promise<BundleError> {
  const details = isBuildFailure(cause)
    ? (await formatMessages(cause.errors, { kind: 'error', color: false })).join('').trim()
    : messageOf(cause);
  const entry = entryOf(job);
  return new BundleError(`${job}: cannot bundle ${entry} (in ${root}):\n${details}`, { cause });
}

function entryOf(job: string): string {
  return `src/handlers/${job}.ts`;
}

async function buildJobs(root: string, jobs: readonly string[]): Promise<readonly Bundle[]> {
  const result = await build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(jobs.map((job) => [`${job}/index`, entryOf(job)])),
    bundle: true,
    write: false,
    outdir: '.',
    outExtension: { '.js': '.mjs' },
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // Takes the ES module build of a package where it has one: a third smaller for the AWS SDK.
    mainFields: ['module', 'main'],
    minify: true,
    keepNames: false,
    legalComments: 'none',
    banner: { js: REQUIRE_BANNER },
    metafile: true,
    logLevel: 'silent',
  });
  return jobs.map((job) => {
    const path = `${job}/index.mjs`;
    const output = result.outputFiles.find((file) => file.path === join(root, path));
    if (output === undefined) throw new BundleError(`${job}: esbuild wrote no file for ${path}`);
    const inputs = result.metafile.outputs[path]?.inputs ?? {};
    return { job, contents: output.contents, inputCount: Object.keys(inputs).length };
  });
}

async function replaceBundle(outDir: string, bundle: Bundle): Promise<BundledFunction> {
  const folder = join(outDir, bundle.job);
  const path = join(folder, 'index.mjs');
  // Beside the folder, not in it: what lies in the folder becomes part of the function.
  const next = join(outDir, `.${bundle.job}.${process.pid}.next`);
  await mkdir(folder, { recursive: true });
  try {
    await writeFile(next, bundle.contents);
    await rename(next, path);
  } finally {
    await rm(next, { force: true });
  }
  return {
    job: bundle.job,
    path,
    sizeBytes: bundle.contents.byteLength,
    inputCount: bundle.inputCount,
  };
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors);
}

function messageOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}

async function main(): Promise<void> {
  const root = resolve(import.meta.dirname, '..');
  try {
    const bundles = await bundleFunctions({ root, outDir: join(root, 'dist', 'functions') });
    for (const { job, sizeBytes, inputCount } of bundles) {
      const size = `${(sizeBytes / 1024).toFixed(1)} KiB`;
      // Not on stdout: there `cdk list` and `cdk synth`, which build first, write what others read.
      console.error(`${job.padEnd(10)} ${size.padStart(10)}  from ${inputCount} files`);
    }
  } catch (error) {
    console.error(messageOf(error));
    process.exitCode = 1;
  }
}

if (import.meta.main) await main();
