import { Injectable, type ExecutionContext } from '@nestjs/common';
import { AccessGuard, HealthController } from '#service';

/** The guard of every route in the table; health, readiness and metrics stand in no row of it and are open to anyone. */
@Injectable()
export class OpenHealthGuard extends AccessGuard {
  override async canActivate(host: ExecutionContext): Promise<boolean> {
    return host.getClass() === HealthController || super.canActivate(host);
  }
}
