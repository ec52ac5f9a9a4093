/**
 * What one replica has not received yet: the latest image of each item that it missed.
 *
 * It stands for the copies that the rest of the quorum holds. With a path it is an append-only
 * file, written before the write is acknowledged, so that `kill -9` of everything loses nothing.
 */

import {
  appendFileSync,
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** The state of one item after a write. */
export interface ItemImage {
  readonly id: string;
  /** The key as a DynamoDB `Key` parameter, JSON. */
  readonly keyJson: string;
  /** The whole item, JSON; null: there is no such item. */
  readonly itemJson: string | null;
}

/** One line of the file: an image, or an id alone when the replica has it now. */
type LogLine = readonly [string, string, string | null] | readonly [string];

/** Superseded lines that the file may hold before it is written anew. */
const SUPERSEDED_LINES_MAX = 10_000;

export class PendingLog {
  readonly #path: string | null;
  readonly #images: Map<string, ItemImage>;
  #file: number | null;
  #lines: number;

  /** Opens the log, with what an earlier run left in it. Effects: creates the file. */
  static open(path: string | null): PendingLog {
    if (path === null) return new PendingLog(null, new Map(), 0);
    mkdirSync(dirname(path), { recursive: true });
    const { images, lines } = readLog(path);
    return new PendingLog(path, images, lines);
  }

  private constructor(path: string | null, images: Map<string, ItemImage>, lines: number) {
    this.#path = path;
    this.#images = images;
    this.#lines = lines;
    this.#file = path === null ? null : openSync(path, 'a');
    // Ends a torn last line, and drops the superseded ones.
    if (lines > 0) this.#rewrite();
  }

  get size(): number {
    return this.#images.size;
  }

  get(id: string): ItemImage | undefined {
    return this.#images.get(id);
  }

  /** The images in the order in which their items were first missed. May change while iterated. */
  values(): IterableIterator<ItemImage> {
    return this.#images.values();
  }

  /** Adds the latest image of an item. On disk when it returns. */
  add(image: ItemImage): void {
    this.#images.set(image.id, image);
    this.#append([image.id, image.keyJson, image.itemJson]);
  }

  /** The replica has the latest image of this item. */
  remove(id: string): void {
    if (this.#images.delete(id)) this.#append([id]);
  }

  clear(): void {
    this.#images.clear();
    if (this.#file !== null) this.#rewrite();
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  #append(line: LogLine): void {
    if (this.#file === null) return;
    if (this.#images.size === 0) {
      ftruncateSync(this.#file);
      this.#lines = 0;
      return;
    }
    writeSync(this.#file, `${JSON.stringify(line)}\n`);
    this.#lines++;
    if (this.#lines > 2 * this.#images.size + SUPERSEDED_LINES_MAX) this.#rewrite();
  }

  #rewrite(): void {
    if (this.#path === null || this.#file === null) return;
    const next = `${this.#path}.next`;
    writeFileSync(next, '');
    // In portions: one string of all images could pass the longest that JavaScript allows.
    let portion = '';
    for (const { id, keyJson, itemJson } of this.#images.values()) {
      portion += `${JSON.stringify([id, keyJson, itemJson])}\n`;
      if (portion.length > 1_000_000) {
        appendFileSync(next, portion);
        portion = '';
      }
    }
    appendFileSync(next, portion);
    renameSync(next, this.#path);
    closeSync(this.#file);
    this.#file = openSync(this.#path, 'a');
    this.#lines = this.#images.size;
  }
}

function readLog(path: string): { images: Map<string, ItemImage>; lines: number } {
  const images = new Map<string, ItemImage>();
  if (!existsSync(path)) return { images, lines: 0 };
  const lines = readFileSync(path, 'utf8').split('\n');
  // Only a whole line ends in a newline: what follows the last one was cut off and not acknowledged.
  lines.pop();
  for (const [index, text] of lines.entries()) {
    const line = parseLine(text);
    if (line === null) {
      throw new Error(`${path}, line ${index + 1}, is not a change: the data folder is damaged.`);
    }
    const [id, keyJson, itemJson] = line;
    if (keyJson === undefined) images.delete(id);
    else images.set(id, { id, keyJson, itemJson: itemJson ?? null });
  }
  return { images, lines: lines.length + 1 };
}

function parseLine(text: string): LogLine | null {
  try {
    const line: unknown = JSON.parse(text);
    if (!Array.isArray(line) || !line.every((part) => part === null || typeof part === 'string')) {
      return null;
    }
    return line.length === 1 || line.length === 3 ? (line as unknown as LogLine) : null;
  } catch {
    return null;
  }
}
