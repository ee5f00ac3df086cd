export { clockShiftAt, type ClockShift } from './clock-shift.js';
export { describe } from './describe.js';
export { localTicks, type LocalTick } from './local-ticks.js';
export { localTime } from './local-time.js';
export { acceptedSchedule, parseSchedule, type ParsedSchedule } from './parse-schedule.js';
export type { Schedule } from './schedule.js';
export { startDelay, startOfTick } from './start-delay.js';
export { countTicks, isTick, nextTick, previousTick, ticksBetween } from './ticks.js';
export { resolveTimeZone } from './zone-names.js';
