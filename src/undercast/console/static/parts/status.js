// How a thing stands, by colour and by shape.
import { html } from "../html.js";

const WORDS = { succeeded: "Succeeded", running: "Running", waiting: "Waiting", failed: "Failed", stopped: "Stopped", caught: "Failed, caught" };
const OF_EXECUTIONS = { SUCCEEDED: "succeeded", RUNNING: "running", FAILED: "failed", TIMED_OUT: "failed", ABORTED: "stopped", PENDING_REDRIVE: "waiting" };

/** The look of an execution's status as the API names it. */
export const lookOf = (status) => OF_EXECUTIONS[status] ?? "stopped";

export const wordOf = (look) => WORDS[look] ?? "Not yet";

/** The shape alone; `x` and `y` place it in a drawing. */
export function Glyph({ look, x, y, size = 16 }) {
  const place = x === undefined ? {} : { x, y };
  return html`<svg class=${`glyph is-${look || "none"}`} width=${size} height=${size} viewBox="0 0 16 16" aria-hidden="true" ...${place}>${shape(look)}</svg>`;
}

function shape(look) {
  switch (look) {
    case "succeeded": return html`<circle cx="8" cy="8" r="7.5" fill="currentColor" /><path class="stroke-current" d="M4.700 8.300l2.200 2.300 4.400-4.900" style=${{ stroke: "var(--surface)" }} />`;
    case "running": return html`<circle cx="8" cy="8" r="6.500" fill="none" stroke="currentColor" stroke-width="2.500" opacity=".25" /><path class="stroke-current turns" d="M8 1.500a6.500 6.500 0 0 1 6.500 6.500" style=${{ strokeWidth: 2.5 }} /><circle cx="8" cy="8" r="2.200" fill="currentColor" />`;
    case "waiting": return html`<circle cx="8" cy="8" r="6.700" class="stroke-current" style=${{ strokeWidth: 1.8 }} /><path class="stroke-current" d="M8 4.300V8l2.600 1.600" style=${{ strokeWidth: 1.8 }} />`;
    case "failed": return html`<circle cx="8" cy="8" r="7.500" fill="currentColor" /><path class="stroke-current" d="M5.300 5.300l5.400 5.400M10.700 5.300l-5.400 5.400" style=${{ stroke: "var(--surface)" }} />`;
    case "caught": return html`<path d="M8 .8l7.400 13.400H.6z" fill="currentColor" /><path class="stroke-current" d="M8 6v3.400M8 11.700v.1" style=${{ stroke: "var(--surface)" }} />`;
    case "stopped": return html`<rect x="1.500" y="1.500" width="13" height="13" rx="2.500" fill="currentColor" />`;
    default: return html`<circle cx="8" cy="8" r="6" fill="none" stroke="var(--line-strong)" stroke-width="1.500" />`;
  }
}

/** Shape and word. */
export function Status({ look, word }) {
  return html`<span class=${`status is-${look}`}><${Glyph} look=${look} />${word ?? wordOf(look)}</span>`;
}

/** Counts of statuses as one bar, with its legend in words for those who do not see it. */
export function Share({ counts, total }) {
  const order = ["succeeded", "caught", "running", "waiting", "failed", "stopped"].filter((look) => counts[look]);
  return html`<div class="share" role="img" aria-label=${order.map((look) => `${counts[look]} ${wordOf(look).toLowerCase()}`).join(", ") || "none yet"}>
    ${order.map((look) => html`<span class=${`fill-${look}`} style=${{ width: `${(100 * counts[look]) / total}%` }}></span>`)}
  </div>`;
}
