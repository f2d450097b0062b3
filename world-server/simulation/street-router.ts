// Routes through the street graph for simulated people and vehicles. A directed edge is `edge * 2` from a to b and
// `edge * 2 + 1` from b to a. Limits: 100,000 edges, routes of 400 edges, searches of 3 km.

import type { StreetEdge, StreetGraph } from "../../worlds/format/world.ts";
import { distance, type Point, withoutDoubles } from "./geometry.ts";
import type { RandomStream } from "./random.ts";

const edgesMax = 100_000;
const routeEdgesMax = 400;
const searchMetresMax = 3000;
const uTurnMetres = 250;

/** Shortest ways from one directed edge. */
interface Tree {
  readonly root: number;
  readonly cost: Float64Array;
  readonly before: Int32Array;
  /** Directed edges in reach, nearest first. */
  readonly reached: readonly number[];
}

export class StreetRouter {
  readonly graph: StreetGraph;
  readonly lengths: Float64Array;
  /** Half the widest street at each node: how far a route stays off the junction's middle. */
  readonly nodeRadius: Float64Array;
  readonly degree: Uint16Array;
  readonly #outgoing: number[][];
  readonly #usable: readonly number[];
  readonly #cost: (edge: StreetEdge) => number;
  readonly #trees = new Map<number, Tree>();
  #hubs: number[] = [];

  /** `cost` weighs an edge's length; Infinity closes it. */
  constructor(graph: StreetGraph, cost: (edge: StreetEdge) => number) {
    this.graph = graph;
    this.#cost = cost;
    const edges = graph.edges.length > edgesMax ? graph.edges.slice(0, edgesMax) : graph.edges;
    this.lengths = new Float64Array(edges.length);
    this.nodeRadius = new Float64Array(graph.nodes.length);
    this.degree = new Uint16Array(graph.nodes.length);
    this.#outgoing = graph.nodes.map(() => []);
    const usable: number[] = [];
    edges.forEach((edge, number) => {
      const line = centreLine(graph, number * 2);
      for (let i = 0; i + 1 < line.length; i++) this.lengths[number]! += distance(line[i]!, line[i + 1]!);
      if (line.length < 2 || graph.nodes[edge.a] === undefined || graph.nodes[edge.b] === undefined) return;
      const radius = edge.carriageway / 2 + edge.pavement;
      for (const node of [edge.a, edge.b]) {
        this.nodeRadius[node] = Math.max(this.nodeRadius[node]!, radius);
        this.degree[node]!++;
      }
      if (edge.a === edge.b || !Number.isFinite(cost(edge))) return;
      usable.push(number);
      this.#outgoing[edge.a]!.push(number * 2);
      this.#outgoing[edge.b]!.push(number * 2 + 1);
    });
    this.#usable = usable;
  }

  get empty(): boolean {
    return this.#usable.length === 0;
  }

