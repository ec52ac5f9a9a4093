/** The clock and the hash of a real process. */

import { createHash } from 'node:crypto';
import type { Clock, Hash } from '#core/ports.ts';

export const systemClock: Clock = { nowEpochMs: () => Date.now() };

/** SHA-256 of UTF-8 text, 64 lowercase hex characters. */
export const sha256Hex: Hash = (text) => createHash('sha256').update(text, 'utf8').digest('hex');
