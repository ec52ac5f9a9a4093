import { describe, expect, it } from 'vitest';
import { type ActiveFault, FaultRequestError } from '#twin/faults/fault.ts';
import { createFaultBoard } from '#twin/faults/fault-board.ts';

const EAST = 'us-east-1';
const OHIO = 'us-east-2';
const WITNESS = 'us-west-2';

/** A board whose random source yields `draws` in order, and fails when they run out. */
function board(draws: readonly number[] = []) {
  const left = [...draws];
  let nowEpochMs = 1_000;
  return createFaultBoard({
    regions: [EAST, OHIO],
    witness: WITNESS,
    clock: { nowEpochMs: () => nowEpochMs++ },
    random: () => {
      const draw = left.shift();
      if (draw === undefined) throw new Error('drew more often than expected');
      return draw;
    },
  });
}

describe('conditions and reachability', () => {
  it('starts with every Region up and reaching every other', () => {
    const faults = board();
    expect(faults.conditionOf(EAST)).toBe('up');
    expect(faults.reaches(EAST, OHIO)).toBe(true);
    expect(faults.reaches(OHIO, WITNESS)).toBe(true);
  });

  it.each([
    ['kill', 'killed', false],
    ['freeze', 'frozen', false],
    ['isolate', 'isolated', true],
  ] as const)('%s makes the Region %s and cuts it off both ways', (kind, condition, itself) => {
    const faults = board();
    faults.inject({ region: EAST, kind });
    expect(faults.conditionOf(EAST)).toBe(condition);
    expect(faults.reaches(EAST, OHIO)).toBe(false);
    expect(faults.reaches(OHIO, EAST)).toBe(false);
    expect(faults.reaches(EAST, WITNESS)).toBe(false);
    expect(faults.reaches(WITNESS, EAST)).toBe(false);
    expect(faults.reaches(EAST, EAST)).toBe(itself);
    expect(faults.reaches(OHIO, WITNESS)).toBe(true);
  });

  it('isolates the witness from both Regions and leaves the Regions together', () => {
    const faults = board();
    faults.inject({ region: WITNESS, kind: 'isolate' });
    expect(faults.reaches(EAST, WITNESS)).toBe(false);
    expect(faults.reaches(WITNESS, OHIO)).toBe(false);
    expect(faults.reaches(EAST, OHIO)).toBe(true);
  });

  it('shows the worst of several conditions: killed, dead, frozen, isolated', () => {
    const faults = board();
    const seen = [];
    faults.inject({ region: EAST, kind: 'isolate' });
    seen.push(faults.conditionOf(EAST));
    faults.inject({ region: EAST, kind: 'freeze' });
    seen.push(faults.conditionOf(EAST));
    faults.markDead(EAST);
    seen.push(faults.conditionOf(EAST));
    faults.inject({ region: EAST, kind: 'kill' });
    seen.push(faults.conditionOf(EAST));
    expect(seen).toEqual(['isolated', 'frozen', 'dead', 'killed']);
    expect(faults.conditionOf(OHIO)).toBe('up');
  });

  it('clears a death on heal of that Region only', () => {
    const faults = board();
    faults.markDead(EAST);
    faults.heal(OHIO);
    expect(faults.conditionOf(EAST)).toBe('dead');
    faults.heal(EAST);
    expect(faults.conditionOf(EAST)).toBe('up');
  });

  it('rejects Regions that it does not know', () => {
    const faults = board();
    const words = /No Region eu-west-1 here: use one of us-east-1, us-east-2/;
    expect(() => faults.conditionOf('eu-west-1')).toThrow(words);
    expect(() => faults.reaches(EAST, 'eu-west-1')).toThrow(words);
    expect(() => faults.heal('eu-west-1')).toThrow(FaultRequestError);
    expect(() => faults.markDead('eu-west-1')).toThrow(words);
    expect(() => faults.markDead(WITNESS)).toThrow(FaultRequestError);
  });
});

describe('listeners', () => {
  it('are told of changes of reachability only, until they stop', () => {
    const faults = board();
    const seen: string[] = [];
    const stop = faults.onChange(() => seen.push(faults.conditionOf(EAST)));
    faults.inject({ region: EAST, kind: 'latency', latencyMs: 5 });
    faults.inject({ region: EAST, kind: 'freeze' });
    faults.inject({ region: EAST, kind: 'freeze' });
    faults.heal(OHIO);
    faults.heal();
    stop();
    faults.inject({ region: EAST, kind: 'kill' });
    expect(seen).toEqual(['frozen', 'up']);
  });

  it('stops one registration of a listener that was registered twice', () => {
    const faults = board();
    let calls = 0;
    const listener = () => {
      calls += 1;
    };
    const stop = faults.onChange(listener);
    faults.onChange(listener);
    stop();
    faults.inject({ region: EAST, kind: 'kill' });
    expect(calls).toBe(1);
  });
});

