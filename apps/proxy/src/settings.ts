/** What the environment says about the proxy. */
import { corsOriginsOf, type Environment } from '#service';
import { DEFAULT_LIMITS, type ProxyConfig } from './proxy.js';

/** Requests that one may make at once after a rest, in seconds of the steady rate. */
const BURST_S = { callers: 2, strangers: 6, failures: 10 } as const;

export function proxySettingsOf(
  environment: Environment,
): Pick<ProxyConfig, 'backendUrl' | 'backendToken' | 'corsOrigins' | 'limits'> {
  const rate = (perSecond: number, burstS: number) => ({ perSecond, burst: perSecond * burstS });
  return {
    backendUrl: environment.BACKEND_URL,
    backendToken: environment.BACKEND_TOKEN,
    corsOrigins: corsOriginsOf(environment),
    limits: {
      ...DEFAULT_LIMITS,
      maxConnections: environment.PROXY_MAX_CONNECTIONS,
      callers: rate(environment.PROXY_CALLER_RATE, BURST_S.callers),
      strangers: rate(environment.PROXY_CALLBACK_RATE, BURST_S.strangers),
      failures: rate(environment.PROXY_FAILURE_RATE, BURST_S.failures),
    },
  };
}
