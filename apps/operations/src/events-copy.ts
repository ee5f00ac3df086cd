/**
 * `npm run events:copy -- --from … --to …`: copies the log from one engine to another, and checks it. The source may be in use, the target
 * must not be. Broken off at any point, it is run again and goes on. Prints one JSON line.
 */
import { runCommand } from './command-line.js';
import { copyLog } from './events-copy/copy-log.js';
import { openLogs } from './events-copy/open-logs.js';
import { showProgress } from './events-copy/progress.js';
import { requestOf } from './events-copy/request.js';

const USAGE = 'npm run events:copy -- --from <data folder | events.db | kurrentdb://…> --to <the same> [--no-verify]';

await runCommand('events:copy', USAGE, async args => {
  const { from, to, verify } = requestOf(args);
  const started = performance.now();
  const logs = await openLogs(from, to);
  const progress = showProgress(process.stderr);
  try {
    const result = await copyLog(logs.source, logs.target, { verify, onProgress: progress.report });
    progress.end();
    console.log(JSON.stringify({ ...result, seconds: Math.round((performance.now() - started) / 100) / 10 }));
    return 0;
  } finally {
    progress.end();
    await logs.close();
  }
});
