/** Text for HTML. Pure. */

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Makes text safe in elements and in quoted attributes: reasons and codes come from others. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}

/** A table; the first column heads its row. Cells are text, or markup that is safe already. */
export function htmlTable(
  head: readonly string[],
  rows: readonly (readonly (string | Markup)[])[],
): string {
  const cells = (row: readonly (string | Markup)[]): string =>
    row
      .map((cell, index) => {
        const text = typeof cell === 'string' ? escapeHtml(cell) : cell.html;
        return index === 0 ? `<th scope="row">${text}</th>` : `<td>${text}</td>`;
      })
      .join('');
  const headed = head.some((text) => text !== '')
    ? `<thead><tr>${head.map((text) => `<th scope="col">${escapeHtml(text)}</th>`).join('')}</tr></thead>`
    : '';
  const body = rows.map((row) => `<tr>${cells(row)}</tr>`).join('\n');
  return `<div class="scroll"><table>${headed}<tbody>\n${body}\n</tbody></table></div>`;
}

/** Markup whose parts have been escaped. */
export interface Markup {
  readonly html: string;
}

/** A word in a coloured pill; the word says it without the colour. */
export function pill(tone: 'good' | 'bad' | 'neutral', text: string): Markup {
  return { html: `<span class="pill ${tone}">${escapeHtml(text)}</span>` };
}
