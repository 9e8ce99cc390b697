// What one service has here: a list that can be searched; one thing of it, as its row.
import { html } from "../html.js";
import { serviceInfo } from "../inventory.js";
import { go, to, usePlace, withQuery } from "../place.js";
import { Problem, SameAs, Teach } from "../parts/cli.js";
import { Head } from "../parts/shell.js";
import { Ago } from "../parts/time.js";

const MOST = 500;

export function Service({ name, thing, inventory, stacks }) {
  const { query } = usePlace();
  const info = serviceInfo(name);
  if (!info) return html`<${Head} crumbs=${[["Overview", to([])]]} title=${name} /><p>Undercast's console knows no service of that name.</p>`;
  const listing = inventory[name];
  if (thing) return html`<${Thing} info=${info} thing=${thing} listing=${listing} stacks=${stacks} />`;
  const words = (query.q ?? "").toLowerCase();
  const rows = (listing?.rows ?? []).filter((row) => row.name.toLowerCase().includes(words));
  return html`<${Head} crumbs=${[["Overview", to([])]]} title=${info.title} />
    ${listing?.error && html`<${Problem} error=${listing.error} />`}
    <div class="card"><div class="bars"><input type="search" class="grow" placeholder="Filter by name" aria-label="Filter by name" value=${query.q ?? ""} onInput=${(event) => go(withQuery({ q: event.target.value }), { replace: true })} /></div>
    ${rows.length > 0 && html`<table class="table"><thead><tr><th>Name</th><th>About</th><th class="num">Made</th></tr></thead><tbody>${rows.slice(0, MOST).map((row) => html`<tr key=${row.id}><td><a class="mono" data-row href=${to(["services", name, row.name])}>${row.name}</a></td><td class="quiet">${row.note}</td><td class="num quiet"><${Ago} at=${row.at} /></td></tr>`)}</tbody></table>`}
    ${(rows.length > MOST || listing?.more) && html`<div class="pager quiet small">These are the first; filter by name, or list the rest in a terminal.</div>`}
    ${listing?.rows && !rows.length && html`<${Teach} command=${words ? "" : info.teach}>${words ? `No ${info.one} has “${words}” in its name.` : `There is no ${info.one} here yet. This makes one:`}<//>`}</div>
    <${SameAs} command=${info.cli()} />`;
}

function Thing({ info, thing, listing, stacks }) {
  const row = listing?.rows?.find((one) => one.name === thing);
  const stack = row && stacks?.find((one) => one.resources.some(({ physical }) => physical === row.id || physical === row.arn));
  const crumbs = [["Overview", to([])], [info.title, to(["services", info.name])]];
  return html`<${Head} crumbs=${crumbs} title=${thing} mono />
    ${row ? html`<div class="card pane"><dl class="facts" style=${{ margin: 0 }}>
      <div><dt>Id</dt><dd class="mono">${row.arn ?? row.id}</dd></div>${row.note && html`<div><dt>About</dt><dd>${row.note}</dd></div>`}
      ${row.at > 0 && html`<div><dt>Made</dt><dd><${Ago} at=${row.at} /></dd></div>`}
      <div><dt>Stack</dt><dd>${stack ? html`<a class="link mono" href=${to(["stacks", stack.name])}>${stack.name}</a>` : "none"}</dd></div></dl></div>`
    : listing?.rows && html`<div class="card"><${Teach} command=${info.cli()}>There is no ${info.one} ${thing} on the first page of this account and region.<//></div>`}
    <${SameAs} command=${info.cli()} />`;
}
