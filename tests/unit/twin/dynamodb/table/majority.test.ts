import { describe, expect, it } from 'vitest';
import { chooseLeader, majorityOf, nodesOf } from '#twin/dynamodb/table/majority.ts';
import { TestNetwork } from '../test-network.ts';

const NODES = ['a', 'b', 'w'];

function networkWith(set: (network: TestNetwork) => void) {
  const network = new TestNetwork();
  set(network);
  return network;
}

describe('majorityOf', () => {
  it.each<[string, (network: TestNetwork) => void, string[]]>([
    ['nothing is wrong', () => {}, ['a', 'b', 'w']],
    ['a replica is killed', (n) => n.set('a', 'killed'), ['b', 'w']],
    ['a replica is frozen', (n) => n.set('a', 'frozen'), ['b', 'w']],
    ['a replica is isolated', (n) => n.set('b', 'isolated'), ['a', 'w']],
    ['the witness is lost', (n) => n.set('w', 'dead'), ['a', 'b']],
    ['the replicas do not reach each other', (n) => n.cut('a', 'b'), ['a', 'b', 'w']],
  ])('holds together when %s', (_, set, expected) => {
    expect([...majorityOf(NODES, networkWith(set))].toSorted()).toEqual(expected);
  });

  it('does not exist when every Region is alone', () => {
    const network = networkWith((n) => {
      n.set('a', 'isolated');
      n.set('b', 'isolated');
    });
    expect(majorityOf(NODES, network).size).toBe(0);
  });

  it('leaves out a Region whose links work one way only', () => {
    const network = networkWith((n) => {
      n.cut('a', 'b');
      n.cut('w', 'a');
    });
    expect([...majorityOf(NODES, network)]).toEqual(['b', 'w']);
  });

  it('is one Region for a table of one Region, as long as it is up', () => {
    const network = networkWith((n) => n.set('a', 'isolated'));
    expect([...majorityOf(['a'], network)]).toEqual(['a']);
    network.set('a', 'killed');
    expect(majorityOf(['a'], network).size).toBe(0);
  });
});

describe('chooseLeader', () => {
  const candidate = (region: string, condition = 'ready' as const, pendingItems = 0) => ({
    region,
    condition,
    pendingItems,
  });
  const all = new Set(['a', 'b', 'c']);

  it('keeps the present one while it can lead', () => {
    expect(chooseLeader('b', [candidate('a'), candidate('b')], all)).toBe('b');
  });

  it('takes the first that misses least', () => {
    const candidates = [candidate('a', 'ready', 5), candidate('b'), candidate('c')];
    expect(chooseLeader('x', candidates, all)).toBe('b');
  });

  it('passes over Regions outside the majority and engines that are lost', () => {
    const candidates = [{ ...candidate('a'), condition: 'lost' as const }, candidate('b')];
    expect(chooseLeader('a', candidates, all)).toBe('b');
    expect(chooseLeader('a', candidates, new Set(['a', 'w']))).toBeNull();
  });
});

describe('nodesOf', () => {
  it('counts the witness', () => {
    expect(nodesOf({ replicas: ['a', 'b'], witness: 'w' })).toEqual(NODES);
    expect(nodesOf({ replicas: ['a', 'b', 'c'], witness: null })).toEqual(['a', 'b', 'c']);
  });
});
