/** Types of fauxqs' inside that its exports leave out, derived from those that they have. */

import type { BuildAppOptions } from 'fauxqs';

/** What fauxqs keeps its queues, topics and buckets in. */
export type Stores = NonNullable<BuildAppOptions['stores']>;
export type SqsStore = Stores['sqsStore'];
export type SnsStore = Stores['snsStore'];
export type Queue = ReturnType<SqsStore['createQueue']>;
export type StoredMessage = Parameters<Queue['enqueue']>[0];
