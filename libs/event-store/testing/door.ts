/** A TCP relay in front of a server, so that a test can take the way to it away. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export class Door {
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #isDeaf = false;

  private constructor(
    private readonly target: { host: string; port: number } | undefined,
    readonly port: number,
  ) {}

  /** Open, to the server that a connection string names; without one to nowhere: it takes connections and never answers. */
  static async to(url?: string): Promise<Door> {
    const target = url === undefined ? undefined : new URL(url);
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    const door = new Door(target && { host: target.hostname, port: Number(target.port) }, port);
    await door.open();
    return door;
  }

  async open(): Promise<void> {
    this.#isDeaf = false;
    this.#server = createServer(socket => this.#relay(socket)).listen(this.port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  /** Cuts every connection, and refuses new ones. */
  async shut(): Promise<void> {
    if (!this.#server?.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** Connections stay, and nothing passes any more. */
  hold(): void {
    this.#isDeaf = true;
    for (const socket of this.#sockets) socket.pause();
  }

  #relay(near: Socket): void {
    this.#keep(near);
    if (!this.target || this.#isDeaf) return;
    const far = connect(this.target.port, this.target.host);
    this.#keep(far);
    near.pipe(far).pipe(near);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay();
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
  }
}
