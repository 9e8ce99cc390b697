// One bar for each time a state ran, to scale; waits are hatched. Also the graph as a list, for screen readers.
import { html } from "../html.js";
import { absolute, duration } from "../model/format.js";
import { Glyph, wordOf } from "./status.js";
import { useNow } from "./time.js";

const DRAWN = 24; // entries in the items of a Map that have rows of their own
const MOST = 300;

export function Timeline({ story, chosen, item, choose }) {
  const time = useNow(story.endedAt ? 0 : 1000);
  const end = Math.max(story.endedAt ?? time, story.startedAt + 1);
  const rows = story.visits.filter((visit) => isShown(visit, item));
  const scale = { start: story.startedAt, end, span: end - story.startedAt };
  return html`<div>
    <div class="scale" aria-hidden="true"><span></span><span><span>0</span><span>${duration(scale.span / 2)}</span><span>${duration(scale.span)}</span></span><span></span></div>
    <ol class="timeline" aria-label="Timeline">
      ${rows.slice(0, MOST).map((visit) => html`<${Row} key=${visit.id} visit=${visit} scale=${scale} chosen=${chosen === visit.state} choose=${choose} />`)}
    </ol>
    ${rows.length > MOST && html`<p class="quiet small">${rows.length - MOST} more entries; the events tab has them all.</p>`}
  </div>`;
}

/** Rows of a few items are all shown, of many only those of the chosen one. */
function isShown(visit, item) {
  for (let inner = visit; inner.parent; inner = inner.parent) {
    const { parent } = inner;
    if (item && parent.state === item.map) {
      if (inner.iteration !== item.index) return false;
    } else if (parent.type === "Map" && entriesOf(parent) > DRAWN) return false;
  }
  return true;
}

function entriesOf(map) {
  let count = 0;
  for (const one of map.iterations.values()) count += one.visits.length;
  return Math.max(count, map.length);
}

function Row({ visit, scale, chosen, choose }) {
  const until = visit.exitedAt ?? scale.end;
  const label = `${visit.state}, ${wordOf(visit.status).toLowerCase()}, ${duration(until - visit.enteredAt)}`;
  return html`<li><button type="button" data-row aria-current=${chosen} aria-label=${label} title=${`${absolute(visit.enteredAt)}, ${label}`} onClick=${() => choose(visit.state, undefined, visit.id)}>
    <span class="row clip" style=${{ paddingLeft: `${visit.depth * 12}px` }}><${Glyph} look=${visit.status} size="14" /><span class="mono clip">${visit.state}${visit.iteration === null ? "" : html` <span class="quiet">[${visit.iteration}]</span>`}${visit.iterations.size > 0 && html` <span class="quiet">${visit.length} items</span>`}</span></span>
    <span class="lane" aria-hidden="true">${barsOf(visit, until).map((bar) => html`<span class=${`bar ${bar.kind}`} style=${place(bar, scale)}></span>`)}</span>
    <span class="took">${duration(until - visit.enteredAt)}</span>
  </button></li>`;
}

/** A visit's bars: its attempts, with the waits for them and between them. */
export function barsOf(visit, until) {
  if (visit.type === "Map" || visit.type === "Parallel") return [{ from: visit.enteredAt, until, kind: `box fill-${visit.status}` }];
  if (visit.type === "Wait") return [{ from: visit.enteredAt, until, kind: "wait" }];
  if (!visit.attempts.length) return [{ from: visit.enteredAt, until, kind: `fill-${visit.status}` }];
  const bars = [];
  let last = visit.enteredAt;
  for (const attempt of visit.attempts) {
    const ended = attempt.endedAt ?? until;
    if (attempt !== visit.attempts[0] && attempt.scheduledAt > last) bars.push({ from: last, until: attempt.scheduledAt, kind: "wait" });
    bars.push({ from: attempt.scheduledAt, until: ended, kind: attempt.token && attempt.status === "waiting" ? "wait" : `fill-${attempt.status}` });
    last = ended;
  }
  if (visit.exitedAt === null && visit.status === "waiting" && last < until) bars.push({ from: last, until, kind: "wait" });
  return bars;
}

function place(bar, { start, span }) {
  return { left: `${(100 * (bar.from - start)) / span}%`, width: `${(100 * (bar.until - bar.from)) / span}%` };
}