describe('inject and heal', () => {
  it('returns the standing fault when a condition is asked for again', () => {
    const faults = board();
    const first = faults.inject({ region: EAST, kind: 'kill' });
    const again = faults.inject({ region: EAST, kind: 'kill' });
    const other = faults.inject({ region: OHIO, kind: 'kill' });
    expect(again).toEqual(first);
    expect(other.id).not.toBe(first.id);
    expect(faults.active()).toHaveLength(2);
    expect(first.sinceEpochMs).toBe(1_000);
  });

  it('heals one Region and returns what ended', () => {
    const faults = board();
    const slow = faults.inject({ region: EAST, kind: 'latency', latencyMs: 5 });
    const cut = faults.inject({ region: EAST, kind: 'isolate' });
    const other = faults.inject({ region: OHIO, kind: 'errors', rate: 1 });
    expect(faults.heal(EAST)).toEqual<ActiveFault[]>([slow, cut]);
    expect(faults.active()).toEqual([other]);
    expect(faults.heal()).toEqual([other]);
    expect(faults.heal()).toEqual([]);
  });
});

describe('the fate of a call', () => {
  it('proceeds at once, drawing nothing, where no fault applies', () => {
    const faults = board();
    const proceed = { latencyMs: 0, outcome: 'proceed' };
    expect(faults.fateOf(EAST, 'dynamodb', 'PutItem')).toEqual(proceed);
    faults.inject({
      region: EAST,
      kind: 'errors',
      service: 'dynamodb',
      operation: 'PutItem',
      rate: 1,
    });
    expect(faults.fateOf(OHIO, 'dynamodb', 'PutItem')).toEqual(proceed);
    expect(faults.fateOf(EAST, 'sqs', 'PutItem')).toEqual(proceed);
    expect(faults.fateOf(EAST, 'dynamodb', 'GetItem')).toEqual(proceed);
  });

  it('adds the latencies that apply to the call', () => {
    const faults = board();
    faults.inject({ region: EAST, kind: 'latency', latencyMs: 100 });
    faults.inject({ region: EAST, kind: 'latency', service: 'dynamodb', latencyMs: 20 });
    faults.inject({
      region: EAST,
      kind: 'latency',
      service: 'dynamodb',
      operation: 'PutItem',
      latencyMs: 3,
    });
    expect(faults.fateOf(EAST, 'dynamodb', 'PutItem').latencyMs).toBe(123);
    expect(faults.fateOf(EAST, 'dynamodb', 'GetItem').latencyMs).toBe(120);
    expect(faults.fateOf(EAST, 'sns', 'Publish').latencyMs).toBe(100);
  });

  it.each([
    ['proceeds when every rate spares it', [0.5, 0.5], 'proceed'],
    ['fails when the first rate hits', [0.49], 'error'],
    ['fails when only the second rate hits', [0.5, 0.49], 'error'],
  ] as const)('%s', (_name, draws, outcome) => {
    const faults = board(draws);
    faults.inject({ region: EAST, kind: 'errors', rate: 0.5 });
    faults.inject({ region: EAST, kind: 'errors', service: 'sqs', rate: 0.5 });
    expect(faults.fateOf(EAST, 'sqs', 'SendMessage').outcome).toBe(outcome);
  });

  it('throttles a call that would have failed as well', () => {
    const faults = board([0]);
    faults.inject({ region: EAST, kind: 'errors', rate: 1 });
    faults.inject({ region: EAST, kind: 'throttle', rate: 1 });
    expect(faults.fateOf(EAST, 'dynamodb', 'PutItem').outcome).toBe('throttle');
  });

  it('always hits at rate 1', () => {
    const faults = board([1 - Number.EPSILON]);
    faults.inject({ region: EAST, kind: 'errors', service: 'api', rate: 1 });
    expect(faults.fateOf(EAST, 'api', 'POST /process').outcome).toBe('error');
  });
});

