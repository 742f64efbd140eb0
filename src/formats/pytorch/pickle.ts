/**
 * Reads the subset of Python's pickle format that `torch.save` writes for tensors. Nothing is ever looked up or called: a global is only a name,
 * it must be on a list, and what a call of it stands for is decided by the caller.
 * Format: `pickletools` in the Python standard library describes every opcode.
 */

import {
  BadPickle,
  isList,
  PersistentId,
  PickleCall,
  PickleGlobal,
  PickleGoesOn,
  type PickleValue,
} from "./pickleValue";

/** Opcodes of a pickle at most: a state dict of a thousand tensors has 50,000. */
const mostOpcodes = 2_000_000;

export interface Pickle {
  readonly value: PickleValue;
  /** The position after its end. */
  readonly end: number;
  /** Every reference to another part of the file. */
  readonly persistentIds: readonly PersistentId[];
}

/**
 * Reads one pickle.
 * @param allowed whether a global may be referred to
 * @throws BadPickle naming what is not allowed or makes no sense, PickleGoesOn when more bytes are needed
 */
export function readPickle(bytes: Uint8Array, start: number, allowed: (name: string) => boolean): Pickle {
  const machine = new PickleMachine(bytes, start, allowed);
  for (let count = 0; count < mostOpcodes; count++) {
    if (machine.step()) {
      return { value: machine.result(), end: machine.position, persistentIds: machine.persistentIds };
    }
  }
  throw new BadPickle("its pickle has no end");
}

const mark = Symbol("mark");
type Cell = PickleValue | typeof mark;
type Operation = (machine: PickleMachine) => void;

class PickleMachine {
  position: number;
  readonly persistentIds: PersistentId[] = [];
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #allowed: (name: string) => boolean;
  readonly #stack: Cell[] = [];
  readonly #memo = new Map<number, PickleValue>();

  constructor(bytes: Uint8Array, start: number, allowed: (name: string) => boolean) {
    this.position = start;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#allowed = allowed;
  }

  /** Carries out one opcode. @returns whether it was the last */
  step(): boolean {
    const opcode = this.unsigned(1);
    if (opcode === stop) return true;
    const operation = operations.get(opcode);
    if (operation === undefined) {
      throw new BadPickle(`its pickle has the opcode 0x${opcode.toString(16)}, which no file of tensors needs`);
    }
    operation(this);
    return false;
  }

  result(): PickleValue {
    const value = this.pop();
    if (this.#stack.length > 0) throw new BadPickle("its pickle leaves values over");
    return value;
  }

  #take(length: number): number {
    const start = this.position;
    if (length < 0 || start + length > this.#bytes.length) throw new PickleGoesOn();
    this.position += length;
    return start;
  }

  unsigned(bytes: 1 | 2 | 4): number {
    const at = this.#take(bytes);
    if (bytes === 1) return this.#view.getUint8(at);
    return bytes === 2 ? this.#view.getUint16(at, true) : this.#view.getUint32(at, true);
  }

  signed(): number {
    return this.#view.getInt32(this.#take(4), true);
  }

  float(): number {
    return this.#view.getFloat64(this.#take(8), false);
  }

  /** A two's complement integer of `length` bytes; one beyond 2⁵³ as its hexadecimal digits, for it is no size of anything. */
  integer(length: number): number | string {
    if (length > 255) throw new BadPickle("its pickle has an integer of more than 255 bytes");
    const at = this.#take(length);
    let value = 0n;
    for (let i = 0; i < length; i++) value |= BigInt(this.#bytes[at + i] ?? 0) << BigInt(8 * i);
    const signed = BigInt.asIntN(8 * length, value);
    return Number.isSafeInteger(Number(signed)) ? Number(signed) : `0x${value.toString(16)}`;
  }

  raw(length: number): Uint8Array {
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  text(length: number): string {
    return new TextDecoder().decode(this.raw(length));
  }

  /** Text up to the end of the line. */
  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.position);
    if (end < 0) throw new PickleGoesOn();
    const text = this.text(end - this.position);
    this.position++;
    return text;
  }

  push(value: Cell): void {
    this.#stack.push(value);
  }

  pop(): PickleValue {
    const value = this.#stack.pop();
    if (value === undefined || value === mark) throw new BadPickle("its pickle takes a value that is not there");
    return value;
  }

  top(): PickleValue {
    const value = this.pop();
    this.push(value);
    return value;
  }

  /** The values above the last mark, which go with it. */
  popMarked(): PickleValue[] {
    const at = this.#stack.lastIndexOf(mark);
    if (at < 0) throw new BadPickle("its pickle takes a value that is not there");
    const values = this.#stack.splice(at) as PickleValue[];
    values.shift();
    return values;
  }

  /** The top `count` values, which go. */
  popMany(count: number): PickleValue[] {
    return Array.from({ length: count }, () => this.pop()).reverse();
  }

  remember(index = this.#memo.size): void {
    this.#memo.set(index, this.top());
  }

  recall(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) throw new BadPickle("its pickle refers to a value that is not there");
    this.push(value);
  }

  global(module: string, name: string): void {
    const whole = `${module}.${name}`;
    if (!this.#allowed(whole)) {
      throw new BadPickle(`its pickle asks for ${whole}, which no file of tensors needs; it may be malicious`);
    }
    this.push(new PickleGlobal(whole));
  }

  /** Notes the call of a global. */
  call(): void {
    const [callee, args] = this.popMany(2);
    if (!(callee instanceof PickleGlobal) || !isList(args)) {
      throw new BadPickle("its pickle calls something that is no function");
    }
    // The only call with a value of its own that can be filled later.
    if (callee.name === "collections.OrderedDict") this.push(pairsToMap(args[0] ?? []));
    else this.push(new PickleCall(callee.name, args));
  }

