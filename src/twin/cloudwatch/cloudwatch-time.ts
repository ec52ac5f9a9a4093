/** CloudWatch's own time, which runs ahead of the world's where a profile speeds things up. */

export interface CloudWatchTime {
  /** How many times as fast as the world's; 1 on AWS. */
  readonly speed: number;
  fromWorld(epochMs: number): number;
  toWorld(epochMs: number): number;
}

/**
 * The two times agree at the start, which is put on a whole minute so that minutes of the one begin
 * with those of the other. With a speed of 12, a period of 60 s lasts 5 s. Pure.
 */
export function cloudWatchTime(startedAtEpochMs: number, speed: number): CloudWatchTime {
  const origin = Math.floor(startedAtEpochMs / 60_000) * 60_000;
  return {
    speed,
    fromWorld: (epochMs) => origin + (epochMs - origin) * speed,
    toWorld: (epochMs) => origin + (epochMs - origin) / speed,
  };
}
