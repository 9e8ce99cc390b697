// Where everything of a workflow's graph goes: each level by dagre, Parallel and Map as boxes around their inside.
import { Graph, layout } from "dagre";

export const SIZE = {
  nameChar: 7.6, aboutChar: 6.7, left: 36, badge: 30, nodeHeight: 46, least: 132, most: 288, header: 50, bar: 30, pad: 16, gap: 20, labelChar: 6.3, labelMost: 190,
};

const NONE = { height: 0, width: 0 };

/** {width, height, nodes: [box], edges: [{from, to, kind, label, points, x, y, labelWidth}]} of a level.
 *  A box has x, y (its upper left corner), width, height, state, and `inside`: layouts with their own x, y in the box.
 *  `crowns(state)` is {height, width} of what is drawn under the name of a Map: its items. */
export function laidOut(level, crowns = () => NONE, outer = true) {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: "TB", nodesep: 28, ranksep: 32, edgesep: 16, marginx: 8, marginy: 8 });
  const boxes = new Map([...level.states.values()].map((state) => [state.name, boxOf(state, crowns)]));
  for (const [name, box] of boxes) graph.setNode(name, { width: box.width, height: box.height });
  level.edges.forEach((edge, index) => graph.setEdge(edge.from, edge.to, { ...labelOf(edge), edge }, String(index)));
  if (outer) addEnds(graph, level);
  layout(graph);
  return placed(graph, boxes);
}

function addEnds(graph, level) {
  const ends = [...level.states.values()].filter((state) => state.ends);
  graph.setNode(START, { width: 56, height: 26 });
  if (level.states.has(level.start)) graph.setEdge(START, level.start, { edge: { from: START, to: level.start, kind: "next", label: "" } }, "start");
  if (ends.length) graph.setNode(END, { width: 56, height: 26 });
  for (const state of ends) {
    graph.setEdge(state.name, END, { edge: { from: state.name, to: END, kind: "next", label: "" } }, `end ${state.name}`);
  }
}

export const START = "\u0000start";
export const END = "\u0000end";

function labelOf(edge) {
  if (!edge.label) return { weight: edge.kind === "next" ? 3 : 1 };
  const text = shortened(edge.label, Math.floor(SIZE.labelMost / SIZE.labelChar));
  return { width: text.length * SIZE.labelChar + 12, height: 18, labelpos: "c", weight: edge.kind === "catch" ? 1 : 2, text };
}

export function shortened(text, most) {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

function boxOf(state, crowns) {
  const words = Math.max(state.name.length * SIZE.nameChar + SIZE.badge, state.about.length * SIZE.aboutChar);
  const width = Math.min(SIZE.most, Math.max(SIZE.least, words + SIZE.left + 12));
  if (!state.inside.length) return { state, width, height: SIZE.nodeHeight, inside: [] };
  const crown = crowns(state);
  const inside = state.inside.map((level) => laidOut(level, crowns, false));
  let x = SIZE.pad;
  for (const part of inside) {
    Object.assign(part, { x, y: SIZE.header + crown.height });
    x += part.width + SIZE.gap;
  }
  const inner = Math.max(width, crown.width + 2 * SIZE.pad, x - SIZE.gap + SIZE.pad);
  const shift = (inner - (x - SIZE.gap + SIZE.pad)) / 2;
  for (const part of inside) part.x += shift;
  const height = SIZE.header + crown.height + Math.max(0, ...inside.map((part) => part.height)) + SIZE.pad;
  return { state, width: inner, height, inside, crown };
}

function placed(graph, boxes) {
  const nodes = graph.nodes().map((name) => {
    const { x, y, width, height } = graph.node(name);
    const box = boxes.get(name) ?? { state: null, inside: [] };
    return { ...box, name, width, height, x: x - width / 2, y: y - height / 2 };
  });
  const ranks = ranksOf(graph);
  const edges = graph.edges().map((id) => {
    const { edge, points, x, y, width, text } = graph.edge(id);
    return { ...edge, points: besideBoxes(points, ranks), x, y, labelWidth: width, text: text ?? "" };
  });
  const { width, height } = graph.graph();
  return { width: Math.max(width || 0, 40), height: Math.max(height || 0, 40), nodes, edges };
}

/** The height of each rank, by the y of its middle. */
function ranksOf(graph) {
  const heights = new Map();
  for (const name of graph.nodes()) {
    const { y, height } = graph.node(name);
    heights.set(Math.round(y), Math.max(heights.get(Math.round(y)) ?? 0, height));
  }
  return heights;
}

/** An edge goes straight down beside the boxes of a rank that it passes: dagre leads it only through the middle. */
function besideBoxes(points, ranks) {
  return points.flatMap((point, index) => {
    const height = ranks.get(Math.round(point.y)) ?? 0;
    const passes = index > 0 && index < points.length - 1 && height > SIZE.nodeHeight;
    const down = points.at(-1).y >= points[0].y ? 1 : -1;
    return passes ? [{ x: point.x, y: point.y - (down * height) / 2 }, { x: point.x, y: point.y + (down * height) / 2 }] : [point];
  });
}

/** A path through the points of an edge, its corners rounded. */
export function pathThrough(points) {
  let path = `M${points[0].x},${points[0].y}`;
  for (let i = 1; i < points.length - 1; i += 1) {
    const [before, corner, after] = [points[i - 1], points[i], points[i + 1]];
    const [start, end] = [towards(corner, before), towards(corner, after)];
    path += `L${start.x},${start.y}Q${corner.x},${corner.y} ${end.x},${end.y}`;
  }
  const last = points.at(-1);
  return `${path}L${last.x},${last.y}`;
}

/** The point where a corner begins to be round: half of the way to the next point, but not far. */
function towards(corner, next) {
  const length = Math.hypot(next.x - corner.x, next.y - corner.y) || 1;
  const share = Math.min(0.5, 40 / length);
  return { x: corner.x + (next.x - corner.x) * share, y: corner.y + (next.y - corner.y) * share };
}