  /** Notes a reference to another part of the file. */
  reference(): void {
    const id = new PersistentId(this.pop());
    this.persistentIds.push(id);
    this.push(id);
  }

  setItems(pairs: readonly PickleValue[]): void {
    const target = this.top();
    if (!(target instanceof Map)) throw new BadPickle("its pickle sets an item of something that is no dictionary");
    const dictionary = target as Map<PickleValue, PickleValue>;
    for (let i = 0; i + 1 < pairs.length; i += 2) dictionary.set(pairs[i] ?? null, pairs[i + 1] ?? null);
  }

  append(values: readonly PickleValue[]): void {
    const target = this.top();
    if (!isList(target)) throw new BadPickle("its pickle appends to something that is no list");
    // Lists and tuples are built here, so that what is a list may be written to.
    const list = target as PickleValue[];
    for (const value of values) list.push(value);
  }
}

function pairsToMap(pairs: PickleValue): Map<PickleValue, PickleValue> {
  const map = new Map<PickleValue, PickleValue>();
  if (!isList(pairs)) return map;
  for (const pair of pairs) if (isList(pair)) map.set(pair[0] ?? null, pair[1] ?? null);
  return map;
}

const stop = 0x2e;

const operations: ReadonlyMap<number, Operation> = new Map<number, Operation>([
  // Structure of the stream: PROTO, FRAME, MARK, POP, POP_MARK, DUP.
  [0x80, (m) => checkProtocol(m.unsigned(1))],
  [0x95, (m) => void m.raw(8)],
  [0x28, (m) => m.push(mark)],
  [0x30, (m) => void m.pop()],
  [0x31, (m) => void m.popMarked()],
  [0x32, (m) => m.push(m.top())],
  // Plain values: NONE, NEWTRUE, NEWFALSE, BININT, BININT1, BININT2, LONG1, LONG4, BINFLOAT.
  [0x4e, (m) => m.push(null)],
  [0x88, (m) => m.push(true)],
  [0x89, (m) => m.push(false)],
  [0x4a, (m) => m.push(m.signed())],
  [0x4b, (m) => m.push(m.unsigned(1))],
  [0x4d, (m) => m.push(m.unsigned(2))],
  [0x8a, (m) => m.push(m.integer(m.unsigned(1)))],
  [0x8b, (m) => m.push(m.integer(m.unsigned(4)))],
  [0x47, (m) => m.push(m.float())],
  // Text and bytes: SHORT_BINUNICODE, BINUNICODE, SHORT_BINSTRING, BINSTRING, SHORT_BINBYTES, BINBYTES.
  [0x8c, (m) => m.push(m.text(m.unsigned(1)))],
  [0x58, (m) => m.push(m.text(m.unsigned(4)))],
  [0x55, (m) => m.push(m.text(m.unsigned(1)))],
  [0x54, (m) => m.push(m.text(m.unsigned(4)))],
  [0x43, (m) => m.push(m.raw(m.unsigned(1)))],
  [0x42, (m) => m.push(m.raw(m.unsigned(4)))],
  // Containers: EMPTY_TUPLE, TUPLE1, TUPLE2, TUPLE3, TUPLE, EMPTY_LIST, LIST, EMPTY_DICT, DICT, APPEND, APPENDS, SETITEM, SETITEMS.
  [0x29, (m) => m.push([])],
  [0x85, (m) => m.push(m.popMany(1))],
  [0x86, (m) => m.push(m.popMany(2))],
  [0x87, (m) => m.push(m.popMany(3))],
  [0x74, (m) => m.push(m.popMarked())],
  [0x5d, (m) => m.push([])],
  [0x6c, (m) => m.push(m.popMarked())],
  [0x7d, (m) => m.push(new Map())],
  [0x64, (m) => pushDictionary(m)],
  [0x61, (m) => withItems(m.popMany(1), (items) => m.append(items))],
  [0x65, (m) => withItems(m.popMarked(), (items) => m.append(items))],
  [0x73, (m) => withItems(m.popMany(2), (items) => m.setItems(items))],
  [0x75, (m) => withItems(m.popMarked(), (items) => m.setItems(items))],
  // The memo: BINPUT, LONG_BINPUT, MEMOIZE, BINGET, LONG_BINGET.
  [0x71, (m) => m.remember(m.unsigned(1))],
  [0x72, (m) => m.remember(m.unsigned(4))],
  [0x94, (m) => m.remember()],
  [0x68, (m) => m.recall(m.unsigned(1))],
  [0x6a, (m) => m.recall(m.unsigned(4))],
  // Names and references: GLOBAL, STACK_GLOBAL, REDUCE, BUILD (attributes, such as a state dict's versions), BINPERSID.
  [0x63, (m) => m.global(m.line(), m.line())],
  [0x93, (m) => withItems(m.popMany(2), ([module, name]) => m.global(nameOf(module), nameOf(name)))],
  [0x52, (m) => m.call()],
  [0x62, (m) => void m.pop()],
  [0x51, (m) => m.reference()],
]);

function checkProtocol(version: number): void {
  if (version < 2 || version > 5) throw new BadPickle(`its pickle has the protocol ${version}, and 2 to 5 are known`);
}

function pushDictionary(machine: PickleMachine): void {
  const items = machine.popMarked();
  machine.push(new Map());
  machine.setItems(items);
}

function withItems(items: readonly PickleValue[], use: (items: readonly PickleValue[]) => void): void {
  use(items);
}

function nameOf(value: PickleValue | undefined): string {
  return typeof value === "string" ? value : "an unnamed object";
}
