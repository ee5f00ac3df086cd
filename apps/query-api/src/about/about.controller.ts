import { Controller, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { BASE_PATH } from '#contracts';
import { Handles } from '#service';
import { jsonText } from '../support/lists.js';
import { ABOUT } from '../support/tokens.js';

/** What the service tells anyone of itself. */
export interface About {
  readonly version: string;
  /** The OpenAPI document as JSON text. */
  readonly openapi: string;
  /** The AsyncAPI document as JSON text. */
  readonly asyncapi: string;
}

@Controller()
export class AboutController {
  constructor(@Inject(ABOUT) private readonly about: About) {}

  @Handles('root')
  root() {
    const v1 = { id: 'v1', kind: 'APIVersion', href: BASE_PATH };
    return { id: 'ambient', kind: 'API', href: '/api/ambient', versions: [v1] };
  }

  @Handles('version')
  version() {
    return { kind: 'Version', version: this.about.version };
  }

  @Handles('openapi')
  openapi(@Res({ passthrough: true }) reply: FastifyReply): string {
    return jsonText(reply, this.about.openapi);
  }

  @Handles('asyncapi')
  asyncapi(@Res({ passthrough: true }) reply: FastifyReply): string {
    return jsonText(reply, this.about.asyncapi);
  }
}
