#!/usr/bin/env node
/** `ambientctl`: the command line of Ambient Sessions. Whatever a command does not need is not loaded. */
import { enableCompileCache } from 'node:module';
import { VERSION } from './version.js';

const [first, ...more] = process.argv.slice(2);
if ((first === '--version' || first === '-V') && more.length === 0) {
  console.log(VERSION);
} else {
  enableCompileCache();
  const { run } = await import('./run.js');
  await run(process.argv.slice(2));
}
