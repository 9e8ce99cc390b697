// Moments and durations by the platform's clock, which may be ahead of the world's.
import { html, useEffect, useState } from "../html.js";
import { own } from "../aws.js";
import { absolute, ago, duration } from "../model/format.js";

let ahead = 0;
const watchers = new Set();

/** The platform's time in ms. */
export const now = () => Date.now() + ahead;

/** How far it is ahead of the world's clock, in ms. */
export const aheadOfWorld = () => ahead;

export async function readClock() {
  setClock((await own("/clock")).now);
}

export async function advanceClock(ms) {
  setClock((await own("/clock", { advance_ms: ms, stepwise: true })).now);
}

function setClock(moment) {
  ahead = Math.abs(moment - Date.now()) < 1500 ? 0 : moment - Date.now();
  for (const watcher of watchers) watcher();
}

/** The time, again every `every_ms`; 0 stands still (but for a clock that is moved). */
export function useNow(every_ms = 1000) {
  const [, tick] = useState(0);
  useEffect(() => {
    const again = () => tick((count) => count + 1);
    watchers.add(again);
    const timer = every_ms ? setInterval(again, every_ms) : 0;
    return () => {
      watchers.delete(again);
      clearInterval(timer);
    };
  }, [every_ms]);
  return now();
}

/** How long ago, the moment itself on hover. */
export function Ago({ at }) {
  const time = useNow(5000);
  if (!at) return "";
  return html`<time datetime=${new Date(at).toISOString()} title=${absolute(at)}>${ago(at, time)}</time>`;
}

/** From then until then, or until now while it lasts. */
export function Took({ from, until }) {
  const time = useNow(until ? 0 : 1000);
  return html`<span title=${until ? `${Math.round(until - from)} ms` : "still going on"}>${duration((until ?? time) - from)}</span>`;
}
