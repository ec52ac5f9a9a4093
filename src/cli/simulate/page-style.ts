/** The style of a run's page: light and dark, nothing fetched. */

export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --ink: #16202c; --soft: #5b6876; --rule: #d5dbe2;
  --bad: #b3261e; --good: #0b7a4b; --fault: #c4610a; --message: #1f6feb; --move: #7a4fd1;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #10151c; --card: #18202a; --ink: #e6ebf1; --soft: #9aa7b5; --rule: #2b3643;
    --bad: #ff8b82; --good: #5fd39b; --fault: #f2a154; --message: #6ea8ff; --move: #b79bf5;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; padding: 24px; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
h1 { font-size: 22px; margin: 0 0 6px; }
h2 { font-size: 16px; margin: 24px 0 8px; }
.soft { color: var(--soft); }
.bad { color: var(--bad); } .good { color: var(--good); }
pre { background: var(--card); border: 1px solid var(--rule); border-radius: 8px; padding: 12px; overflow-x: auto; }
.controls { display: flex; flex-wrap: wrap; gap: 16px; margin: 12px 0; align-items: center; }
select, input { font: inherit; accent-color: var(--message); max-width: 320px; }
.frame { display: flex; background: var(--card); border: 1px solid var(--rule); border-radius: 8px; }
.names { flex: none; border-right: 1px solid var(--rule); }
.scroll { overflow-x: auto; }
svg { display: block; }
svg text { fill: var(--ink); font-size: 12px; }
svg .tick { fill: var(--soft); font-size: 11px; }
.lane { stroke: var(--rule); stroke-width: 1; }
.band { fill: var(--fault); opacity: .12; }
.bar { fill: var(--fault); opacity: .55; }
.m { stroke: var(--message); stroke-width: 1.2; fill: var(--message); opacity: .55; }
.m:hover { opacity: 1; stroke-width: 3; }
.lost { stroke: var(--bad); fill: var(--bad); stroke-dasharray: 4 3; }
.mishap { stroke: var(--fault); fill: var(--fault); }
.move { stroke: var(--move); stroke-width: 2; } svg .move-text { fill: var(--move); }
.violation { stroke: var(--bad); stroke-width: 2; }
.filtered .m { display: none; } .filtered .m.on { display: inline; opacity: 1; }
ol { margin: 0; padding: 12px 12px 12px 48px; background: var(--card); border: 1px solid var(--rule); border-radius: 8px; }
ol:empty { display: none; }
li { font: 13px/1.6 ui-monospace, SFMono-Regular, Menlo, monospace; overflow-wrap: anywhere; }
`;
