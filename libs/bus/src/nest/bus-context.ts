import { BaseRpcContext } from '@nestjs/microservices';
import { type Delivery } from '../bus.js';

/** What a handler gets with `@Ctx()`: all of the delivery but its parsed data, which is its `@Payload()`. */
export class BusContext extends BaseRpcContext<[Delivery]> {
  get subject(): string {
    return this.args[0].subject;
  }

  get id(): string {
    return this.args[0].id;
  }

  /** 1 at the first delivery. */
  get attempt(): number {
    return this.args[0].attempt;
  }

  get headers(): Readonly<Record<string, string>> {
    return this.args[0].headers ?? {};
  }
}
