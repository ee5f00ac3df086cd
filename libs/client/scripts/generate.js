/**
 * Writes `src/generated/api.ts`: the types of the HTTP contract, from the OpenAPI document that the services serve. Needs `npm run build`
 * in the root. With `--check` it writes nothing, and ends with exit code 1 when the file is not what it would write.
 */
import openapiTS, { astToString } from 'openapi-typescript';
import prettier from 'prettier';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { openApiDocument } from '../../../dist/libs/contracts/src/index.js';

const TARGET = fileURLToPath(new URL('../src/generated/api.ts', import.meta.url));
const HEAD = '/** Made from the OpenAPI document by scripts/generate.js: not written by hand. */\n';

const made = HEAD + astToString(await openapiTS(openApiDocument('0.0.0'), { alphabetize: true, exportType: true }));
const text = await prettier.format(made, { ...(await prettier.resolveConfig(TARGET)), parser: 'typescript' });
const present = await readFile(TARGET, 'utf8').catch(() => '');

if (!process.argv.includes('--check')) {
  if (text !== present) await writeFile(TARGET, text);
} else if (text !== present) {
  console.error(
    'libs/client/src/generated/api.ts is not what the OpenAPI document says: run node libs/client/scripts/generate.js',
  );
  process.exitCode = 1;
}
