// The workflow as a graph: where each state stands, by colour and shape.
import { html, useLayoutEffect, useMemo, useRef, useState } from "../html.js";
import { END, SIZE, START, laidOut, pathThrough, shortened } from "../model/layout.js";
import { duration, plural, size } from "../model/format.js";
import { summed, visitsOf } from "../model/history.js";
import { bringIntoView } from "./scroll.js";
import { Glyph, wordOf } from "./status.js";

const DRAWN = 10; // items of a Map that are drawn one by one

/** `story` is a reduced history or null; `item` is {map, index} or null; `choose(state, item)` opens one. */
export function Graph({ level, story, chosen, item, choose }) {
  const crowns = useMemo(() => crownsOf(story), [crownKey(story)]);
  const layout = useMemo(() => laidOut(level, crowns), [level, crowns]);
  const drawing = { story, chosen, item, choose, taken: takenEdges(story, item) };
  const [fits, setFits] = useState(false);
  const frame = useRef(null);
  const focus = chosen ?? story?.failure?.origin?.state ?? story?.visits.findLast(({ status }) => status === "running" || status === "waiting")?.state;
  useLayoutEffect(() => show(frame.current, focus), [focus, layout, fits]);
  return html`<div class="drawing"><button type="button" class="fit" aria-pressed=${fits} onClick=${() => setFits(!fits)}>${fits ? "Full size" : "Fit"}</button>
    <div ref=${frame} class=${`graph ${fits ? "fits" : ""}`}><svg role="group" aria-label="Workflow graph" viewBox=${`0 0 ${layout.width} ${layout.height}`}
      style=${fits ? {} : { width: `${layout.width}px`, maxWidth: "100%", minWidth: `${layout.width * 0.6}px` }}>
    <defs>${["", "catch", "taken"].map((kind) => html`<marker id=${`arrow-${kind}`} viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" markerUnits="userSpaceOnUse" orient="auto"><path class=${`arrow ${kind}`} d="M0 0L8 4L0 8z" /></marker>`)}</defs>
    <${Level} layout=${layout} drawing=${drawing} />
  </svg></div></div>`;
}

function show(frame, state) {
  bringIntoView(frame, state && [...frame.querySelectorAll("[data-state]")].find((one) => one.dataset.state === state));
}

function Level({ layout, drawing }) {
  return html`
    ${layout.edges.map((edge) => html`<${Edge} edge=${edge} taken=${drawing.taken.has(edgeKey(edge))} />`)}
    ${layout.nodes.map((box) => (box.state ? html`<${State} box=${box} drawing=${drawing} />` : html`<${End} box=${box} />`))}
    ${layout.edges.filter((edge) => edge.text).map((edge) => html`<${Label} edge=${edge} />`)}`;
}

function Edge({ edge, taken }) {
  const kind = edge.kind === "catch" ? "catch" : taken ? "taken" : "";
  return html`<path class=${`edge ${edge.kind} ${taken ? "taken" : ""}`} d=${pathThrough(edge.points)} marker-end=${`url(#arrow-${kind})`} />`;
}

function Label({ edge }) {
  return html`<g class=${`edge-label ${edge.kind}`} transform=${`translate(${edge.x},${edge.y})`}><title>${edge.label}</title>
    <rect x=${-edge.labelWidth / 2} y="-9" width=${edge.labelWidth} height="18" rx="4" /><text y="4">${edge.text}</text></g>`;
}

function End({ box }) {
  return html`<g class="end" transform=${`translate(${box.x},${box.y})`}><rect width=${box.width} height=${box.height} rx="13" />
    <text x=${box.width / 2} y="17">${{ [START]: "Start", [END]: "End" }[box.name]}</text></g>`;
}

function State({ box, drawing }) {
  const { state, width, height } = box;
  const visits = visitsOf(drawing.story, state.name, drawing.item);
  const sum = summed(visits);
  const chosen = drawing.chosen === state.name;
  const open = (event) => {
    event.stopPropagation();
    drawing.choose(state.name);
  };
  const onKey = (event) => (event.key === "Enter" || event.key === " ") && (event.preventDefault(), open(event));
  const most = Math.floor((width - SIZE.left - SIZE.badge - 12) / SIZE.nameChar + 0.01);
  return html`<g class=${`node ${state.inside.length ? "box" : ""} ${sum.status ? `was-${sum.status}` : "quiet"} ${chosen ? "chosen" : ""}`} transform=${`translate(${box.x},${box.y})`}
      data-row data-state=${state.name} tabindex="0" role="button" aria-label=${`${state.name}, ${state.type}, ${wordOf(sum.status).toLowerCase()}`} aria-pressed=${chosen} onClick=${open} onKeyDown=${onKey}>
    <title>${hover(state, sum)}</title>
    <rect width=${width} height=${height} rx=${state.type === "Choice" ? 16 : 8} />
    <${Glyph} look=${sum.status} x="12" y=${15} />
    <text class="name" x=${SIZE.left} y="20">${shortened(state.name, most)}</text>
    <text class="about" x=${SIZE.left} y="36">${shortened(state.about, Math.floor((width - SIZE.left - 10) / SIZE.aboutChar + 0.01))}</text>
    <text class="times" x=${width - 10} y="20">${badge(state, sum)}</text>
    ${box.crown?.height > 0 && html`<${Items} box=${box} visit=${sum.last} drawing=${drawing} />`}
    ${box.inside.map((part) => html`<g transform=${`translate(${part.x},${part.y})`}><${Level} layout=${part} drawing=${drawing} /></g>`)}
  </g>`;
}

function hover(state, sum) {
  if (!sum.last) return `${state.name}: not reached`;
  const { enteredAt, exitedAt, input, output } = sum.last;
  const sizes = [input && `input ${size(input.length)}`, output && `output ${size(output.length)}`].filter(Boolean).join(", ");
  return `${state.name}: ${wordOf(sum.status).toLowerCase()}${exitedAt ? `, ${duration(exitedAt - enteredAt)}` : ""}${sizes ? `, ${sizes}` : ""}`;
}

function badge(state, sum) {
  if (sum.retried) return `${sum.retried}/${state.retries}`;
  return sum.total > 1 ? `×${sum.total}` : "";
}

/** The items of a Map: each one drawn while they are few, else a bar of how they stand. */
function Items({ box, visit, drawing }) {
  const items = [...visit.iterations.values()];
  const total = totalOf(visit);
  const width = box.width - 2 * SIZE.pad;
  if (total <= DRAWN && !visit.run) return items.map((one) => html`<${Item} one=${one} box=${box} total=${total} width=${width} drawing=${drawing} />`);
  const counts = visit.run?.counts ?? countsOf(items);
  let x = SIZE.pad;
  const parts = ["succeeded", "running", "failed", "stopped"].filter((look) => counts[look]).map((look) => {
    const part = { look, x, width: (width * counts[look]) / (total || 1) };
    x += part.width;
    return part;
  });
  const words = [`${(counts.succeeded ?? 0).toLocaleString("en")} of ${plural(total, "item")} done`, ...["running", "failed"].filter((look) => counts[look]).map((look) => `${counts[look]} ${look}`)];
  return html`<g class="items-bar"><rect class="fill-none" x=${SIZE.pad} y="50" width=${width} height="10" rx="5" />
    ${parts.map((part) => html`<rect class=${`fill-${part.look}`} x=${part.x} y="50" width=${part.width} height="10" rx="2" />`)}
    <text class="about" x=${SIZE.pad} y="76">${words.join(", ")}</text></g>`;
}

function Item({ one, box, total, width, drawing }) {
  const step = Math.min(44, width / total);
  const chosen = drawing.item?.map === box.state.name && drawing.item.index === one.index;
  const open = (event) => {
    event.stopPropagation();
    drawing.choose(box.state.name, chosen ? null : { map: box.state.name, index: one.index });
  };
  const onKey = (event) => (event.key === "Enter" || event.key === " ") && (event.preventDefault(), open(event));
  const left = (box.width - step * total) / 2;
  return html`<g class=${`item ${chosen ? "chosen" : ""}`} transform=${`translate(${left + one.index * step},48)`} tabindex="0" role="button" aria-pressed=${chosen}
      aria-label=${`Item ${one.index}, ${wordOf(one.status).toLowerCase()}`} onClick=${open} onKeyDown=${onKey}>
    <title>${`Item ${one.index}: ${wordOf(one.status).toLowerCase()}`}</title>
    <rect x="2" width=${step - 4} height="26" rx="5" /><${Glyph} look=${one.status} x=${step / 2 - (step > 28 ? 13 : 6)} y="7" size="12" />
    ${step > 28 && html`<text x=${step / 2 + 7} y="17">${one.index}</text>`}</g>`;
}

export function countsOf(items) {
  const counts = {};
  for (const one of items) counts[one.status] = (counts[one.status] ?? 0) + 1;
  return counts;
}

/** How much room each Map needs for its items: none before it began. */
function crownsOf(story) {
  const rooms = new Map(mapsBegun(story).map(({ name, total, run }) => [name, { height: 38, width: total > DRAWN || run ? 220 : total * 31 }]));
  return (state) => rooms.get(state.name) ?? { height: 0, width: 0 };
}

/** What the layout depends on: a Map that grows from 11 to 1,000 items moves nothing. */
function crownKey(story) {
  return mapsBegun(story).map(({ name, total }) => `${name} ${Math.min(total, DRAWN + 1)}`).join("\n");
}

function mapsBegun(story) {
  return [...(story?.states ?? [])].filter(([, { last }]) => last.type === "Map" && (last.iterations.size || last.run))
    .map(([name, { last }]) => ({ name, total: totalOf(last), run: last.run }));
}

function totalOf(visit) {
  return visit.run?.total ?? Math.max(visit.length, visit.iterations.size);
}

function edgeKey(edge) {
  return `${edge.from}\n${edge.to}\n${edge.kind === "catch"}`;
}

/** The edges that were gone along. */
function takenEdges(story, item) {
  const taken = new Set();
  for (const name of story?.states.keys() ?? []) {
    for (const visit of visitsOf(story, name, item)) {
      taken.add(`${visit.from ?? START}\n${name}\n${visit.fromCaught}`);
      if (visit.status === "succeeded" || (visit.type === "Fail" && visit.depth === 0)) taken.add(`${name}\n${END}\nfalse`);
    }
  }
  return taken;
}
