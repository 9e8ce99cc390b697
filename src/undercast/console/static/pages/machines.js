// The state machines, each with how its last executions went.
import { html } from "../html.js";
import { cli } from "../aws.js";
import { serviceInfo } from "../inventory.js";
import { go, to, usePlace, withQuery } from "../place.js";
import { Problem, SameAs, Teach } from "../parts/cli.js";
import { Recent } from "../parts/running.js";
import { Head } from "../parts/shell.js";
import { Ago } from "../parts/time.js";

const PAGE = 25;

export function Machines({ inventory }) {
  const { query } = usePlace();
  const listing = inventory.stepfunctions;
  const words = (query.q ?? "").toLowerCase();
  const from = Number(query.from ?? 0);
  const found = (listing?.rows ?? []).filter((row) => row.name.toLowerCase().includes(words));
  return html`<${Head} crumbs=${[["Overview", to([])]]} title="State machines" />
    ${listing?.error && html`<${Problem} error=${listing.error} />`}
    <div class="card"><div class="bars"><input type="search" class="grow" placeholder="Filter by name" aria-label="Filter by name" value=${query.q ?? ""} onInput=${(event) => go(withQuery({ q: event.target.value, from: "" }), { replace: true })} /></div>
    ${found.length > 0 && html`<table class="table"><thead><tr><th>Name</th><th>Last executions</th><th>Type</th><th class="num">Made</th><th></th></tr></thead><tbody>
      ${found.slice(from, from + PAGE).map((row) => html`<tr key=${row.id}><td><a class="mono" data-row href=${to(["stepfunctions", row.name])}>${row.name}</a></td>
        <td>${row.note === "standard" && html`<${Recent} machine=${row} />`}</td><td class="quiet">${row.note}</td><td class="num quiet"><${Ago} at=${row.at} /></td><td class="num"><a class="link" href=${to(["stepfunctions", row.name, "start"])}>Start</a></td></tr>`)}</tbody></table>`}
    ${found.length > PAGE && html`<div class="pager"><span class="quiet small">${from + 1}–${Math.min(from + PAGE, found.length)} of ${found.length}</span>
      <button type="button" disabled=${!from} onClick=${() => go(withQuery({ from: from > PAGE ? from - PAGE : "" }))}>Before</button><button type="button" disabled=${from + PAGE >= found.length} onClick=${() => go(withQuery({ from: from + PAGE }))}>After</button></div>`}
    ${listing?.rows && !found.length && html`<${Teach} command=${words ? "" : serviceInfo("stepfunctions").teach}>${words ? `No state machine has “${words}” in its name.` : "A state machine is a workflow that survives anything: steps, waits, retries, branches. There is none here yet; this makes one:"}<//>`}</div>
    <${SameAs} command=${cli("stepfunctions", "ListStateMachines")} />`;
}
