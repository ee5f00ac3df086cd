import { Catch, type RpcExceptionFilter } from '@nestjs/common';
import { type Observable, throwError } from 'rxjs';

/**
 * Hands an error of a handler to the bus as it is. Nest's own filter would tell the caller of a request no more than "Internal server
 * error"; here the caller is the bus, which has to know a `RetryLater` and to write the true error beside a dead letter.
 */
@Catch()
export class BusErrorFilter implements RpcExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}
