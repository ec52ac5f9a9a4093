/**
 * Stands in for SHA-256 in the simulator: 64 lowercase hex characters, different for different texts as far as
 * chance goes, and several times as fast as a SHA-256 written in JavaScript would be.
 *
 * The core takes its hash as a port and asks of it only that equal texts have equal hashes and others do not.
 */

/** The four hex digits of each number of 16 bits. */
const HEX: readonly string[] = Array.from({ length: 0x10000 }, (_unused, value) =>
  value.toString(16).padStart(4, '0'),
);
const cache = new Map<string, string>();
const CACHE_MAX = 4_096;

/** Eight lanes of 32 bits, each a murmur-like mix with its own start. Pure: the cache shows nowhere. */
export function fastHash(text: string): string {
  const known = cache.get(text);
  if (known !== undefined) return known;
  let one = 0x9e3779b9;
  let two = 0x85ebca6b;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    one = Math.imul(one ^ unit, 0xcc9e2d51);
    one = (one << 15) | (one >>> 17);
    two = Math.imul(two + unit, 0x1b873593) ^ (one >>> 3);
  }
  let digest = '';
  for (let lane = 1; lane <= 8; lane += 1) {
    let mixed = one ^ Math.imul(two + lane, 0x27d4eb2f) ^ Math.imul(text.length, lane);
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    mixed ^= mixed >>> 16;
    digest += (HEX[mixed >>> 16] ?? '') + (HEX[mixed & 0xffff] ?? '');
    one = Math.imul(one + mixed, 0x165667b1);
  }
  if (cache.size >= CACHE_MAX) cache.clear();
  cache.set(text, digest);
  return digest;
}
