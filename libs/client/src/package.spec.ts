/** The package as others get it: its types are those of the contract, and what `npm pack` makes works where it is installed. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { ensureBuilt, plainEnvironment, ROOT } from '../../../test/support/build.js';
import { json, ScriptedServer } from '../testing/server.js';

const run = promisify(execFile);
const PACKAGE = join(ROOT, 'libs/client');
const PATIENCE_MS = 120_000;
const env = plainEnvironment();

let folder: string;
beforeAll(async () => {
  await ensureBuilt();
  folder = await mkdtemp(join(tmpdir(), 'ambient-client-'));
}, 180_000);
afterAll(() => rm(folder, { recursive: true }));

it(
  'has the types of the OpenAPI document, as they are today',
  async () => {
    await run(process.execPath, [join(PACKAGE, 'scripts/generate.js'), '--check'], { env });
  },
  PATIENCE_MS,
);

it(
  'is packed with its build and declarations, and works in Node and for TypeScript where it is installed',
  async () => {
    const source = join(folder, 'source');
    await cp(PACKAGE, source, { recursive: true, filter: path => !['node_modules', 'dist'].includes(basename(path)) });
    await symlink(join(PACKAGE, 'node_modules'), join(source, 'node_modules'));
    await mkdir(join(folder, 'node_modules/@ambient-sessions'), { recursive: true });
    await symlink(join(ROOT, 'node_modules/openapi-fetch'), join(folder, 'node_modules/openapi-fetch'));
    await symlink(join(ROOT, 'node_modules/openapi-typescript-helpers'), join(folder, 'node_modules/openapi-typescript-helpers'));
    const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: source, env });
    const [packed] = JSON.parse(stdout.slice(stdout.indexOf('['))) as [{ filename: string; files: { path: string }[] }];
    const paths = packed.files.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining(['README.md', 'package.json', 'dist/index.js', 'dist/index.d.ts', 'dist/generated/api.d.ts']),
    );
    expect(paths.filter(path => !/^(README\.md|package\.json|dist\/[\w/-]+\.(js|d\.ts))$/.test(path))).toEqual([]);

    const installed = join(folder, 'node_modules/@ambient-sessions/client');
    await run('tar', ['-xzf', join(folder, packed.filename), '-C', folder]);
    await run('mv', [join(folder, 'package'), installed]);

    const server = await ScriptedServer.start();
    try {
      server.replies(json(200, { total: 1, items: [{ id: 'garden' }] }));
      await writeFile(
        join(folder, 'use.mjs'),
        `import { createClient, AmbientError } from '@ambient-sessions/client';
         const ambient = createClient({ url: process.argv[2], token: 'secret' });
         for await (const { id } of ambient.projects.all()) console.log(id, typeof AmbientError);`,
      );
      const used = await run(process.execPath, [join(folder, 'use.mjs'), server.url], { cwd: folder, env });
      expect(used.stdout).toBe('garden function\n');
      expect(server.asked[0]!.headers.authorization).toBe('Bearer secret');
    } finally {
      await server.stop();
    }

    await writeFile(
      join(folder, 'use.mts'),
      `import { createClient, type Session } from '@ambient-sessions/client';
       const ambient = createClient({ url: 'http://localhost', token: async () => 'secret' });
       const session: Session = await ambient.sessions.get('id');
       const name: string = session.name;
       // @ts-expect-error a session has no such field
       session.colour;
       // @ts-expect-error a schedule needs an expression
       void ambient.scheduledSessions.create('acme', { name });
       void ambient.http.GET('/api/ambient/v1/sessions/{id}', { params: { path: { id: name } } });`,
    );
    const tsc = join(PACKAGE, 'node_modules/.bin/tsc');
    const settings = '--noEmit --strict --module nodenext --target es2022 --lib es2023,dom'.split(' ');
    const checked = await run(tsc, [...settings, 'use.mts'], { cwd: folder, env }).catch((error: unknown) => error);
    expect(checked).toMatchObject({ stdout: '' });
    expect(JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'))).not.toHaveProperty('private');
  },
  PATIENCE_MS,
);
