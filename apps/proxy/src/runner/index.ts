export { RunnerAddresses } from './address.js';
export { AddressRanges } from './ranges.js';
export { RUNNER_ROWS } from './routes.js';
export { SessionsInProcess, type SessionPlace, type Sessions } from './sessions.js';
export { SessionsOverHttp } from './sessions-over-http.js';
export { localRunners, runnersOf, stagedFilesOf } from './settings.js';
export { toRunner, type RunnerConfig, type Runners } from './to-runner.js';
