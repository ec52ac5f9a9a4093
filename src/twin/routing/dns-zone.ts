/**
 * What an authoritative server answers for the twin's zones.
 *
 * | name | records |
 * | --- | --- |
 * | those of the templates' records | as Route 53 answers them |
 * | one at which a Region's API is | A 127.0.0.1, TXT `region=<region> port=<port>` |
 * | `_http._tcp.<name>`, where `<name>` leads to an API | SRV: port and name of that API |
 *
 * The last two are more than AWS has: behind its names every API is at port 443.
 */

import { type default as DNS, Packet } from 'dns2';
import type { RecordModel } from '#twin/region-model.ts';
import {
  CHAIN_LENGTH_MAX,
  cappedTtl,
  DEFAULT_TTL_SECONDS,
  isAtOrBelow,
  type RecordChoice,
  ttlOf,
  type ZoneIndex,
} from './zone-content.ts';

export interface ZoneView {
  readonly index: ZoneIndex;
  readonly choice: RecordChoice;
  /** As in `RoutingProfile`. */
  readonly ttlMaxSeconds: number | null;
}

type Resource = DNS.Packet.Resource;
type DnsRecord = Partial<Resource> & { readonly type: number; readonly ttl: number };
type Outcome = { readonly rcode: number; readonly answers: readonly Resource[] };
/** The records of a name, the same at each look within one query; null for a name without any. */
type Look = (name: string) => readonly DnsRecord[] | null;

const { TYPE, CLASS, RCODE } = Packet;

/** Of which this server is an authority for none: RFC 5936 (AXFR) and the obsolete mail types. */
const REFUSED_TYPES: ReadonlySet<number> = new Set([TYPE.AXFR, TYPE.MAILA, TYPE.MAILB]);
const SRV_PREFIX = '_http._tcp.';
/** Of one string of a TXT record. Source: RFC 1035 section 3.3. */
const TXT_STRING_LENGTH_MAX = 255;

/** Owner of the SRV record that a client of `name` asks for host and port (RFC 2782). */
export function srvNameOf(name: string): string {
  return `${SRV_PREFIX}${name}`;
}

/**
 * Answers one message, or null for one that must stay unanswered: an answer (replying to answers
 * would let two servers talk for ever). Pure but for the choice passed in; throws nothing for what a
 * peer can send.
 */
export function answerQuery(view: ZoneView, request: Packet): Packet | null {
  if (request.header.qr === 1) return null;
  if (request.header.opcode !== 0) return refusal(request, RCODE.NOTIMP);
  const [question] = request.questions;
  const { errors = [] } = request as { errors?: readonly unknown[] };
  if (question === undefined || request.questions.length > 1 || errors.length > 0) {
    return refusal(request, RCODE.FORMERR);
  }
  // RFC 6891 section 6.1.3: only version 0 exists.
  if ((request.additionals.find(isOpt)?.version ?? 0) > 0) return refusal(request, RCODE.BADVERS);

  const asked = question.name.toLowerCase().replace(/\.$/, '');
  if (question.class !== CLASS.IN && question.class !== CLASS.ANY) {
    return refusal(request, RCODE.REFUSED);
  }
  const zone = zoneOf(view.index, asked);
  if (zone === null || REFUSED_TYPES.has(question.type)) return refusal(request, RCODE.REFUSED);

  const look = lookFor(view);
  const { rcode, answers } = lookUp(view, look, question.name, asked, question.type);
  const response = refusal(request, rcode);
  response.header.aa = 1;
  response.answers = [...answers];
  const last = answers.at(-1);
  if (last === undefined || (last.type === TYPE.CNAME && question.type !== TYPE.CNAME)) {
    // RFC 2308: a negative answer carries the SOA, which says for how long it may be kept.
    const end = last?.domain === undefined ? zone : zoneOf(view.index, last.domain);
    if (end !== null) response.authorities = [resource(end, soa(end, view))];
  }
  const glue = answers.flatMap(({ type, target }) =>
    type === TYPE.SRV && target !== undefined
      ? lookUp(view, look, target, target, TYPE.A).answers
      : [],
  );
  response.additionals.unshift(...glue);
  return response;
}

/** An answer without records; carries an OPT record when the request does (RFC 6891). */
function refusal(request: Packet, rcode: number): Packet {
  return Packet.createErrorResponseFromRequest(request, rcode);
}

function isOpt(record: Resource): boolean {
  return record.type === TYPE.EDNS;
}

/** The nearest zone at or above the name. */
function zoneOf({ zones }: ZoneIndex, name: string): string | null {
  const holding = zones.filter((zone) => isAtOrBelow(name, zone));
  return holding.toSorted((a, b) => b.length - a.length)[0] ?? null;
}

/** One draw for each name: the parts of an answer must not lead to different Regions. */
function lookFor(view: ZoneView): Look {
  const known = new Map<string, readonly DnsRecord[] | null>();
  const look: Look = (name) => {
    const found = known.get(name);
    if (found !== undefined) return found;
    // An alias that comes round to itself finds nothing there.
    known.set(name, []);
    const records = recordsAt(name, view, look);
    known.set(name, records);
    return records;
  };
  return look;
}

