// The history as it is: every event with its details.
import { html, useEffect, useRef, useState } from "../html.js";
import { absolute, duration } from "../model/format.js";
import { detailsOf } from "../model/history.js";
import { Json } from "./json.js";
import { bringIntoView } from "./scroll.js";

const PAGE = 200;

export function Events({ events, story, focus, choose }) {
  const [search, setSearch] = useState("");
  const [open, setOpen] = useState(() => new Set(focus ? [focus] : []));
  const [from, setFrom] = useState(0);
  const focused = useRef(null);
  const words = search.trim().toLowerCase();
  const found = words ? events.filter((event) => textOf(event, story).includes(words)) : events;
  useEffect(() => {
    if (!focus) return;
    setSearch("");
    setOpen(new Set([focus]));
    setFrom(PAGE * Math.floor((focus - 1) / PAGE));
  }, [focus]);
  useEffect(() => bringIntoView(focused.current?.closest(".beside"), focused.current), [focus, from]);
  const toggle = (id) => setOpen((old) => new Set(old.has(id) ? [...old].filter((one) => one !== id) : [...old, id]));
  return html`<div class="pane"><input type="search" placeholder="Search events: type, state, payload" aria-label="Search events" value=${search} onInput=${(event) => { setSearch(event.target.value); setFrom(0); }} />
    <table class="attempts"><thead><tr><th>#</th><th>Event</th><th>State</th><th class="num">After</th></tr></thead>
    <tbody>${found.slice(from, from + PAGE).map((event) => html`<${Event} key=${event.id} event=${event} story=${story} open=${open.has(event.id)} toggle=${() => toggle(event.id)} choose=${choose} mark=${event.id === focus ? focused : null} />`)}</tbody></table>
    ${found.length > PAGE && html`<div class="pager"><span class="quiet small">${from + 1}–${Math.min(from + PAGE, found.length)} of ${found.length.toLocaleString("en")}</span>
      <button type="button" disabled=${from === 0} onClick=${() => setFrom(from - PAGE)}>Before</button><button type="button" disabled=${from + PAGE >= found.length} onClick=${() => setFrom(from + PAGE)}>After</button></div>`}
  </div>`;
}

function Event({ event, story, open, toggle, choose, mark }) {
  const at = event.timestamp * 1000;
  const state = story.eventVisits.get(event.id)?.state;
  return html`<tr ref=${mark} class=${mark ? "here" : ""}><td class="num quiet">${event.id}</td>
      <td><button type="button" class="link" data-row aria-expanded=${open} onClick=${toggle}>${event.type}</button></td>
      <td>${state && html`<button type="button" class="link mono" onClick=${() => choose(state, undefined, story.eventVisits.get(event.id).id)}>${state}</button>`}</td>
      <td class="num" title=${absolute(at)}>${duration(at - story.startedAt)}</td></tr>
    ${open && html`<tr><td colspan="4"><${Json} text=${detailsOf(event)} /></td></tr>`}`;
}

function textOf(event, story) {
  return `${event.id} ${event.type} ${story.eventVisits.get(event.id)?.state ?? ""} ${JSON.stringify(detailsOf(event))}`.toLowerCase();
}
