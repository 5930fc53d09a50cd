import { ServerDuplexStream, ServerWritableStream } from '@grpc/grpc-js';
import { asFailure } from './failures';

type StreamingCall<Request> = ServerWritableStream<Request, Buffer> | ServerDuplexStream<Request, Buffer>;

/** The streaming calls in progress; a graceful stop must end each of them with a status of its own. */
export class OpenCalls {
  private readonly calls = new Set<Outgoing>();

  add(call: Outgoing): void {
    this.calls.add(call);
    call.onClose(() => this.calls.delete(call));
  }

  failAll(reason: unknown): void {
    for (const call of [...this.calls]) call.fail(reason);
  }
}

/**
 * The sending half of a streaming call. A slow client holds back its own stream only: after a write that returned
 * false the sender waits for {@link onceWritable}, which costs no buffer and no timer.
 */
export class Outgoing {
  private closed = false;
  private resume: (() => void) | undefined;
  private readonly closing: (() => void)[] = [];

  constructor(private readonly call: StreamingCall<unknown>) {
    call.on('drain', () => {
      const { resume } = this;
      this.resume = undefined;
      resume?.();
    });
    // each of them alone has been seen to be the only one that fires
    for (const event of ['cancelled', 'close', 'error', 'finish']) {
      call.on(event, () => {
        this.close();
      });
    }
  }

  get isClosed(): boolean {
    return this.closed;
  }

  /** False when the client should be given time. */
  write(message: Buffer): boolean {
    if (this.closed) return true;
    return this.call.write(message);
  }

  onceWritable(resume: () => void): void {
    this.resume = resume;
  }

  onClose(closing: () => void): void {
    if (this.closed) closing();
    else this.closing.push(closing);
  }

  end(): void {
    if (this.closed) return;
    this.call.end();
  }

  fail(reason: unknown): void {
    if (this.closed) return;
    this.call.emit('error', asFailure(reason).toStatus());
    this.close();
  }

  private close(): void {
    if (this.closed) return;
    this.closed = true;
    this.resume = undefined;
    for (const closing of this.closing.splice(0)) closing();
  }
}
