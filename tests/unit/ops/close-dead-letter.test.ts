import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '#core/app-error.ts';
import { type CloseRequest, closeDeadLetter } from '#ops/close-dead-letter.ts';
import { OpsError } from '#ops/ops-error.ts';
import { showDeadLetter } from '#ops/show-dead-letter.ts';
import {
  connectionOf,
  type DeadLetterWorld,
  isVisible,
  portsOf,
  startDeadLetters,
} from './dead-letter-world.ts';
import { EAST_1, EAST_2, lostRegion } from './dynalite-environment.ts';
import { type MemoryQueues } from './memory-queues.ts';

let world: DeadLetterWorld;
beforeEach(async () => {
  world = await startDeadLetters();
});
afterEach(async () => {
  await world.table.close();
});

const connection = (region: string, queues: MemoryQueues) => connectionOf(world, region, queues);
const ports = (regions?: Parameters<typeof portsOf>[1]) => portsOf(world, regions);

describe('closing a dead letter', () => {
  const close = (messageId: string, changes: Partial<CloseRequest> = {}, used = ports()) =>
    closeDeadLetter({ messageId, force: false, dryRun: false, ...changes }, used, (message) =>
      said.push(message.body),
    );
  let said: string[] = [];
  beforeEach(() => {
    said = [];
  });
  const idsIn = ({ dead }: MemoryQueues) => dead.map(({ id }) => id);

  it.each([
    [`${EAST_1}-1`, 'not a payment message', '"not \\u0007 json"'],
    [`${EAST_1}-2`, 'no such payment', '"{\\"transaction_id\\":\\"nobody\\"}"'],
  ])('takes %s out, says all of it, and leaves the others', async (messageId, reason, text) => {
    const before = idsIn(world.east1);
    expect(await close(messageId)).toMatchObject({
      ...{ outcome: 'closed', reason },
      message: { messageId, region: EAST_1, body: text },
    });
    expect(idsIn(world.east1)).toEqual(before.filter((id) => id !== messageId));
    expect(isVisible(world.east1)).toBe(true);
    expect(said).toEqual([text]);
    await expect(close(messageId)).rejects.toMatchObject({ kind: 'usage' });
  });

  it('refuses one whose payment is there, unless forced to', async () => {
    const id = `${EAST_2}-0`;
    await expect(close(id)).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(/^its payment is ACCEPTED.*redrive it.*--force/) as string,
    });
    expect(isVisible(world.east2)).toBe(true);
    expect(await close(id, { force: true })).toMatchObject({ outcome: 'closed' });
    expect(idsIn(world.east2)).toEqual([]);
    expect(await showDeadLetter('open-2', ports())).toMatchObject({
      payment: { status: 'ACCEPTED' },
    });
  });

  it('refuses one of which nobody can tell', async () => {
    const readJournals = async () => Promise.reject(new OpsError('fault', 'no Region answers'));
    const blind = { ...ports(), readJournals };
    await expect(close(`${EAST_1}-2`, {}, blind)).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(/can't be read.*try again once/) as string,
    });
  });

  it('changes nothing on a dry run', async () => {
    const before = idsIn(world.east1);
    expect(await close(`${EAST_1}-1`, { dryRun: true })).toMatchObject({ outcome: 'would-close' });
    expect(idsIn(world.east1)).toEqual(before);
    expect(isVisible(world.east1)).toBe(true);
  });

  it('says that it is there still where it could not be deleted', async () => {
    const { queues, ...others } = ports();
    const stuck = queues.map((queue) => ({
      ...queue,
      remove: async () => Promise.reject(new AppError('unavailable', 'access denied')),
    }));
    await expect(close(`${EAST_1}-1`, {}, { ...others, queues: stuck })).rejects.toMatchObject({
      ...{ kind: 'fault', message: 'it was not deleted: access denied' },
    });
    expect(isVisible(world.east1)).toBe(true);
  });

  it('has said all of it, and says that it may be gone, where nobody knows what became of the deletion', async () => {
    const { queues, ...others } = ports();
    const long = 'x'.repeat(10_000);
    world.east1.dead.push({ id: 'long', body: long, receives: 3, isVisible: true });
    const lossy = queues.map((queue) => ({
      ...queue,
      remove: async (handle: string) => {
        await queue.remove(handle);
        throw new AppError('outcome_unknown', 'no answer in time');
      },
    }));
    await expect(close('long', {}, { ...others, queues: lossy })).rejects.toMatchObject({
      ...{ kind: 'fault', message: 'it may be deleted, or not: list again: no answer in time' },
    });
    expect(said).toEqual([`"${long}"`]);
    expect(idsIn(world.east1)).not.toContain('long');
  });

  it('finds it in the other Region when one is lost, and says what it did not see', async () => {
    const partial = ports([lostRegion(EAST_1), connection(EAST_2, world.east2)]);
    const forced = { force: true };
    await expect(close(`${EAST_1}-1`, forced, partial)).rejects.toThrow(
      `no dead letter has the id "${EAST_1}-1" (${EAST_1} could not be asked)`,
    );
    expect(await close(`${EAST_2}-0`, forced, partial)).toMatchObject({ outcome: 'closed' });
  });
});
