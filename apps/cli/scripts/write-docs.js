/** Writes docs/cli.md from the commands. Needs `npm run build`. */
import { writeFile } from 'node:fs/promises';
import { documentationOf } from '../../../dist/apps/cli/src/documentation.js';
import { createProgram } from '../../../dist/apps/cli/src/program.js';

await writeFile(new URL('../../../docs/cli.md', import.meta.url), documentationOf(createProgram()));
