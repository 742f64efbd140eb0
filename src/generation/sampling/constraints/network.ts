import { InputError } from "../../errors";
import type { Expression, Rule } from "./expression";

/** What stands at a node: nodes are numbered from 0, which is the end of a rule. */
export type NetworkNode =
  | { readonly kind: "end" }
  | { readonly kind: "bytes"; readonly from: number; readonly to: number; readonly next: number }
  | { readonly kind: "split"; next: readonly number[] }
  /** Goes through a rule from its entry, and on from `next`. */
  | { readonly kind: "call"; readonly rule: number; readonly next: number };

/** A recursive transition network: a non-deterministic automaton over bytes, whose rules can call each other. */
export interface Network {
  readonly nodes: readonly NetworkNode[];
  /** The first node of each rule; rule 0 is the whole. */
  readonly entries: readonly number[];
  /** For each node, the fewest bytes from it to the end of its rule: Infinity where there is no way. */
  readonly distances: readonly number[];
}

const end = 0;
/** So many take about a second and a hundred megabytes. */
const mostNodes = 200_000;
/** A part that is repeated more often than this is a rule, so that each copy takes one node. */
const inlineCopies = 2;

/** @throws InputError when the network would be too large, or a rule refers to itself before any byte. */
export function buildNetwork(expression: Expression): Network {
  return new NetworkBuilder().build(expression);
}

/** Builds from the back: each part is given the node that follows it, and returns its own first node. */
class NetworkBuilder {
  readonly #nodes: NetworkNode[] = [{ kind: "end" }];
  readonly #rules: Rule[] = [];
  readonly #numbers = new Map<Rule, number>();
  /** Nodes by what they are, so that there is only one of each kind. */
  readonly #known = new Map<string, number>();

  build(expression: Expression): Network {
    this.#number({ name: "the whole", expression: () => expression });
    const entries: number[] = [];
    for (const rule of this.#rules) entries.push(this.#add(rule.expression(), end));
    const distances = distancesIn(this.#nodes, entries);
    rejectLeftRecursion(this.#nodes, entries, distances, this.#rules);
    return { nodes: this.#nodes, entries, distances };
  }

  #number(rule: Rule): number {
    const known = this.#numbers.get(rule);
    if (known !== undefined) return known;
    this.#numbers.set(rule, this.#rules.length);
    return this.#rules.push(rule) - 1;
  }

  /** A node that never changes. */
  #shared(node: NetworkNode): number {
    const key = JSON.stringify(node);
    const index = this.#known.get(key) ?? this.#node(node);
    this.#known.set(key, index);
    return index;
  }

  #node(node: NetworkNode): number {
    if (this.#nodes.length >= mostNodes) throw new InputError("The constraint is too large: it repeats too much.");
    return this.#nodes.push(node) - 1;
  }

  #add(expression: Expression, next: number): number {
    switch (expression.kind) {
      case "bytes":
        return expression.ranges.reduceRight(
          (after, [from, to]) => this.#shared({ kind: "bytes", from, to, next: after }),
          next,
        );
      case "sequence":
        return expression.parts.reduceRight((after, part) => this.#add(part, after), next);
      case "choice":
        return this.#shared({ kind: "split", next: expression.options.map((option) => this.#add(option, next)) });
      case "repeat":
        return this.#repeat(expression, next);
      case "rule":
        return this.#shared({ kind: "call", rule: this.#number(expression.rule), next });
    }
  }

  #repeat({ part, min, max }: Extract<Expression, { kind: "repeat" }>, next: number): number {
    const copies = max === Infinity ? min + 1 : max;
    const copy: Expression =
      copies > inlineCopies && part.kind !== "rule"
        ? { kind: "rule", rule: { name: "a repeated part", expression: () => part } }
        : part;
    let node = next;
    if (max === Infinity) {
      const loop: Extract<NetworkNode, { kind: "split" }> = { kind: "split", next: [] };
      node = this.#node(loop);
      loop.next = [this.#add(copy, node), next];
    } else {
      for (let i = min; i < max; i++) node = this.#shared({ kind: "split", next: [this.#add(copy, node), next] });
    }
    for (let i = 0; i < min; i++) node = this.#add(copy, node);
    return node;
  }
}

/** See {@link Network.distances}: the shortest ways, found by looking at all nodes until nothing gets shorter. */
function distancesIn(nodes: readonly NetworkNode[], entries: readonly number[]): number[] {
  const distances = nodes.map((_, node) => (node === end ? 0 : Infinity));
  const at = (node: number) => distances[node] ?? Infinity;
  for (let changed = true; changed;) {
    changed = false;
    for (const [index, node] of nodes.entries()) {
      const distance = distanceOf(node, at, entries);
      if (distance < at(index)) {
        distances[index] = distance;
        changed = true;
      }
    }
  }
  return distances;
}

function distanceOf(node: NetworkNode, at: (node: number) => number, entries: readonly number[]): number {
  switch (node.kind) {
    case "end":
      return 0;
    case "bytes":
      return 1 + at(node.next);
    case "split":
      return node.next.reduce((least, next) => Math.min(least, at(next)), Infinity);
    case "call":
      return at(entries[node.rule] ?? end) + at(node.next);
  }
}

/** A rule that can call itself before any byte would be called without end. */
function rejectLeftRecursion(
  nodes: readonly NetworkNode[],
  entries: readonly number[],
  distances: readonly number[],
  rules: readonly Rule[],
): void {
  const calls = entries.map((entry) => callsBeforeAnyByte(entry, nodes, entries, distances));
  const done = new Set<number>();
  const visit = (rule: number, path: ReadonlySet<number>): void => {
    if (path.has(rule))
      throw new InputError(`The constraint never ends: ${rules[rule]?.name ?? ""} begins with itself.`);
    if (done.has(rule)) return;
    for (const called of calls[rule] ?? []) visit(called, new Set([...path, rule]));
    done.add(rule);
  };
  for (const rule of rules.keys()) visit(rule, new Set());
}

function callsBeforeAnyByte(
  entry: number,
  nodes: readonly NetworkNode[],
  entries: readonly number[],
  distances: readonly number[],
): Set<number> {
  const calls = new Set<number>();
  const seen = new Set<number>();
  const left = [entry];
  for (let index = left.pop(); index !== undefined; index = left.pop()) {
    const node = nodes[index];
    if (seen.has(index) || !node) continue;
    seen.add(index);
    if (node.kind === "split") left.push(...node.next);
    if (node.kind === "call") {
      calls.add(node.rule);
      if (distances[entries[node.rule] ?? end] === 0) left.push(node.next);
    }
  }
  return calls;
}
