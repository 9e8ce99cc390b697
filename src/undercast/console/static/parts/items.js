// The items of a Map as a list that can be searched, however many they are.
import { html, useState } from "../html.js";
import { duration, plural } from "../model/format.js";
import { countsOf } from "./graph.js";
import { Glyph, Share, wordOf } from "./status.js";

const PAGE = 100;

export function Items({ visit, item, choose }) {
  const [search, setSearch] = useState("");
  const [look, setLook] = useState("");
  const [most, setMost] = useState(PAGE);
  const items = [...visit.iterations.values()];
  const counts = countsOf(items);
  const found = items.filter((one) => (!look || one.status === look) && matches(one, search.trim().toLowerCase()));
  const chosen = item?.map === visit.state ? item.index : null;
  return html`<section aria-label="Items"><h3>${plural(visit.length || items.length, "item")}</h3>
    <${Share} counts=${counts} total=${Math.max(visit.length, items.length) || 1} />
    <div class="row" style=${{ margin: "8px 0", flexWrap: "wrap" }}>
      <input class="grow" type="search" placeholder="Search items: number, input, error" aria-label="Search items" value=${search} onInput=${(event) => setSearch(event.target.value)} />
      <div class="chips">${Object.keys(counts).map((name) => html`<button type="button" class="chip" aria-pressed=${look === name} onClick=${() => setLook(look === name ? "" : name)}><${Glyph} look=${name} size="12" />${counts[name].toLocaleString("en")}<span class="hidden">${wordOf(name)}</span></button>`)}</div>
    </div>
    <div class="items">${found.slice(0, most).map((one) => html`<button key=${one.index} type="button" data-row aria-current=${chosen === one.index} onClick=${() => choose(visit.state, chosen === one.index ? null : { map: visit.state, index: one.index })}>
      <${Glyph} look=${one.status} /><span class="mono">${one.index}</span><span class="mono clip quiet">${aboutOf(one)}</span><span class="quiet small">${one.endedAt ? duration(one.endedAt - one.startedAt) : ""}</span></button>`)}
      ${found.length > most && html`<button type="button" class="link" onClick=${() => setMost(most + 10 * PAGE)}><span></span><span></span><span>${(found.length - most).toLocaleString("en")} more</span><span></span></button>`}
      ${!found.length && html`<p class="quiet pane">No item is like that.</p>`}
    </div></section>`;
}

function matches(one, search) {
  return !search || String(one.index) === search || textOf(one).includes(search);
}

function textOf(one) {
  return one.visits.map((visit) => `${visit.input ?? ""} ${visit.error ?? ""} ${visit.cause ?? ""}`).join(" ").toLowerCase();
}

function aboutOf(one) {
  const wrong = one.visits.find((visit) => visit.error);
  return wrong && one.status === "failed" ? `${wrong.state}: ${wrong.error}` : (one.visits[0]?.input ?? "").slice(0, 200);
}
