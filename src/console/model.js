/** What the page says about a status of the twin: plain functions, no DOM. */

/** Fault kinds that take a Region as a whole. */
const WHOLE_REGION = new Set(['kill', 'freeze', 'isolate']);

const SERVICE_NAMES = { dynamodb: 'DynamoDB', sqs: 'SQS', sns: 'SNS', api: 'the REST API' };

const CONDITION_TEXTS = {
  up: 'Up',
  killed: 'Killed',
  dead: 'Process died',
  frozen: 'Frozen',
  isolated: 'Isolated',
};

/**
 * `Latency 500 ms on DynamoDB PutItem`, `Errors 50% on every service`, `Kill`,
 * `Crash after DynamoDB PutItem, 2 to skip`, `Lag 5000 ms of replication`, `Pause of replication`,
 * `Partition: nothing gets out to us-east-2`, `Stale DNS answers`.
 */
export function describeFault(fault) {
  const { kind, service, operation, latencyMs, rate, moment, skip = 0, direction, peer } = fault;
  const title = kind[0].toUpperCase() + kind.slice(1);
  if (WHOLE_REGION.has(kind)) return title;
  if (kind === 'pause') return 'Pause of replication';
  if (kind === 'stale-dns') return 'Stale DNS answers';
  if (kind === 'partition') {
    if (direction === 'out') return `Partition: nothing gets out${peer ? ` to ${peer}` : ''}`;
    return `Partition: nothing gets in${peer ? ` from ${peer}` : ''}`;
  }
  if (kind === 'lag') return `Lag ${latencyMs} ms of replication`;
  if (kind === 'crash') {
    const call = `${SERVICE_NAMES[service] ?? service} ${operation}`;
    return `Crash ${moment} ${call}${skip === 0 ? '' : `, ${skip} to skip`}`;
  }
  const amount = latencyMs === undefined ? '' : ` ${latencyMs} ms`;
  const share = rate === undefined ? '' : ` ${Number((rate * 100).toFixed(2))}%`;
  const where = service === undefined ? 'every service' : (SERVICE_NAMES[service] ?? service);
  return `${title}${amount}${share} on ${where}${operation === undefined ? '' : ` ${operation}`}`;
}

/** Text and tone (`good`, `warn`, `bad`) of a Region's condition. */
export function describeCondition(condition) {
  return {
    text: CONDITION_TEXTS[condition] ?? condition,
    tone: condition === 'up' ? 'good' : condition === 'isolated' ? 'warn' : 'bad',
  };
}

/** Text and tone of a health check; a check that is about to turn says so. */
export function describeHealth({ status, contraryChecks, lastCheck }) {
  const healthy = status === 'healthy';
  const word = healthy ? 'Healthy' : 'Unhealthy';
  const detail = lastCheck === null ? 'not checked yet' : lastCheck.detail;
  if (contraryChecks === 0) return { text: `${word}: ${detail}`, tone: healthy ? 'good' : 'bad' };
  const turning = `${contraryChecks} in a row ${healthy ? 'failed' : 'passed'}`;
  return { text: `${word}, ${turning}: ${detail}`, tone: 'warn' };
}

/** The sentence at the top, and the line under it. */
export function describeRoute({ regions, addresses, profile }) {
  const active = regions.find((region) => region.active);
  if (active === undefined) return { title: 'No Region takes the traffic', detail: '' };
  const where = `Clients of ${addresses.entry} follow api.holdfast.test (${profile} timing).`;
  const serves = active.health.status === 'healthy';
  return {
    title: serves
      ? `Traffic goes to ${active.name}`
      : `No Region is healthy; traffic goes to ${active.name}`,
    detail: where,
  };
}

/**
 * What changed between two statuses, as entries for the log: `{ text, tone }`, in the order of cause
 * and effect. Empty when `before` is null: the first status is not news.
 */
