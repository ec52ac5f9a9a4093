/** Where traffic goes, and its history, as text for a terminal. */

import type { changeRouting } from '#ops/routing/change-routing.ts';
import type { HistoryReport, RegionRouting, RoutingReport } from '#ops/routing/show-routing.ts';
import { columns, type Paint } from './terminal.ts';

export type ChangeReport = Awaited<ReturnType<typeof changeRouting>>;
type Entry = HistoryReport['entries'][number];
type State = RoutingReport['state'];

const ASSUMED =
  'no orchestrator has said yet whether both Regions take traffic: active-passive is assumed';

/** Pure. */
export function renderChange(report: ChangeReport, paint: Paint): string {
  const { outcome, because, state, entry, from, isAssumed, lease, traffic } = report;
  const lines =
    entry === null
      ? [`${outcome}: ${because ?? ''}`]
      : [`${paint('good', entry.change)}: ${effectOf(entry, from)}`];
  lines.push(stateLine(state, paint));
  if (isAssumed) lines.push(`${paint('warn', 'note')}: ${ASSUMED}`);
  if (lease?.kind === 'held') {
    lines.push(`${lease.region} holds the lease, lease epoch ${lease.epoch}`);
  } else if (lease?.kind === 'not-held') {
    const { region } = lease;
    lines.push(
      `${paint('bad', 'no lease')}: ${region} can't take payments yet: ${lease.because}`,
      `give it the lease with: holdfast lease take ${region} --planned`,
    );
  }
  if (lease?.kind === 'superseded') {
    lines.push(
      `${paint('bad', 'superseded')}: traffic was moved again meanwhile, by entry ${lease.epoch}; see: holdfast history`,
    );
  }
  if (traffic !== null) {
    lines.push(...columns(traffic.regions.map(({ region, answer }) => [region, answer])));
    if (!traffic.isSettled) {
      lines.push(
        paint('bad', 'The Regions do not answer as they should yet; see: holdfast routing'),
      );
    }
  }
  return `${lines.join('\n')}\n`;
}

/** `now` is in the report: pure. */
export function renderRouting(report: RoutingReport, paint: Paint): string {
  const { state, newest, regions, isAssumed } = report;
  const lines = [stateLine(state, paint)];
  if (newest === null) lines.push('as configured: nobody has changed it');
  else
    lines.push(
      `${newest.change} by ${legible(newest.actor)}, ${timeOf(newest)}: ${legible(newest.reason)}`,
    );
  if (isAssumed) lines.push(`${paint('warn', 'note')}: ${ASSUMED}`);
  lines.push('', ...columns(regions.map((region) => regionRow(region, paint))));
  return `${lines.join('\n')}\n`;
}

/** Pure. */
export function renderHistory({ entries, total, fault }: HistoryReport, paint: Paint): string {
  const lines: string[] = [];
  for (const [index, entry] of entries.entries()) {
    const before = entries[index - 1];
    lines.push(
      `${paint('strong', String(entry.epoch))}  ${timeOf(entry)}  ${entry.change} by ${legible(entry.actor)}: ${legible(entry.reason)}`,
      `   ${effectOf(entry, before?.active ?? null)}, mode ${entry.mode}${drainedText(entry)}`,
      ...evidenceLines(entry.evidence).map((line) => `   ${paint('faint', legible(line))}`),
    );
  }
  if (total === 0) lines.push('Nobody has changed where traffic goes.');
  else if (total > entries.length) lines.push(`${total - entries.length} older: raise --limit.`);
  if (fault === null) {
    if (total > 0) lines.push(paint('good', `The chain of all ${total} entries is whole.`));
  } else if (fault.kind === 'gap') {
    lines.push(paint('bad', `The chain is broken: epoch ${fault.epoch} is missing.`));
  } else {
    const { epoch } = fault;
    lines.push(
      paint('bad', `The chain is broken at epoch ${epoch}: it or the one before it was changed.`),
    );
  }
  return `${lines.join('\n')}\n`;
}

function stateLine({ epoch, mode, active, drained }: State, paint: Paint): string {
  const automation = mode === 'auto' ? 'auto' : paint('warn', 'manual: nothing moves by itself');
  const out = drained.length === 0 ? '' : `, drained: ${drained.join(', ')}`;
  return `traffic goes to ${paint('strong', active.join(' and '))}, epoch ${epoch}, mode ${automation}${out}`;
}

function effectOf({ active }: Entry, from: readonly string[] | null): string {
  const to = active.join(' and ');
  if (from?.join() === active.join()) return `traffic stays on ${to}`;
  if (from === null) return `traffic goes to ${to}`;
  return `from ${from.join(' and ')} to ${to}`;
}

function drainedText({ drained }: Entry): string {
  return drained.length === 0 ? '' : `, drained: ${drained.join(', ')}`;
}

function timeOf({ atEpochMs }: Entry): string {
  return isoOrNumber(atEpochMs);
}

/** A clock that stood wrong must not keep the rest from being read. */
function isoOrNumber(epochMs: number): string {
  const date = new Date(epochMs);
  return Number.isNaN(date.getTime()) ? String(epochMs) : date.toISOString();
}

function regionRow(region: RegionRouting, paint: Paint): readonly string[] {
  const { active, drained, traffic, presence, silentForMs } = region;
  const place = active ? paint('strong', 'active') : drained ? paint('warn', 'drained') : 'standby';
  const isAsMeant = active === (traffic === 'here') && traffic !== 'unreachable';
  const answer = paint(isAsMeant ? 'good' : 'bad', `traffic ${traffic}`);
  if (presence === null) return [region.region, place, answer, 'orchestrator never heard of'];
  const heard = `heard of ${Math.round((silentForMs ?? 0) / 1_000)} s ago`;
  const { healthySinceEpochMs: since, serving } = presence;
  const unwell = serving === null ? 'does not know yet whether it is healthy' : 'not healthy';
  return [
    region.region,
    place,
    answer,
    `orchestrator ${heard}, beat ${presence.beat}`,
    since === null ? paint('warn', unwell) : `healthy since ${isoOrNumber(since)}`,
  ];
}

/** Whoever may invoke an orchestrator chooses these texts: nothing in them may steer a terminal. */
function legible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\ufffd');
}

/** What the author saw, in short; nothing where it is not what this code writes. */
function evidenceLines(text: string): readonly string[] {
  const evidence = parsed(text);
  if (evidence === null) return [];
  const lines: string[] = [];
  if (typeof evidence['trigger'] === 'string') lines.push(`woken by ${evidence['trigger']}`);
  if (evidence['force'] === true) lines.push('by force');
  const unfit = recordOf(evidence['unfit']);
  for (const why of Object.values(unfit ?? {})) lines.push(String(why));
  for (const [region, value] of Object.entries(evidence)) {
    const seen = recordOf(value);
    if (seen === null || typeof seen['verdict'] !== 'string') continue;
    const alarm = typeof seen['alarm'] === 'string' ? `, alarm ${seen['alarm']}` : '';
    const last = Array.isArray(seen['probes']) ? seen['probes'].slice(-3).map(String) : [];
    const probes = last.length === 0 ? '' : `, probes: ${last.join('; ')}`;
    lines.push(`${region} ${seen['verdict']}${alarm}${probes}`);
  }
  return lines;
}

function parsed(text: string): Readonly<Record<string, unknown>> | null {
  try {
    return recordOf(JSON.parse(text));
  } catch {
    return null;
  }
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : null;
}
