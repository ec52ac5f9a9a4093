import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const folder = new URL('../../../src/console/', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, folder), 'utf8');
const files = readdirSync(folder);
const html = read('index.html');

describe('the page is self-contained and runs under its content security policy', () => {
  test('has no inline script, style or event handler', () => {
    expect(html).not.toMatch(/<script(?![^>]*\ssrc=)[^>]*>/);
    expect(html).not.toMatch(/<style|\sstyle=|\son[a-z]+=/);
  });

  test('loads only files of its own folder', () => {
    const loaded = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, path]) => path);
    expect(loaded.length).toBeGreaterThan(3);
    for (const path of loaded) expect(files).toContain(path);
    for (const name of files.filter((file) => file.endsWith('.js'))) {
      for (const [, path] of read(name).matchAll(/from '([^']*)'/g)) {
        expect(files).toContain(path?.replace('./', ''));
      }
    }
    for (const name of files.filter((file) => file.endsWith('.css'))) {
      expect(read(name)).not.toMatch(/@import|url\(/);
    }
  });

  test('every element that the scripts look up exists', () => {
    const scripts = ['console.js', 'view.js'].map(read).join('\n');
    const ids = [...scripts.matchAll(/(?:byId|getElementById)\('([^']+)'\)/g)].map(([, id]) => id);
    const parts = [...scripts.matchAll(/part\('([^']+)'\)/g)].map(([, part]) => part);
    expect(ids.length).toBeGreaterThan(10);
    for (const id of ids) expect(html).toContain(`id="${id}"`);
    for (const part of parts) expect(html).toContain(`data-part="${part}"`);
  });

  test('every field has a label', () => {
    const controls = html.match(/<(input|select)\b/g) ?? [];
    const labelled = html.match(/<label[^>]*>(?:(?!<\/label>)[\s\S])*?<(input|select)\b/g) ?? [];
    expect(controls.length).toBe(6);
    expect(labelled).toHaveLength(controls.length);
  });
});

describe('contrast is at least 4.5 to 1', () => {
  const css = read('theme.css');
  const [, light = '', dark = ''] = css.split(':root {');
  const lightColours = variablesOf(light);
  const schemes = { light: lightColours, dark: { ...lightColours, ...variablesOf(dark) } };
  const pairs = [
    ['ink', 'page'],
    ['ink', 'surface'],
    ['ink', 'sunken'],
    ['muted', 'page'],
    ['muted', 'surface'],
    ['muted', 'sunken'],
    ['on-accent', 'accent'],
    ['good', 'surface'],
    ['good', 'good-wash'],
    ['warn', 'surface'],
    ['warn', 'warn-wash'],
    ['bad', 'surface'],
    ['bad', 'bad-wash'],
  ] as const;

  for (const [scheme, colours] of Object.entries(schemes)) {
    test.each(pairs)(`${scheme}: %s on %s`, (text, ground) => {
      const contrast = contrastOf(colours[text] as string, colours[ground] as string);
      expect(contrast).toBeGreaterThanOrEqual(4.5);
    });
  }
});

function variablesOf(block: string): Record<string, string> {
  const [body = ''] = block.split('}');
  const found = body.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g);
  return Object.fromEntries([...found].map(([, name, value]) => [name, value]));
}

/** WCAG 2.2, "contrast ratio" and "relative luminance". */
function contrastOf(one: string, other: string): number {
  const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((start) => {
    const channel = Number.parseInt(colour.slice(start, start + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