export function changesBetween(before, after) {
  if (before === null) return [];
  if (before.pid !== after.pid) return [{ text: 'Another twin answers here now', tone: 'warn' }];
  const changes = [];
  for (const region of after.regions) {
    const old = before.regions.find(({ name }) => name === region.name);
    if (old === undefined) continue;
    const { name } = region;
    const started = without(region.faults, old.faults);
    const ended = without(old.faults, region.faults);
    for (const fault of ended) {
      // One that strikes ends in a kill.
      const struck = fault.kind === 'crash' && region.faults.some(({ kind }) => kind === 'kill');
      const text = `${name}: ${describeFault(fault)} ${struck ? 'struck' : 'healed'}`;
      changes.push({ text, tone: struck ? 'bad' : 'good' });
    }
    for (const fault of started) {
      changes.push({ text: `${name}: ${describeFault(fault)} injected`, tone: 'bad' });
    }
    // A condition that a fault brought is told by the fault already.
    if (region.condition !== old.condition && started.length + ended.length === 0) {
      const { text, tone } = describeCondition(region.condition);
      changes.push({ text: `${name}: ${text.toLowerCase()}`, tone });
    }
    if (region.health.status !== old.health.status) {
      const tone = region.health.status === 'healthy' ? 'good' : 'bad';
      changes.push({ text: `${name}: health check turned ${region.health.status}`, tone });
    }
  }
  const from = before.regions.find(({ active }) => active)?.name;
  const to = after.regions.find(({ active }) => active)?.name;
  if (to !== undefined && from !== to) {
    changes.push({ text: `Traffic moved to ${to}`, tone: 'warn' });
  }
  return changes;
}

function without(faults, others) {
  return faults.filter(({ id }) => !others.some((other) => other.id === id));
}

/** Lines for a shell, each with what it is for. They share one transaction_id. */
export function paymentCommands({ addresses, regions }, transactionId) {
  const pay = (url) =>
    [
      `curl -i ${url}/process \\`,
      "  -H 'content-type: application/json' \\",
      `  -d '{"transaction_id":"${transactionId}","customer_id":"c1",`,
      `       "amount":"10.50","currency":"USD"}'`,
    ].join('\n');
  const standby = regions.find(({ active }) => !active);
  return [
    { title: 'Wherever the traffic goes', command: pay(addresses.entry) },
    ...(standby === undefined
      ? []
      : [{ title: `Directly at ${standby.name}`, command: pay(addresses.regions[standby.name]) }]),
    { title: 'Read it back', command: `curl -s ${addresses.entry}/payments/${transactionId}` },
  ];
}

/** Fields of the fine form that each kind takes besides `kind`. */
const FORM_FIELDS = {
  latency: ['service', 'operation', 'latencyMs'],
  errors: ['service', 'operation', 'percent'],
  throttle: ['service', 'operation', 'percent'],
  lag: ['latencyMs'],
  crash: ['service', 'operation', 'moment'],
};

/** Whether the fine form shows a field for a kind of fault. */
export function takesField(kind, field) {
  return FORM_FIELDS[kind].includes(field);
}

/** The fault that the fine form asks for. `values`: its fields as strings. */
export function faultFromForm(region, values) {
  const { kind } = values;
  const fault = { region, kind };
  for (const field of FORM_FIELDS[kind]) {
    const text = values[field].trim();
    if (field === 'percent') fault.rate = Number(text) / 100;
    else if (field === 'latencyMs') fault.latencyMs = Number(text);
    else if (text !== '') fault[field] = text;
  }
  return fault;
}

/** `3 s`, `12 min`, `2 h 5 min`. */
export function duration(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** CloudFormation types that are not run, each once, with how many resources have it. */
export function notRunTypes(notRun) {
  const counts = new Map();
  for (const { type, logicalIds } of notRun) {
    counts.set(type, (counts.get(type) ?? 0) + logicalIds.length);
  }
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([type, count]) => ({ type, count }));
}

/** `dnsQueries` and `dns_queries` as `DNS queries`. A name with blanks is a title already. */
export function counterTitle(name) {
  if (name.includes(' ')) return name;
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replaceAll(/[_.-]+/g, ' ').toLowerCase();
  const title = words[0].toUpperCase() + words.slice(1);
  return title.replaceAll(/\b(api|aws|dns|http|sns|sqs)\b/gi, (word) => word.toUpperCase());
}

/** What is to say of a replica: whether it lags, and what keeps it from serving. */
export function describeReplica({ pendingItems, caughtUp, quorum, engine, lagMs }) {
  const lag = lagMs === undefined ? '' : `, ${lagMs} ms`;
  const states = [caughtUp ? 'Nothing' : `${pendingItems} items${lag}`];
  if (!quorum) states.push('no quorum');
  if (engine !== 'ready') states.push(`engine ${engine}`);
  return { text: states.join(', '), tone: caughtUp && states.length === 1 ? 'good' : 'warn' };
}

/** A sentence about the witness; empty where no table has one. */
export function describeWitness(witness) {
  if (witness === null) return '';
  const how = witness.condition === 'up' ? 'votes' : `is ${witness.condition}`;
  return `The witness, ${witness.name}, ${how}.`;
}
