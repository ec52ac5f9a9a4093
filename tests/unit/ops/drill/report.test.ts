import { describe, expect, it } from 'vitest';
import { DEFAULT_OBJECTIVES } from '#ops/drill/objectives.ts';
import { buildReport, type DrillReport } from '#ops/drill/report/drill-report.ts';
import { renderHtml } from '#ops/drill/report/render-html.ts';
import { renderMarkdown } from '#ops/drill/report/render-markdown.ts';
import { runDrill } from '#ops/drill/run-drill.ts';
import { scenarioNamed } from '#ops/drill/scenarios/scenarios.ts';
import { createFakeWorld, PACE } from './drill-world-fixture.ts';

async function reportOf(name: string): Promise<DrillReport> {
  const world = createFakeWorld();
  const running = runDrill(
    { scenario: scenarioNamed(name), objectives: DEFAULT_OBJECTIVES.fast, pace: PACE },
    world,
    () => undefined,
    new AbortController().signal,
  );
  await world.time.run();
  return buildReport(await running);
}

const report = await reportOf('region-loss');

describe('the HTML report', () => {
  const html = renderHtml(report);

  it('needs nothing but itself', () => {
    expect(html).not.toMatch(/<script|<link|<img|<iframe|@import|url\(|(?:src|href)=/);
  });

  it('closes every element that it opens, in order', () => {
    const open: string[] = [];
    const withoutStyle = html.replace(/<style>[\s\S]*<\/style>/, '');
    for (const [, slash, name = '', rest = ''] of withoutStyle.matchAll(
      /<(\/?)([a-z0-9]+)([^>]*)>/g,
    )) {
      if (['meta', 'br'].includes(name) || rest.endsWith('/')) continue;
      if (slash === '') open.push(name);
      else expect(open.pop()).toBe(name);
    }
    expect(open).toEqual([]);
  });

  it('draws every plot within its frame', () => {
    expect(html).not.toMatch(/NaN|Infinity|undefined|null/);
    const plots = html.match(/<svg class="plot"/g) ?? [];
    // The timeline, success, Regions, and the latency of two Regions and three kinds of clients.
    expect(plots).toHaveLength(8);
  });

  it('says the verdict, what fast shortens, and every objective', () => {
    expect(html).toContain('passed');
    for (const note of report.environment.notes) expect(html).toContain(note.slice(0, 30));
    expect(report.environment.notes.length).toBeGreaterThan(0);
    for (const { name } of report.objectives) expect(html).toContain(name);
  });

  it('shows what others wrote as text, never as markup', () => {
    const evil = '<script>alert("x")</script>';
    const [transition] = report.transitions;
    if (transition === undefined) throw new Error('no transition');
    const page = renderHtml({
      ...report,
      transitions: [{ ...transition, reason: evil, actor: evil, evidence: evil }],
      timeline: [{ atEpochMs: 0, tone: 'bad', text: evil }],
      rpo: { ...report.rpo, lost: [{ transactionId: evil, what: evil }] },
      checks: [{ name: evil, holds: false, detail: evil }],
    });
    expect(page).not.toContain('<script');
    expect(page.match(/&lt;script&gt;/g)?.length).toBe(8);
  });
});

describe('the Markdown report', () => {
  const markdown = renderMarkdown(report);

  it('has every section, and tables of one width each', () => {
    for (const title of ['Objectives', 'Recovery time', 'Payments', 'Transitions', 'Environment']) {
      expect(markdown).toContain(`\n## ${title}\n`);
    }
    for (const block of markdown
      .trim()
      .split('\n\n')
      .filter((text) => text.startsWith('|'))) {
      const widths = block.split('\n').map((line) => line.replaceAll('\\|', '').split('|').length);
      expect(new Set(widths).size).toBe(1);
    }
  });

  it('keeps a cell a cell, whatever is in it', () => {
    const text = renderMarkdown({
      ...report,
      timeline: [{ atEpochMs: 0, tone: 'bad', text: 'a | b\nc' }],
    });
    expect(text).toContain('a \\| b c |');
  });

  it('lists each payment that is lost', () => {
    const lost = [{ transactionId: 'txn-7', what: 'us-east-2 has nothing of it' }];
    const text = renderMarkdown({ ...report, passed: false, rpo: { ...report.rpo, lost } });
    expect(text).toContain('- `txn-7`: us-east-2 has nothing of it');
    expect(text).toContain('# Drill region-loss: MISSED');
  });
});

describe('the report as data', () => {
  it('survives JSON unchanged', () => {
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  it('has the deeds of the drill and what was seen, in order', () => {
    const texts = report.timeline.map(({ text }) => text);
    expect(texts).toContain('injected: us-east-1 kill');
    expect(texts).toContain('DNS answers with us-east-2 instead of us-east-1');
    const times = report.timeline.map(({ atEpochMs }) => atEpochMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });
});
