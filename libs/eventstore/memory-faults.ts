/**
 * `lost`: never reached the store. `reply_lost`: stored, but the caller hears nothing. `late`: the caller gives up first and
 * the store applies it afterwards, perhaps behind other appends. All three answer `unknown`.
 */
export type AppendFault = 'lost' | 'reply_lost' | 'late';

/** `dropped`: the server ends the subscription. `delayed`: the batch comes one turn later; order and content stay. */
export type DeliveryFault = 'dropped' | 'delayed';

/** Asked once for each operation; a simulation answers from its seed. */
export interface MemoryFaults {
  append?(stream: string): AppendFault | undefined;
  read?(stream: string): 'failed' | undefined;
  deliver?(): DeliveryFault | undefined;
  acknowledge?(): 'lost' | undefined;
}

/** Faults set one by one: each applies to the next operation of its kind, in the order given. */
export class ScriptedFaults implements MemoryFaults {
  private readonly appends: AppendFault[] = [];
  private readonly reads: 'failed'[] = [];
  private readonly deliveries: DeliveryFault[] = [];
  private readonly acknowledgements: 'lost'[] = [];

  nextAppend(fault: AppendFault): void {
    this.appends.push(fault);
  }

  nextRead(fault: 'failed'): void {
    this.reads.push(fault);
  }

  nextDelivery(fault: DeliveryFault): void {
    this.deliveries.push(fault);
  }

  nextAcknowledgement(fault: 'lost'): void {
    this.acknowledgements.push(fault);
  }

  append(): AppendFault | undefined {
    return this.appends.shift();
  }

  read(): 'failed' | undefined {
    return this.reads.shift();
  }

  deliver(): DeliveryFault | undefined {
    return this.deliveries.shift();
  }

  acknowledge(): 'lost' | undefined {
    return this.acknowledgements.shift();
  }
}
