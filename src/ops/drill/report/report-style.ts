/** The style of the HTML report: readable on screens, light and dark, and on paper. */

/** Colours of lines keep apart for people who see red and green alike; dashes say the same. */
export const REPORT_STYLE = `
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --ink: #16202c; --soft: #5b6876; --rule: #dfe4ea;
  --good: #0b7a4b; --good-back: #e3f5ec; --bad: #b3261e; --bad-back: #fdeceb; --neutral-back: #eceff3;
  --blue: #1f6feb; --orange: #c4610a; --teal: #0f8b8d; --violet: #7a4fd1; --mark: #7b8794;
  --stage-1: #c7d7f5; --stage-2: #f7dcb4; --stage-3: #cfe9e4; --stage-4: #e2d7f6; --stage-5: #d9e4c8;
  --stage-ink: #1c2733;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #10151c; --card: #18202a; --ink: #e6ebf1; --soft: #9aa7b5; --rule: #2b3643;
    --good: #5fd39b; --good-back: #123326; --bad: #ff8b82; --bad-back: #3c1a19; --neutral-back: #25303c;
    --blue: #6ea8ff; --orange: #f2a154; --teal: #4fc9c4; --violet: #b79bf5; --mark: #8391a0;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; padding: 32px 20px 64px; background: var(--page); color: var(--ink);
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
main { max-width: 1040px; margin: 0 auto; }
header, section {
  background: var(--card); border: 1px solid var(--rule); border-radius: 12px;
  padding: 22px 26px; margin-bottom: 18px;
}
.eyebrow { color: var(--soft); font-size: 13px; letter-spacing: .04em; margin: 0 0 6px; }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 10px; }
h2 { font-size: 18px; margin: 0 0 12px; }
h3 { font-size: 15px; margin: 20px 0 8px; }
p { margin: 0 0 10px; max-width: 76ch; }
.soft { color: var(--soft); }
.verdict { font-size: 16px; font-weight: 600; }
.cards { display: grid; gap: 12px; grid-template-columns: repeat(auto-fit, minmax(200px, 1fr)); margin-top: 16px; }
.card { border: 1px solid var(--rule); border-left-width: 4px; border-radius: 8px; padding: 12px 14px; }
.card.good { border-left-color: var(--good); } .card.bad { border-left-color: var(--bad); }
.card .name { color: var(--soft); font-size: 13px; }
.card .figure { font-size: 19px; font-weight: 600; overflow-wrap: anywhere; }
.card .figure.long { font-size: 14px; font-weight: 500; line-height: 1.4; }
.card .bound { font-size: 13px; color: var(--soft); }
.pill { display: inline-block; border-radius: 999px; padding: 1px 10px; font-size: 13px; font-weight: 600; white-space: nowrap; }
.pill.good { background: var(--good-back); color: var(--good); }
.pill.bad { background: var(--bad-back); color: var(--bad); }
.pill.neutral { background: var(--neutral-back); color: var(--soft); }
.note { border-left: 4px solid var(--orange); padding: 4px 0 4px 14px; margin-top: 14px; }
.note ul { margin: 4px 0 0; padding-left: 18px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: 7px 12px 7px 0; border-top: 1px solid var(--rule); }
thead th { border-top: 0; color: var(--soft); font-weight: 500; }
tbody th { font-weight: 600; white-space: nowrap; }
code { font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, monospace; overflow-wrap: anywhere; }
figure { margin: 0 0 18px; } figcaption { font-weight: 600; font-size: 14px; margin-bottom: 4px; }
.legend { font-weight: 400; color: var(--soft); margin-left: 14px; }
.key { margin-right: 14px; white-space: nowrap; } .key svg { margin-right: 5px; }
.plot { display: block; width: 100%; height: auto; }
.grid { stroke: var(--rule); stroke-width: 1; } .tick { fill: var(--soft); font-size: 11px; }
.line { fill: none; stroke-width: 1.8; stroke-linejoin: round; } .dashed { stroke-dasharray: 5 3; }
.area { opacity: .14; }
.blue { stroke: var(--blue); } .orange { stroke: var(--orange); }
.teal { stroke: var(--teal); } .violet { stroke: var(--violet); }
.area.blue, .dot.blue { fill: var(--blue); } .area.orange, .dot.orange { fill: var(--orange); }
.area.teal, .dot.teal { fill: var(--teal); } .area.violet, .dot.violet { fill: var(--violet); }
.area { stroke: none; }
.mark { stroke: var(--mark); stroke-width: 1; stroke-dasharray: 2 3; }
.mark-dot { fill: var(--mark); } .mark-text { fill: var(--ink); font-size: 12px; }
.rail { fill: var(--neutral-back); }
.stage-1 { fill: var(--stage-1); } .stage-2 { fill: var(--stage-2); } .stage-3 { fill: var(--stage-3); }
.stage-4 { fill: var(--stage-4); } .stage-5 { fill: var(--stage-5); }
.bar-text { fill: var(--stage-ink); font-size: 12px; }
details { margin-top: 8px; } summary { cursor: pointer; color: var(--soft); }
@media print {
  body { background: #fff; padding: 0; } header, section { border: 0; padding: 8px 0; break-inside: avoid; }
}
`;
