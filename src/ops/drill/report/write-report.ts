/** Puts a drill's report into a folder: JSON for programs, Markdown for a ticket, HTML for readers. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DrillReport } from './drill-report.ts';
import { renderHtml } from './render-html.ts';
import { renderMarkdown } from './render-markdown.ts';

export interface ReportPaths {
  readonly json: string;
  readonly markdown: string;
  readonly html: string;
}

/** Creates the folder if it is absent, and replaces an older report in it. Returns what it wrote. */
export async function writeReport(report: DrillReport, directory: string): Promise<ReportPaths> {
  await mkdir(directory, { recursive: true });
  const paths = {
    json: join(directory, 'report.json'),
    markdown: join(directory, 'report.md'),
    html: join(directory, 'report.html'),
  };
  await Promise.all([
    writeFile(paths.json, `${JSON.stringify(report, null, 2)}\n`),
    writeFile(paths.markdown, renderMarkdown(report)),
    writeFile(paths.html, renderHtml(report)),
  ]);
  return paths;
}
