import { badValue, Code, CommandError } from '../errors';
import { Writer, written } from '../values/encode';
import { fieldsOf, NULL, Type, Value } from '../values/value';

/** MongoDB's cap on the nulls that setting an array position far beyond the end would create. */
const MAX_ARRAY_PADDING = 1_500_000;

/** A document under change: only the levels a path walks through are opened, everything else stays bytes. */
export class Tree {
  private constructor(
    private readonly isArray: boolean,
    private readonly names: string[],
    private readonly slots: (Value | Tree)[],
  ) {}

  static of(fields: readonly Value[], isArray = false): Tree {
    return new Tree(
      isArray,
      fields.map((field) => field.name),
      fields.slice(),
    );
  }

  static ofElements(elements: readonly Value[]): Tree {
    return new Tree(
      true,
      elements.map((_, i) => String(i)),
      elements.slice(),
    );
  }

  at(name: string): Value | Tree | undefined {
    const slot = this.names.indexOf(name);
    return slot < 0 ? undefined : this.slots[slot];
  }

  change(path: readonly string[], make: (old: Value | Tree | undefined) => Value | Tree): void {
    const name = path[0] ?? '';
    const slot = this.names.indexOf(name);
    if (path.length === 1) {
      this.put(slot, name, make(this.slots[slot]));
      return;
    }
    const child = slot < 0 ? new Tree(false, [], []) : this.opened(slot);
    if (child === undefined) {
      throw new CommandError(
        Code.PathNotViable,
        `Cannot create field '${path[1] ?? ''}' in element {${name}: a value that is no object}`,
      );
    }
    child.change(path.slice(1), make);
    if (slot < 0) this.put(slot, name, child);
  }

  /** Removes a field; an array position becomes null so that the others keep their places. */
  remove(path: readonly string[]): void {
    const slot = this.names.indexOf(path[0] ?? '');
    if (slot < 0) return;
    if (path.length > 1) this.opened(slot)?.remove(path.slice(1));
    else if (this.isArray) this.slots[slot] = NULL;
    else {
      this.names.splice(slot, 1);
      this.slots.splice(slot, 1);
    }
  }

  /** Puts `_id` first, where MongoDB always stores it. */
  putIdFirst(id: Value): void {
    this.remove(['_id']);
    this.names.unshift('_id');
    this.slots.unshift(id);
  }

  private opened(slot: number): Tree | undefined {
    const value = this.slots[slot];
    if (value instanceof Tree) return value;
    if (value === undefined || (value.type !== Type.object && value.type !== Type.array)) return undefined;
    const tree = Tree.of(fieldsOf(value), value.type === Type.array);
    this.slots[slot] = tree;
    return tree;
  }

  private put(slot: number, name: string, value: Value | Tree): void {
    if (slot >= 0) {
      this.slots[slot] = value;
      return;
    }
    if (this.isArray) this.padTo(name);
    this.names.push(name);
    this.slots.push(value);
  }

  private padTo(name: string): void {
    const position = /^\d+$/.test(name) ? Number(name) : -1;
    if (position < 0) {
      throw new CommandError(Code.PathNotViable, `Cannot create field '${name}' in an array`);
    }
    if (position - this.slots.length > MAX_ARRAY_PADDING) throw badValue('array position is too far out');
    while (this.slots.length < position) {
      this.names.push(String(this.slots.length));
      this.slots.push(NULL);
    }
  }

  write(to: Writer): void {
    const mark = to.begin();
    for (const [i, slot] of this.slots.entries()) {
      const name = this.names[i] ?? '';
      if (slot instanceof Tree) {
        to.head(slot.isArray ? Type.array : Type.object, name);
        slot.write(to);
      } else if (slot.name === name && slot.head < slot.from) to.element(slot);
      else to.value(name, slot);
    }
    to.end(mark);
  }

  toBuffer(): Buffer {
    return written((to) => {
      this.write(to);
    });
  }

  toValue(): Value {
    const bytes = this.toBuffer();
    return new Value('', this.isArray ? Type.array : Type.object, bytes, 0, 0, bytes.length);
  }
}
