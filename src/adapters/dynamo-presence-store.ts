/** The orchestrators' heartbeats in the control table: one item for each Region. */

import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { CONTROL_TABLE, ROUTING_POLICIES } from '#contract/names.ts';
import { AppError, knownRead } from '#core/app-error.ts';
import type { Deadline } from '#core/ports.ts';
import type {
  MoveAge,
  PeerHealth,
  PeerSilence,
  Presence,
  PresenceStore,
} from '#core/routing/presence.ts';
import { type AttemptOptions, attemptAws } from './aws-attempts.ts';

type Item = Record<string, AttributeValue>;

/** `regions`: of the environment, the primary first; a Region's place is the sort key of its item. */
export function createDynamoPresenceStore(options: {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly attempts: AttemptOptions;
  readonly regions: readonly string[];
}): PresenceStore {
  const { client, tableName: TableName, attempts, regions } = options;

  /** The item after the update. */
  const update = async (
    presence: Omit<Presence, 'beat'>,
    place: number,
    deadline: Deadline,
  ): Promise<Item | undefined> => {
    const peer = peerHealthUpdate(presence.peerHealthy);
    const lasts = lastsUpdate(presence);
    // A beat that was counted twice has been seen to move all the same.
    const command = new UpdateItemCommand({
      TableName,
      Key: {
        [CONTROL_TABLE.partitionKey]: { S: CONTROL_TABLE.presenceScope },
        [CONTROL_TABLE.sortKey]: { N: String(place) },
      },
      UpdateExpression:
        'SET #region = :region, api_url = :url, #policy = :policy, ' +
        'serving = :serving, #at = :at, healthy_since = :since, followed_epoch = :followed, ' +
        `${peer.set}${lasts.set}beat = if_not_exists(beat, :zero) + :one`,
      ...peer.condition,
      ExpressionAttributeNames: { '#region': 'region', '#policy': 'policy', '#at': 'at' },
      ExpressionAttributeValues: {
        ':region': { S: presence.region },
        ':url': { S: presence.apiUrl },
        ':policy': { S: presence.policy },
        ':serving': presence.serving === null ? { NULL: true } : { BOOL: presence.serving },
        ':at': { N: String(presence.atEpochMs) },
        ':since':
          presence.healthySinceEpochMs === null
            ? { NULL: true }
            : { N: String(presence.healthySinceEpochMs) },
        ':followed': { N: String(presence.followedEpoch) },
        ...peer.values,
        ...lasts.values,
        ':zero': { N: '0' },
        ':one': { N: '1' },
      },
      ReturnValues: 'ALL_NEW',
    });
    const { Attributes: item } = await attemptAws(
      'beat',
      (abortSignal) => client.send(command, { abortSignal }),
      deadline,
      attempts,
      isRefusal,
    );
    return item;
  };

  const write: typeof update = async (presence, place, deadline) => {
    try {
      return await update(presence, place, deadline);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      // Another process of the Region knows more of the peer: that stays, and the heart beats.
      return update({ ...presence, peerHealthy: null }, place, deadline);
    }
  };

  return {
    async beat(presence, deadline) {
      const place = regions.indexOf(presence.region);
      if (place < 0) {
        throw new AppError('internal_error', `${presence.region} is not among the Regions`);
      }
      const item = (await write(presence, place, deadline)) ?? {};
      const stored = presenceOf(item);
      if (stored !== null) return stored;
      throw new AppError('internal_error', 'a heartbeat in the control table is not readable');
    },
    async read(deadline) {
      const command = new QueryCommand({
        TableName,
        KeyConditionExpression: '#scope = :presence',
        ExpressionAttributeNames: { '#scope': CONTROL_TABLE.partitionKey },
        ExpressionAttributeValues: { ':presence': { S: CONTROL_TABLE.presenceScope } },
        ConsistentRead: true,
      });
      const { Items: items = [] } = await knownRead(
        attemptAws(
          'read presence',
          (abortSignal) => client.send(command, { abortSignal }),
          deadline,
          attempts,
        ),
      );
      return items.map(presenceOf).filter((presence) => presence !== null);
    },
  };
}