describe('requests', () => {
  it.each([
    [
      'an unknown Region',
      { region: 'eu-west-1', kind: 'kill' },
      /"eu-west-1".*us-west-2 \(the wit/,
    ],
    ['no Region', { kind: 'kill' }, /No Region nothing/],
    ['an unknown kind', { region: EAST, kind: 'explode' }, /"explode": use one of kill, freeze/],
    ['killing the witness', { region: WITNESS, kind: 'kill' }, /witness.*can be isolated/],
    [
      'an unknown service',
      { region: EAST, kind: 'errors', rate: 1, service: 's3' },
      /dynamodb, sqs/,
    ],
    ['a delay of a kill', { region: EAST, kind: 'kill', latencyMs: 5 }, /kill.*no latencyMs/],
    ['a rate of a latency', { region: EAST, kind: 'latency', latencyMs: 5, rate: 1 }, /no rate/],
    ['a delay of errors', { region: EAST, kind: 'errors', rate: 1, latencyMs: 5 }, /no latencyMs/],
    ['a service of a freeze', { region: EAST, kind: 'freeze', service: 'sqs' }, /no service/],
    ['an unknown option', { region: EAST, kind: 'kill', force: true }, /no force/],
    ['no delay', { region: EAST, kind: 'latency' }, /latencyMs above 0.*not nothing/],
    ['a delay of zero', { region: EAST, kind: 'latency', latencyMs: 0 }, /not 0/],
    ['a delay too long', { region: EAST, kind: 'latency', latencyMs: 120_001 }, /up to 120000/],
    ['a delay in text', { region: EAST, kind: 'latency', latencyMs: '5' }, /not "5"/],
    [
      'a lag where every table is strongly consistent',
      { region: EAST, kind: 'lag', latencyMs: 5 },
      /strongly consistent.*pause or isolate/,
    ],
    ['a lag without milliseconds', { region: EAST, kind: 'lag' }, /A lag fault needs latencyMs/],
    ['a lag of a service', { region: EAST, kind: 'lag', latencyMs: 5, service: 'sqs' }, /no serv/],
    ['a pause of the witness', { region: WITNESS, kind: 'pause' }, /can be isolated/],
    ['a moment of a kill', { region: EAST, kind: 'kill', moment: 'after' }, /no moment/],
    [
      'a crash at no call',
      { region: EAST, kind: 'crash', service: 'sns', moment: 'after' },
      /service and the operation/,
    ],
    [
      'a crash at a call to the API',
      { region: EAST, kind: 'crash', service: 'api', moment: 'after' },
      /service and the operation/,
    ],
    [
      'a crash at no moment',
      { region: EAST, kind: 'crash', service: 'sns', operation: 'Publish' },
      /before or after, not nothing/,
    ],
    [
      'a crash at another moment',
      { region: EAST, kind: 'crash', service: 'sns', operation: 'Publish', moment: 'during' },
      /not "during"/,
    ],
    [
      'a crash that skips half a call',
      {
        ...{ region: EAST, kind: 'crash', service: 'sns', operation: 'Publish' },
        ...{ moment: 'after', skip: 0.5 },
      },
      /whole number from 0 to 1000000, not 0.5/,
    ],
    ['no rate', { region: EAST, kind: 'throttle' }, /rate above 0.*not nothing/],
    ['a rate of zero', { region: EAST, kind: 'errors', rate: 0 }, /not 0/],
    ['a rate above one', { region: EAST, kind: 'errors', rate: 1.01 }, /not 1.01/],
    [
      'a rate that is no number',
      { region: EAST, kind: 'errors', rate: Number.NaN },
      /rate above 0/,
    ],
    [
      'an operation of no service',
      { region: EAST, kind: 'errors', rate: 1, operation: 'PutItem' },
      /needs the AWS service/,
    ],
    [
      'an operation that AWS does not write so',
      { region: EAST, kind: 'errors', rate: 1, service: 'dynamodb', operation: 'putitem' },
      /like PutItem/,
    ],
  ])('rejects %s', (_name, request, words) => {
    const faults = board();
    const inject = () => faults.inject(request as Parameters<typeof faults.inject>[0]);
    expect(inject).toThrow(FaultRequestError);
    expect(inject).toThrow(words);
    expect(faults.active()).toEqual([]);
  });

  it('takes the ends of the ranges', () => {
    const faults = board();
    faults.inject({ region: EAST, kind: 'latency', latencyMs: 120_000 });
    faults.inject({ region: EAST, kind: 'throttle', rate: 1 });
    expect(faults.active()).toHaveLength(2);
  });
});
