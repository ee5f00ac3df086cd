import { Inject, Injectable } from '@nestjs/common';
import type { Sealer } from '#access';

export const SEALER = Symbol('Sealer');

interface WithSecrets {
  readonly environment_variables?: string | null | undefined;
}

/** Seals secrets before they become an event, and opens them for callers who may edit. */
@Injectable()
export class Secrets {
  constructor(@Inject(SEALER) private readonly sealer: Sealer) {}

  sealed<T extends WithSecrets>(fields: T): T {
    const { environment_variables } = fields;
    return typeof environment_variables === 'string'
      ? { ...fields, environment_variables: this.sealer.sealEnvironment(environment_variables) }
      : fields;
  }

  opened<T extends WithSecrets>(resource: T): T {
    const { environment_variables } = resource;
    return typeof environment_variables === 'string'
      ? { ...resource, environment_variables: this.sealer.openEnvironment(environment_variables) }
      : resource;
  }
}
