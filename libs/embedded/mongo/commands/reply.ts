import { EncodableDocument, valueOf, written } from '../values/encode';
import { documentValue, fieldsOf, Type, Value } from '../values/value';

/** Ever growing pair of start second and sequence, as MongoDB's logical clock. */
let seconds = 0;
let sequence = 0;

function tick(nowSeconds: number): bigint {
  if (nowSeconds > seconds) {
    seconds = nowSeconds;
    sequence = 0;
  }
  sequence++;
  return (BigInt(seconds) << 32n) | BigInt(sequence);
}

const NO_SIGNATURE = valueOf({ hash: new Value('', Type.binary, emptyHash(), 0, 0, 25), keyId: 0n });

function emptyHash(): Buffer {
  const bytes = Buffer.alloc(25);
  bytes.writeInt32LE(20);
  return bytes;
}

/** @param reply the command's own fields, or their BSON when a saved reply is sent again. */
export function encodeReply(reply: EncodableDocument | Buffer, extra: EncodableDocument, ok: 0 | 1): Buffer {
  const time = tick(Math.floor(Date.now() / 1000));
  const saved = Buffer.isBuffer(reply) ? fieldsOf(documentValue(reply)) : undefined;
  return written((to) => {
    const mark = to.begin();
    if (saved) for (const field of saved) to.element(field);
    else for (const [name, value] of Object.entries(reply)) if (value !== undefined) to.any(name, value);
    for (const [name, value] of Object.entries(extra)) if (value !== undefined) to.any(name, value);
    to.double('ok', ok);
    to.head(Type.object, '$clusterTime');
    const inner = to.begin();
    to.int64('clusterTime', time, Type.timestamp);
    to.value('signature', NO_SIGNATURE);
    to.end(inner);
    to.int64('operationTime', time, Type.timestamp);
    to.end(mark);
  });
}
