import { createHash } from 'node:crypto';
import { Script } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { renderPage } from '#cli/simulate/render-page.ts';
import { resultOf } from './fake-simulator.ts';

const nasty = 't"<script>&';
const result = {
  ...resultOf({ seed: 7, isBad: true }),
  trace: [
    {
      atMs: 1_000,
      from: 'client',
      to: 'us-east-1',
      what: 'process',
      about: nasty,
      outcome: 'lost',
    },
    { atMs: 2_000, from: 'us-east-1', to: 'us-east-1', what: 'crash', about: 'api', outcome: '' },
    { atMs: 3_000, from: 'us-east-2', to: 'us-east-2', what: 'append', about: '2', outcome: 'ok' },
  ],
} as const;
const page = renderPage(result, 'commit abc');

describe('renderPage', () => {
  it('draws messages, faults, moves and violations', () => {
    expect(page).toContain('class="m lost" data-t="1000" data-a="t&quot;&lt;script&gt;&amp;"');
    expect(page).toContain('class="m mishap" data-t="2000"');
    expect(page).toContain('F1 Region isolated: us-east-1, at 5 s for 20 s');
    expect(page.match(/class="band"/g)).toHaveLength(2);
    expect(page).toContain('<line class="move" data-t="3000"');
    expect(page).toContain('<line class="violation" data-t="9500"');
  });

  it('lists transactions to choose from', () => {
    expect(page).toContain('<option value="t&quot;&lt;script&gt;&amp;">');
  });

  it('lets nothing run but its own script, and fetches nothing', () => {
    const [, script = ''] = /<script>([\s\S]*)<\/script>/.exec(page) ?? [];
    const digest = createHash('sha256').update(script).digest('base64');
    expect(page).toContain(`default-src 'none'`);
    expect(page).toContain(`script-src 'sha256-${digest}'`);
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(page).not.toMatch(/ (?:src|href|style|on\w+)=/);
    expect(page).not.toContain('http://');
  });

  it('has a script that a browser can read', () => {
    const [, script = ''] = /<script>([\s\S]*)<\/script>/.exec(page) ?? [];
    expect(() => new Script(script)).not.toThrow();
  });
});
