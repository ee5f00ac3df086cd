/** What the environment says about runners. */
import { ConfigurationError, type Environment } from '#service';
import { FolderStagedFiles, type StagedFiles } from '#runtime';
import { RunnerAddresses } from './address.js';
import { AddressRanges } from './ranges.js';
import type { Runners } from './to-runner.js';

/** @throws {ConfigurationError} */
export function runnersOf(environment: Environment): Runners | undefined {
  const { RUNNER_URL_TEMPLATE: template, RUNNER_TOKEN_KEY: tokenKey, RUNNER_ALLOWED_CIDRS: cidrs = '' } = environment;
  if (template === undefined) return undefined;
  if (tokenKey === undefined) throw new ConfigurationError('RUNNER_TOKEN_KEY is required with RUNNER_URL_TEMPLATE');
  try {
    const ranges = new AddressRanges(
      cidrs
        .split(',')
        .map(cidr => cidr.trim())
        .filter(Boolean),
    );
    return { addresses: RunnerAddresses.of(template, ranges), ranges, tokenKey };
  } catch (error) {
    throw new ConfigurationError(error instanceof Error ? error.message : String(error));
  }
}

/** The runners of the runtime in the same process. */
export function localRunners(template: string | undefined, tokenKey: string | Uint8Array): Runners | undefined {
  const ranges = new AddressRanges([]);
  return template === undefined ? undefined : { addresses: RunnerAddresses.of(template, ranges), ranges, tokenKey };
}

/** Where files wait that are given to a session before its start: a folder that proxy and runtime share. */
export const stagedFilesOf = ({ STAGED_FILES_DIR: folder }: Environment): StagedFiles | undefined =>
  folder === undefined ? undefined : new FolderStagedFiles(folder);
