/** Every service as processes of its own, several of each, on servers of their own: each can be killed, stopped and started by itself. */
import { serversOf, type Servers } from './engines.js';
import { freePort } from '#testing';
import { Client } from './http.js';
import { PlainNats } from './plain-nats.js';
import { SHARED, SystemProcess, TOKEN, type Settings } from './system.js';
import { until } from './until.js';

export const SERVICES = ['command-api', 'query-api', 'scheduler', 'proxy', 'runtime'] as const;
export type Service = (typeof SERVICES)[number];
/** What one of several processes does, and which service that is. */
export const LEASES = { scheduler: 'scheduler', 'event-feed': 'scheduler', projector: 'query-api', runtime: 'runtime' } as const;
export type Lease = keyof typeof LEASES;

const PORTS = {
  'command-api': 'COMMAND_API_PORT',
  'query-api': 'QUERY_API_PORT',
  scheduler: 'SCHEDULER_PORT',
  proxy: 'PORT',
} as const;

class ServiceProcess extends SystemProcess {
  static async start(dataDir: string, service: Service, settings: Settings): Promise<ServiceProcess> {
    const started = new ServiceProcess(dataDir);
    try {
      await started.ready(service, settings);
      return started;
    } catch (error) {
      await started.end('SIGKILL');
      throw new Error(`${service} did not get ready:\n${started.output}`, { cause: error });
    }
  }

  get pid(): number | undefined {
    return this.children[0]?.pid;
  }
}

/** One process of a service. It comes back on the same port. */
export class Replica {
  #process: ServiceProcess | undefined;
  #output = '';

  constructor(
    readonly service: Service,
    private readonly dataDir: string,
    private readonly settings: Settings,
  ) {}

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** What it wrote, and those before it in its place. */
  get output(): string {
    return this.#output + (this.#process?.output ?? '');
  }

  /** Resolves when it is ready. */
  async start(): Promise<void> {
    this.#process = await ServiceProcess.start(this.dataDir, this.service, this.settings);
  }

  async kill9(): Promise<void> {
    await this.#process?.end('SIGKILL');
    this.#output = this.output;
    this.#process = undefined;
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.signal(signal);
  }
}

export class Cluster {
  private constructor(
    readonly dataDir: string,
    readonly servers: Servers,
    /** Another service that listens. */
    readonly plain: PlainNats,
    /** The administrator, through each proxy. */
    readonly clients: readonly Client[],
    private readonly replicas: readonly Replica[],
  ) {}

  /**
   * Two of each service. Proxy and runtime number n talk to command API and query API number n.
   * @param dataDir names the servers; that of a test bed, which stops them
   */
  static async start(dataDir: string, count = 2): Promise<Cluster> {
    const servers = await serversOf(dataDir);
    const pairs = await Promise.all(Array.from({ length: count }, () => pair(dataDir, servers.settings)));
    const replicas = pairs.flatMap(({ replicas }) => replicas);
    const plain = await PlainNats.connect(servers.nats.url);
    const clients = pairs.map(({ client }) => client);
    const cluster = new Cluster(dataDir, servers, plain, clients, replicas);
    try {
      // Not all at once: starting costs a processor more than running.
      for (const service of SERVICES) await cluster.restart(service);
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  of(service: Service): readonly Replica[] {
    return this.replicas.filter(replica => replica.service === service);
  }

  /** Both of them at once, so that the service is away. */
  async kill9(service: Service): Promise<void> {
    await Promise.all(this.of(service).map(replica => replica.kill9()));
  }

  async restart(service: Service): Promise<void> {
    await Promise.all(this.of(service).map(replica => replica.start()));
  }

  /** The process that leads, once there is one. */
  leader(lease: Lease, timeoutMs = 30_000): Promise<Replica> {
    const find = async (): Promise<Replica | undefined> => {
      const pid = await this.plain.leader(lease);
      return this.of(LEASES[lease]).find(replica => replica.pid === pid);
    };
    return until(find, timeoutMs, `a process leads ${lease}`);
  }

  /** What the processes wrote at this level or a worse one (40 warn, 50 error), one line each. */
  complaints(level = 50): string[] {
    const lines = this.replicas.flatMap(({ service, output }) => output.split('\n').map(line => `${service} ${line}`));
    return lines.filter(line => Number(/"level":(\d+)/.exec(line)?.[1] ?? 0) >= level);
  }

  async stop(): Promise<void> {
    await Promise.all(this.replicas.map(replica => replica.kill9()));
    await this.plain.close();
  }
}

/** One of each service, not yet started, and a client of its proxy. */
async function pair(dataDir: string, engines: Settings): Promise<{ replicas: Replica[]; client: Client }> {
  const services = Object.keys(PORTS) as (keyof typeof PORTS)[];
  const ports = new Map(await Promise.all(services.map(async service => [service, String(await freePort())] as const)));
  const at = (service: keyof typeof PORTS): string => `http://127.0.0.1:${ports.get(service)}`;
  const settings: Settings = {
    ...SHARED,
    ...engines,
    ...Object.fromEntries(services.map(service => [PORTS[service], ports.get(service) ?? '0'])),
    COMMAND_API_URL: at('command-api'),
    QUERY_API_URL: at('query-api'),
  };
  return {
    replicas: SERVICES.map(service => new Replica(service, dataDir, settings)),
    client: new Client(at('proxy'), TOKEN),
  };
}