  /** Chooses the places between which routes run, by weight. */
  chooseHubs(count: number, random: RandomStream, weight: (edge: StreetEdge) => number): void {
    const weights = this.#usable.map((edge) => weight(this.graph.edges[edge]!) * this.lengths[edge]!);
    let total = 0;
    for (const one of weights) total += one;
    const hubs = new Set<number>();
    for (let i = 0; i < count && total > 0; i++) {
      let left = random.next() * total;
      let chosen = 0;
      while (chosen + 1 < weights.length && left >= weights[chosen]!) left -= weights[chosen++]!;
      hubs.add(this.#usable[chosen]! * 2 + random.below(2));
    }
    this.#hubs = [...hubs];
  }

  /** A closed route through up to three hubs, as directed edges; empty when the graph has none. */
  loop(random: RandomStream): number[] {
    const first = this.#hubs[random.below(this.#hubs.length)];
    if (first === undefined) return [];
    const fromFirst = this.#tree(first);
    const second = this.#hubNear(fromFirst, random) ?? fromFirst.reached.at(-1) ?? first;
    const third = this.#hubNear(this.#tree(second), random, fromFirst) ?? second;
    const route: number[] = [];
    const way = [first, second, third, first];
    for (let i = 0; i + 1 < way.length; i++) {
      const leg = this.#path(way[i]!, way[i + 1]!);
      if (leg === null) return [];
      // Each leg opens with the edge on which the one before it ended.
      route.push(...(route.length > 0 ? leg.slice(1) : leg));
    }
    if (route.length > 1) route.pop();
    else route.push(first ^ 1);
    return route.length <= routeEdgesMax ? route : [];
  }

  #hubNear(tree: Tree, random: RandomStream, back?: Tree): number | undefined {
    for (let attempt = 0; attempt < 12; attempt++) {
      const hub = this.#hubs[random.below(this.#hubs.length)]!;
      if (hub === tree.root || !Number.isFinite(tree.cost[hub]!)) continue;
      if (back === undefined || (hub !== back.root && Number.isFinite(this.#tree(hub).cost[back.root]!))) return hub;
    }
    return undefined;
  }

  #path(from: number, to: number): number[] | null {
    if (from === to) return [from];
    const tree = this.#tree(from);
    const path: number[] = [];
    for (let edge = to; edge >= 0 && path.length <= routeEdgesMax; edge = tree.before[edge]!) {
      path.push(edge);
      if (edge === from) return path.reverse();
    }
    return null;
  }

  #tree(root: number): Tree {
    const known = this.#trees.get(root);
    if (known !== undefined) return known;
    const cost = new Float64Array(this.lengths.length * 2).fill(Number.POSITIVE_INFINITY);
    const before = new Int32Array(this.lengths.length * 2).fill(-1);
    const reached: number[] = [];
    const heap = new Heap();
    cost[root] = 0;
    heap.push(0, root);
    for (let next = heap.pop(); next !== undefined; next = heap.pop()) {
      const [soFar, directed] = next;
      if (soFar > cost[directed]!) continue;
      reached.push(directed);
      for (const onward of this.#outgoing[endOf(this.graph, directed)]!) {
        const edge = this.graph.edges[onward >> 1]!;
        const step = this.lengths[onward >> 1]! * this.#cost(edge) + (onward === (directed ^ 1) ? uTurnMetres : 0);
        const total = soFar + step;
        if (total < cost[onward]! && total <= searchMetresMax) {
          cost[onward] = total;
          before[onward] = directed;
          heap.push(total, onward);
        }
      }
    }
    const tree: Tree = { root, cost, before, reached };
    this.#trees.set(root, tree);
    return tree;
  }
}

/** The node at which a directed edge ends. */
export function endOf(graph: StreetGraph, directed: number): number {
  const edge = graph.edges[directed >> 1]!;
  return directed & 1 ? edge.a : edge.b;
}

/** The middle line of a directed edge, in travel order. */
export function centreLine(graph: StreetGraph, directed: number): Point[] {
  const edge = graph.edges[directed >> 1]!;
  const a = graph.nodes[edge.a];
  const b = graph.nodes[edge.b];
  if (a === undefined || b === undefined) return [];
  const line = withoutDoubles([a, ...(edge.via ?? []), b]);
  return directed & 1 ? line.reverse() : line;
}

/** A binary heap of costs and directed edges. */
class Heap {
  readonly #items: [number, number][] = [];

  push(cost: number, edge: number): void {
    const items = this.#items;
    let at = items.length;
    items.push([cost, edge]);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (items[parent]![0] <= cost) break;
      items[at] = items[parent]!;
      at = parent;
    }
    items[at] = [cost, edge];
  }

  pop(): [number, number] | undefined {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (top === undefined || last === undefined || items.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && items[child + 1]![0] < items[child]![0]) child++;
      if (items[child]![0] >= last[0]) break;
      items[at] = items[child]!;
      at = child;
    }
    items[at] = last;
    return top;
  }
}