function recordsAt(name: string, view: ZoneView, look: Look): readonly DnsRecord[] | null {
  const { index, choice, ttlMaxSeconds } = view;
  const ttl = cappedTtl(DEFAULT_TTL_SECONDS, ttlMaxSeconds);
  const apex: DnsRecord[] = index.zones.includes(name)
    ? [soa(name, view), { type: TYPE.NS, ttl, ns: nameServerOf(name) }]
    : [];
  const host = index.hostOf(name);
  if (host !== null) {
    const { address, region, port } = host;
    const text = `region=${region} port=${port}`;
    return [...apex, { type: TYPE.A, ttl, address }, { type: TYPE.TXT, ttl, data: text }];
  }
  if (name.startsWith(SRV_PREFIX) && !index.names.has(name)) {
    const end = index.follow(name.slice(SRV_PREFIX.length), choice);
    if (end === null) return null;
    const { port, name: target } = end.host;
    return [{ type: TYPE.SRV, ttl: end.ttlSeconds, priority: 0, weight: 0, port, target }];
  }
  const chosen = index.choose(name, choice).flatMap((record) => dataOf(record, view, look));
  if (chosen.length > 0 || apex.length > 0) return [...apex, ...chosen];
  const isNameServer = index.zones.some((zone) => name === nameServerOf(zone));
  if (isNameServer) return [{ type: TYPE.A, ttl, address: '127.0.0.1' }];
  return index.names.has(name) ? [] : null;
}

function dataOf(record: RecordModel, view: ZoneView, look: Look): DnsRecord[] {
  const ttl = ttlOf(record, view.ttlMaxSeconds);
  if (record.alias) {
    // Answered with the target's data under the alias's own name, as if it were a plain record.
    const target = record.values[0] ?? '';
    const type = record.type === 'A' ? TYPE.A : TYPE.AAAA;
    const { answers } = lookUp(view, look, target, target, type);
    return answers.flatMap((answer) =>
      answer.type === type && answer.address !== undefined
        ? [{ type, ttl, address: answer.address }]
        : [],
    );
  }
  return record.values.map((value): DnsRecord => {
    switch (record.type) {
      case 'CNAME':
        return { type: TYPE.CNAME, ttl, domain: value };
      case 'TXT':
        return { type: TYPE.TXT, ttl, data: stringsOf(value) };
      default:
        return { type: record.type === 'A' ? TYPE.A : TYPE.AAAA, ttl, address: value };
    }
  });
}

function stringsOf(text: string): string[] {
  const strings: string[] = [];
  for (let at = 0; at === 0 || at < text.length; at += TXT_STRING_LENGTH_MAX) {
    strings.push(text.slice(at, at + TXT_STRING_LENGTH_MAX));
  }
  return strings;
}

/** `owner` is the name as it was asked, in the asker's own case; `name` is the same in lower case. */
function lookUp(
  view: ZoneView,
  look: Look,
  owner: string,
  name: string,
  type: number,
  depth = 0,
): Outcome {
  const own = look(name);
  if (own === null) {
    const rcode = exists(view.index, name) ? RCODE.NOERROR : RCODE.NXDOMAIN;
    return { rcode, answers: [] };
  }
  const wanted = own.filter(
    (record) => record.type === type || record.type === TYPE.CNAME || type === TYPE.ANY,
  );
  const answers = wanted.map((record) => resource(owner, record));
  const target = wanted.find((record) => record.type === TYPE.CNAME)?.domain;
  if (target === undefined || type === TYPE.CNAME || type === TYPE.ANY) {
    return { rcode: RCODE.NOERROR, answers };
  }
  // What lies outside the zones is for the asker's own resolver to find.
  if (depth === CHAIN_LENGTH_MAX || zoneOf(view.index, target) === null) {
    return { rcode: RCODE.NOERROR, answers };
  }
  const beyond = lookUp(view, look, target, target, type, depth + 1);
  return { rcode: beyond.rcode, answers: [...answers, ...beyond.answers] };
}

/** RFC 8020: a name with others below it exists, though it has no records. */
function exists({ names }: ZoneIndex, name: string): boolean {
  return [...names].some(
    (other) => isAtOrBelow(other, name) || isAtOrBelow(srvNameOf(other), name),
  );
}

function resource(name: string, record: DnsRecord): Resource {
  return new Packet.Resource({ ...record, name, class: CLASS.IN });
}

function nameServerOf(zone: string): string {
  return `ns.${zone}`;
}

function soa(zone: string, { ttlMaxSeconds }: ZoneView): DnsRecord {
  const ttl = cappedTtl(DEFAULT_TTL_SECONDS, ttlMaxSeconds);
  return {
    type: TYPE.SOA,
    ttl,
    primary: nameServerOf(zone),
    admin: `hostmaster.${zone}`,
    // Nobody copies this zone, so its serial number never has to move.
    serial: 1,
    refresh: 3_600,
    retry: 600,
    expiration: 86_400,
    minimum: ttl,
  };
}
