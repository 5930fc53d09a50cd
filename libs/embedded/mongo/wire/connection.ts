import type { Socket } from 'node:net';
import { dispatch, Client } from '../commands/dispatch';
import type { Engine } from '../engine';
import { CommandError, ProtocolFailure } from '../errors';
import { encodeReply } from '../commands/reply';
import { messageLength, readMessage, writeReply } from './message';

/** Reads whole messages off a socket and answers them one after the other, in order. */
export class Connection {
  private chunks: Buffer[] = [];
  private bytes = 0;
  private busy = false;
  private readonly client: Client = { appName: undefined };

  constructor(
    private readonly engine: Engine,
    private readonly socket: Socket,
  ) {
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      this.chunks.push(chunk);
      this.bytes += chunk.length;
      if (!this.busy) void this.serve();
    });
    // a reset by the peer ends in 'close'; without a listener it would end the process
    socket.on('error', () => socket.destroy());
  }

  private async serve(): Promise<void> {
    this.busy = true;
    try {
      for (let bytes = this.nextMessage(); bytes !== undefined; bytes = this.nextMessage()) {
        await this.answer(bytes);
      }
    } catch (error) {
      if (!(error instanceof ProtocolFailure)) {
        this.engine.internalErrors++;
        console.error('embedded-mongo internal error on a connection:', error);
      }
      this.socket.destroy();
    }
    this.busy = false;
  }

  private async answer(bytes: Buffer): Promise<void> {
    let message: ReturnType<typeof readMessage>;
    try {
      message = readMessage(bytes);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      // a BSON type outside the list: well formed, so it deserves an answer and not a cut line
      const { code, codeName, message: errmsg } = error;
      const refusal = encodeReply({}, { errmsg, code, codeName }, 0);
      this.send(writeReply({ requestId: bytes.readInt32LE(4), legacy: false }, refusal));
      return;
    }
    const reply = await dispatch(this.engine, this.client, message.request);
    if (reply === undefined) this.socket.destroy();
    else if (message.expectsReply) this.send(writeReply(message, reply));
  }

  private send(parts: readonly Buffer[]): void {
    this.socket.cork();
    for (const part of parts) this.socket.write(part);
    this.socket.uncork();
  }

  private nextMessage(): Buffer | undefined {
    if (this.bytes < 4 || this.socket.destroyed) return undefined;
    const [first] = this.chunks;
    if (first === undefined || first.length < 4) this.join();
    const length = messageLength(this.chunks[0] ?? Buffer.alloc(0));
    if (length === 0 || this.bytes < length) return undefined;
    const head = this.chunks[0];
    const all = head !== undefined && head.length >= length ? head : this.join();
    const message = all.subarray(0, length);
    this.bytes -= length;
    if (all.length === length) this.chunks.shift();
    else this.chunks[0] = all.subarray(length);
    return message;
  }

  private join(): Buffer {
    const all = Buffer.concat(this.chunks);
    this.chunks = [all];
    return all;
  }
}
