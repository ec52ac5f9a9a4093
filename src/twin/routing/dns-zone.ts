/**
 * The zone `holdfast.test` and what an authoritative server answers for it.
 *
 * | name | records |
 * | --- | --- |
 * | `api` | CNAME to the active Region's name |
 * | `_http._tcp.api` | SRV: the active Region's port and name |
 * | `<region>.api` | A 127.0.0.1, TXT `region=<region> port=<port>` |
 * | `_http._tcp.<region>.api` | SRV: that Region's port |
 */

import { type default as DNS, Packet } from 'dns2';

export const ZONE_NAME = 'holdfast.test';
export const API_NAME = `api.${ZONE_NAME}`;
/** Owner of the SRV record that a client asks for host and port (RFC 2782). */
export const API_SRV_NAME = `_http._tcp.${API_NAME}`;
const NAME_SERVER = `ns.${ZONE_NAME}`;

export interface ZoneView {
  readonly endpoints: readonly {
    readonly region: string;
    /** IPv4. */
    readonly address: string;
    readonly port: number;
  }[];
  /** One of the endpoints' Regions. */
  readonly activeRegion: string;
  readonly ttlSeconds: number;
}

type Resource = DNS.Packet.Resource;
type DnsRecord = Partial<Resource> & { readonly type: number };
type Outcome = { readonly rcode: number; readonly answers: readonly Resource[] };

const { TYPE, CLASS, RCODE } = Packet;

/** Of which this server is an authority for none: RFC 5936 (AXFR) and the obsolete mail types. */
const REFUSED_TYPES: ReadonlySet<number> = new Set([TYPE.AXFR, TYPE.MAILA, TYPE.MAILB]);

/**
 * Answers one message, or null for one that must stay unanswered: an answer (replying to answers
 * would let two servers talk for ever). Pure; throws nothing for what a peer can send.
 */
export function answerQuery(zone: ZoneView, request: Packet): Packet | null {
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
  if (!isAtOrBelow(asked, ZONE_NAME) || REFUSED_TYPES.has(question.type)) {
    return refusal(request, RCODE.REFUSED);
  }

  const records = recordsOf(zone);
  const { rcode, answers } = lookUp(records, zone.ttlSeconds, question.name, asked, question.type);
  const response = refusal(request, rcode);
  response.header.aa = 1;
  response.answers = [...answers];
  const last = answers.at(-1);
  if (last === undefined || (last.type === TYPE.CNAME && question.type !== TYPE.CNAME)) {
    // RFC 2308: a negative answer carries the SOA, which says for how long it may be kept.
    response.authorities = [soa(zone.ttlSeconds)];
  }
  const glue = answers.flatMap(({ type, target }) =>
    type === TYPE.SRV && target !== undefined
      ? lookUp(records, zone.ttlSeconds, target, target, TYPE.A).answers
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

function isAtOrBelow(name: string, ancestor: string): boolean {
  return name === ancestor || name.endsWith(`.${ancestor}`);
}

function recordsOf(zone: ZoneView): ReadonlyMap<string, readonly DnsRecord[]> {
  const srvTo = (name: string, port: number): DnsRecord => ({
    type: TYPE.SRV,
    priority: 0,
    weight: 0,
    port,
    target: name,
  });
  const records = new Map<string, readonly DnsRecord[]>([
    [ZONE_NAME, [soa(zone.ttlSeconds), { type: TYPE.NS, ns: NAME_SERVER }]],
    [NAME_SERVER, [{ type: TYPE.A, address: '127.0.0.1' }]],
  ]);
  for (const { region, address, port } of zone.endpoints) {
    const name = `${region}.${API_NAME}`;
    records.set(name, [
      { type: TYPE.A, address },
      { type: TYPE.TXT, data: `region=${region} port=${port}` },
    ]);
    records.set(`_http._tcp.${name}`, [srvTo(name, port)]);
    if (region === zone.activeRegion) {
      records.set(API_NAME, [{ type: TYPE.CNAME, domain: name }]);
      records.set(API_SRV_NAME, [srvTo(name, port)]);
    }
  }
  return records;
}

/** `owner` is the name as it was asked, in the asker's own case; `name` is the same in lower case. */
function lookUp(
  records: ReadonlyMap<string, readonly DnsRecord[]>,
  ttlSeconds: number,
  owner: string,
  name: string,
  type: number,
): Outcome {
  const own = records.get(name);
  if (own === undefined) {
    // RFC 8020: a name with others below it exists, though it has no records.
    const isParent = [...records.keys()].some((other) => isAtOrBelow(other, name));
    return { rcode: isParent ? RCODE.NOERROR : RCODE.NXDOMAIN, answers: [] };
  }
  const wanted = own.filter(
    (record) => record.type === type || record.type === TYPE.CNAME || type === TYPE.ANY,
  );
  const answers = wanted.map((record) => resource(owner, record, ttlSeconds));
  const target = wanted.find((record) => record.type === TYPE.CNAME)?.domain;
  if (target === undefined || type === TYPE.CNAME || type === TYPE.ANY) {
    return { rcode: RCODE.NOERROR, answers };
  }
  const beyond = lookUp(records, ttlSeconds, target, target, type);
  return { rcode: beyond.rcode, answers: [...answers, ...beyond.answers] };
}

function resource(name: string, record: DnsRecord, ttlSeconds: number): Resource {
  return new Packet.Resource({ ...record, name, class: CLASS.IN, ttl: ttlSeconds });
}

function soa(ttlSeconds: number): Resource {
  return resource(
    ZONE_NAME,
    {
      type: TYPE.SOA,
      primary: NAME_SERVER,
      admin: `hostmaster.${ZONE_NAME}`,
      // Nobody copies this zone, so its serial number never has to move.
      serial: 1,
      refresh: 3_600,
      retry: 600,
      expiration: 86_400,
      minimum: ttlSeconds,
    },
    ttlSeconds,
  );
}