/** Sets nothing where nothing is known, and is refused where more is known already (`longerPeerHealth`). */
function peerHealthUpdate(peerHealthy: PeerHealth | null): {
  readonly set: string;
  readonly condition: { readonly ConditionExpression?: string };
  readonly values: Item;
} {
  if (peerHealthy === null) return { set: '', condition: {}, values: {} };
  const { movedEpoch, forMs } = peerHealthy;
  return {
    set: 'peer_healthy_epoch = :moved, peer_healthy_for = :peer, ',
    condition: {
      ConditionExpression:
        'attribute_not_exists(peer_healthy_epoch) OR peer_healthy_epoch < :moved OR ' +
        '(peer_healthy_epoch = :moved AND peer_healthy_for <= :peer)',
    },
    values: { ':moved': { N: String(movedEpoch) }, ':peer': { N: String(forMs) } },
  };
}

/** The last ones stay: whoever writes has read what was there, and one that is late speaks of what was before. */
function lastsUpdate({
  peerSilence,
  moveAge,
  peerHealthyNow: now,
}: Pick<Presence, 'peerSilence' | 'moveAge' | 'peerHealthyNow'>): {
  readonly set: string;
  readonly values: Item;
} {
  const numbers = {
    // What has ended goes on no more.
    peer_now_epoch: now?.movedEpoch ?? null,
    peer_now_for: now?.forMs ?? null,
    ...(peerSilence !== null && {
      peer_beat: peerSilence.beat,
      peer_silent_for: peerSilence.forMs,
    }),
    ...(moveAge !== null && { moved_epoch: moveAge.epoch, moved_for: moveAge.forMs }),
  };
  const entries = Object.entries(numbers);
  return {
    set: entries.map(([name]) => `${name} = :${name}, `).join(''),
    values: Object.fromEntries(
      entries.map(([name, value]) => [
        `:${name}`,
        value === null ? { NULL: true } : { N: String(value) },
      ]),
    ),
  };
}

function isRefusal(error: unknown): boolean {
  return error instanceof ConditionalCheckFailedException;
}

/**
 * Null: not one that this code writes. It counts for none, and the next beat of its Region mends it: a
 * heartbeat of another version must not keep an orchestrator from beating.
 */
function presenceOf(item: Item): Presence | null {
  const since = item['healthy_since'];
  const presence = {
    region: item['region']?.S,
    apiUrl: item['api_url']?.S,
    policy: ROUTING_POLICIES.find((one) => one === item['policy']?.S),
    beat: Number(item['beat']?.N),
    serving: item['serving']?.NULL === true ? null : item['serving']?.BOOL,
    atEpochMs: Number(item['at']?.N),
    followedEpoch: Number(item['followed_epoch']?.N),
  };
  const { region, apiUrl, policy, beat, serving, atEpochMs, followedEpoch } = presence;
  if (
    region === undefined ||
    apiUrl === undefined ||
    policy === undefined ||
    serving === undefined ||
    !Number.isSafeInteger(beat) ||
    !Number.isSafeInteger(atEpochMs) ||
    !Number.isSafeInteger(followedEpoch)
  ) {
    return null;
  }
  const healthySinceEpochMs = since?.N === undefined ? null : Number(since.N);
  return {
    ...{ region, apiUrl, policy, beat, serving },
    atEpochMs,
    followedEpoch,
    healthySinceEpochMs,
    peerHealthy: peerHealthOf(item, 'peer_healthy'),
    peerHealthyNow: peerHealthOf(item, 'peer_now'),
    peerSilence: peerSilenceOf(item),
    moveAge: moveAgeOf(item),
  };
}

/** Null also in an item of an older version, which does not say. */
function peerHealthOf(item: Item, name: 'peer_healthy' | 'peer_now'): PeerHealth | null {
  const [movedEpoch, forMs] = [wholeIn(item, `${name}_epoch`), wholeIn(item, `${name}_for`)];
  return movedEpoch === null || forMs === null ? null : { movedEpoch, forMs };
}

/** Null also in an item of an older version. */
function peerSilenceOf(item: Item): PeerSilence | null {
  const [beat, forMs] = [wholeIn(item, 'peer_beat'), wholeIn(item, 'peer_silent_for')];
  return beat === null || forMs === null ? null : { beat, forMs };
}

/** As `peerSilenceOf`. */
function moveAgeOf(item: Item): MoveAge | null {
  const [epoch, forMs] = [wholeIn(item, 'moved_epoch'), wholeIn(item, 'moved_for')];
  return epoch === null || forMs === null ? null : { epoch, forMs };
}

function wholeIn(item: Item, name: string): number | null {
  const value = Number(item[name]?.N);
  return Number.isSafeInteger(value) ? value : null;
}
