/**
 * Which version of an item each replica has, for as long as a write of that item is under way.
 *
 * After that every replica has the latest one, and whatever is written next is later: nothing needs
 * to be remembered.
 */

import { isLater, type WriteVersion } from './write-version.ts';

interface UnderWay {
  /** Writes of the item that have not come to an end at their replica. */
  count: number;
  /** By Region. */
  readonly latest: Map<string, WriteVersion>;
}

export class ItemVersions {
  readonly #items = new Map<string, UnderWay>();

  /** Items of which a write is under way. */
  get size(): number {
    return this.#items.size;
  }

  /** A write of the item is on its way to a replica. */
  begin(id: string): void {
    const item = this.#items.get(id);
    if (item === undefined) this.#items.set(id, { count: 1, latest: new Map() });
    else item.count++;
  }

  /** It has been applied there, or a later one has taken its place. */
  end(id: string): void {
    const item = this.#items.get(id);
    if (item === undefined) throw new Error(`No write of item ${id} is under way.`);
    item.count--;
    if (item.count === 0) this.#items.delete(id);
  }

  /** The replica has this version of the item now. */
  note(region: string, id: string, version: WriteVersion): void {
    this.#items.get(id)?.latest.set(region, version);
  }

  /** Whether the replica has a later version of the item than `version`. */
  isSuperseded(region: string, id: string, version: WriteVersion): boolean {
    const present = this.#items.get(id)?.latest.get(region);
    return present !== undefined && isLater(present, version);
  }
}
