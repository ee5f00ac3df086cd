import { Inject, Injectable } from '@nestjs/common';
import { maskEnvironment, type Sealer } from '#access';
import type { Document } from '#read-store';
import type { Caller } from '#service';
import { bodyOf } from './lists.js';
import { SEALER } from './tokens.js';

/** The part of a resource that may be secret, and what decides for whom. */
export interface WithSecrets {
  readonly environment_variables?: string | undefined;
  readonly project_id?: string | undefined;
  readonly created_by_user_id?: string | undefined;
}

const NAME = '"environment_variables"';

/** Shows secrets to callers who may edit, and to the runtime, which needs them; everybody else sees which variables there are. */
@Injectable()
export class Secrets {
  constructor(@Inject(SEALER) private readonly sealer: Sealer) {}

  shown<T extends WithSecrets>(resource: T, caller: Caller): T {
    const { environment_variables } = resource;
    if (environment_variables === undefined) return resource;
    const open = caller.may('editor') || caller.may('runtime');
    return {
      ...resource,
      environment_variables: open ? this.sealer.openEnvironment(environment_variables) : maskEnvironment(environment_variables),
    };
  }

  /**
   * The bodies of documents as JSON texts. Only those that hold secrets are parsed.
   * @param callerOf the caller with the roles that hold for the resource
   */
  async shownTexts(
    documents: readonly Document[],
    callerOf: (resource: WithSecrets) => Caller | Promise<Caller>,
  ): Promise<string[]> {
    const texts: string[] = [];
    for (const document of documents) {
      const text = bodyOf(document);
      texts.push(text.includes(NAME) ? await this.#shownText(text, callerOf) : text);
    }
    return texts;
  }

  async #shownText(text: string, callerOf: (resource: WithSecrets) => Caller | Promise<Caller>): Promise<string> {
    const resource = JSON.parse(text) as WithSecrets;
    return JSON.stringify(this.shown(resource, await callerOf(resource)));
  }
}
