export { describe } from './describe.js';
export { localTime } from './local-time.js';
export { parseSchedule, type ParsedSchedule } from './parse-schedule.js';
export type { Schedule } from './schedule.js';
export { countTicks, isTick, nextTick, previousTick, ticksBetween } from './ticks.js';
export { resolveTimeZone } from './zone-names.js';
