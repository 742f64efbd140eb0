import { InputError } from "../../errors";
import type { Network } from "./network";

/** No text is in the language from here on. */
export const dead = -1;
const unknown = -2;
const end = 0;
/** A state takes about a kilobyte. */
const mostStates = 200_000;

/** Where the network can be: at a node, and where to return to at the end of its rule. */
interface Position {
  readonly node: number;
  readonly stack: number;
}

/** What can be reached from a node without a byte and within its rule. */
interface Reach {
  /** Nodes that wait for a byte. */
  readonly waiting: readonly number[];
  readonly calls: readonly { readonly entry: number; readonly next: number }[];
  /** Whether the rule can end. */
  readonly ends: boolean;
}

interface State {
  /** Those that wait for a byte. */
  readonly positions: readonly Position[];
  readonly accepting: boolean;
  /** The fewest bytes that complete the text. */
  readonly distance: number;
  /** The next state for each class of bytes. */
  readonly transitions: Int32Array;
}

/**
 * A network made deterministic while it is used: only states that a text reaches, or could reach with its next token, are built.
 * State 0 is the beginning.
 */
export class Automaton {
  /** Bytes that no part of the network tells apart have the same class. */
  readonly #classOf: Uint8Array;
  readonly #classCount: number;
  readonly #states: State[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #stacks = new ReturnStacks();
  readonly #reaches = new Map<number, Reach>();
  readonly #network: Network;

  constructor(network: Network) {
    this.#network = network;
    [this.#classOf, this.#classCount] = byteClasses(network);
    this.#state([{ node: network.entries[0] ?? end, stack: ReturnStacks.empty }]);
  }

  /** How many states were built. */
  get size(): number {
    return this.#states.length;
  }

  /** Whether there is any text at all. */
  get isEmpty(): boolean {
    return this.distance(0) === Infinity;
  }

  /** Whether the text may end here. */
  isAccepting(state: number): boolean {
    return this.#states[state]?.accepting ?? false;
  }

  /** Whether the text can only end here. */
  isComplete(state: number): boolean {
    return this.isAccepting(state) && this.#states[state]?.positions.length === 0;
  }

  /** The fewest bytes that complete the text. */
  distance(state: number): number {
    return this.#states[state]?.distance ?? Infinity;
  }

  /** The state after a byte, or {@link dead}. @throws InputError when the constraint needs too many states. */
  next(state: number, byte: number): number {
    const { transitions } = this.#states[state] as State;
    const kind = this.#classOf[byte] as number;
    const known = transitions[kind] as number;
    return known !== unknown ? known : (transitions[kind] = this.#step(this.#states[state] as State, byte));
  }

  #step({ positions }: State, byte: number): number {
    const after: Position[] = [];
    for (const { node: index, stack } of positions) {
      const node = this.#network.nodes[index];
      if (node?.kind === "bytes" && byte >= node.from && byte <= node.to) after.push({ node: node.next, stack });
    }
    return after.length === 0 ? dead : this.#state(after);
  }

  /** The state that is reached without a byte from these positions. */
  #state(reached: readonly Position[]): number {
    const { positions, accepting } = this.#closure(reached);
    if (positions.length === 0 && !accepting && this.#states.length > 0) return dead;
    const key = `${accepting ? "!" : ""}${positions.map(({ node, stack }) => `${node}:${stack}`).join()}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    if (this.#states.length >= mostStates)
      throw new InputError("The constraint is too complex: it has too many states.");
    this.#numbers.set(key, this.#states.length);
    return (
      this.#states.push({
        positions,
        accepting,
        distance: accepting
          ? 0
          : positions.reduce((least, position) => Math.min(least, this.#distance(position)), Infinity),
        transitions: new Int32Array(this.#classCount).fill(unknown),
      }) - 1
    );
  }

  /** The positions that wait for a byte and can be reached without one, in a fixed order. */
  #closure(reached: readonly Position[]): { readonly positions: readonly Position[]; readonly accepting: boolean } {
    const size = this.#network.nodes.length;
    const found = new Map<number, Position>();
    const seen = new Set<number>();
    const left = [...reached];
    let accepting = false;
    for (let position = left.pop(); position; position = left.pop()) {
      const { node, stack } = position;
      const key = stack * size + node;
      if (seen.has(key)) continue;
      seen.add(key);
      const { waiting, calls, ends } = this.#reachOf(node);
      for (const index of waiting) found.set(stack * size + index, { node: index, stack });
      // What returns to the end of its rule returns to where that would return.
      for (const { entry, next } of calls) {
        left.push({ node: entry, stack: next === end ? stack : this.#push(next, stack) });
      }
      if (!ends) continue;
      if (stack === ReturnStacks.empty) accepting = true;
      else left.push(this.#stacks.pop(stack));
    }
    const positions = [...found].sort(([a], [b]) => a - b).map(([, position]) => position);
    return { positions, accepting };
  }

  #reachOf(start: number): Reach {
    const known = this.#reaches.get(start);
    if (known) return known;
    const { nodes, entries, distances } = this.#network;
    const reach = { waiting: [] as number[], calls: [] as { entry: number; next: number }[], ends: false };
    const seen = new Set<number>();
    const left = [start];
    for (let index = left.pop(); index !== undefined; index = left.pop()) {
      const node = nodes[index];
      if (!node || seen.has(index) || distances[index] === Infinity) continue;
      seen.add(index);
      if (node.kind === "bytes") reach.waiting.push(index);
      else if (node.kind === "split") left.push(...node.next);
      else if (node.kind === "call") reach.calls.push({ entry: entries[node.rule] ?? end, next: node.next });
      else reach.ends = true;
    }
    this.#reaches.set(start, reach);
    return reach;
  }

  #push(node: number, stack: number): number {
    return this.#stacks.push(node, stack, this.#network.distances[node] ?? Infinity);
  }

  #distance({ node, stack }: Position): number {
    return (this.#network.distances[node] ?? Infinity) + this.#stacks.distance(stack);
  }
}

/** Where calls return to: each stack is a node and the stack below it, and has a number. */
class ReturnStacks {
  static readonly empty = 0;
  readonly #entries: { readonly node: number; readonly below: number; readonly distance: number }[] = [
    { node: end, below: 0, distance: 0 },
  ];
  readonly #numbers = new Map<string, number>();

  /** @param distance from the node to the end of its rule */
  push(node: number, below: number, distance: number): number {
    const key = `${node},${below}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.#entries.length);
    return this.#entries.push({ node, below, distance: distance + this.distance(below) }) - 1;
  }

  pop(stack: number): Position {
    const { node, below } = this.#entries[stack] ?? { node: end, below: 0 };
    return { node, stack: below };
  }

  /** The fewest bytes until all of it has returned. */
  distance(stack: number): number {
    return this.#entries[stack]?.distance ?? Infinity;
  }
}

function byteClasses({ nodes }: Network): [classOf: Uint8Array, count: number] {
  const begins = new Uint8Array(257);
  for (const node of nodes) {
    if (node.kind !== "bytes") continue;
    begins[node.from] = 1;
    begins[node.to + 1] = 1;
  }
  let count = 0;
  const classOf = new Uint8Array(256);
  for (let byte = 0; byte < 256; byte++) {
    if (byte > 0 && begins[byte]) count++;
    classOf[byte] = count;
  }
  return [classOf, count + 1];
}
