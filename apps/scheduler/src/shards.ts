/** How schedules are shared out among the processes that keep the clock. */

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** The shard of a schedule, from 0 on: the same in every process and release (FNV-1a, 32 bits). */
export function shardOf(scheduleId: string, shards: number): number {
  if (shards === 1) return 0;
  let hash = FNV_OFFSET;
  for (let at = 0; at < scheduleId.length; at++) hash = Math.imul(hash ^ scheduleId.charCodeAt(at), FNV_PRIME);
  // The low bits of FNV-1a alone are spread badly over small numbers of shards.
  return ((hash ^ (hash >>> 16)) >>> 0) % shards;
}

/** The lease of a shard; with one shard it is the name that there was before there were shards. */
export const leaseOfShard = (shard: number, shards: number): string =>
  shards === 1 ? 'scheduler' : `scheduler-${shard}-of-${shards}`;
