// What runs here: the stacks with what belongs to each, then what has no stack.
import { html } from "../html.js";
import { cli } from "../aws.js";
import { SERVICES, pathOf, serviceInfo } from "../inventory.js";
import { to } from "../place.js";
import { plural } from "../model/format.js";
import { SameAs, Teach } from "../parts/cli.js";
import { Running } from "../parts/running.js";
import { Head } from "../parts/shell.js";
import { Status } from "../parts/status.js";
import { Ago } from "../parts/time.js";

const SHOWN = 8;

export function Overview({ inventory, stacks }) {
  const groups = (stacks ?? []).map((stack) => ({ stack, services: grouped(inventory, stack) }));
  const owned = new Set((stacks ?? []).flatMap((stack) => stack.resources.map((resource) => resource.physical)));
  const loose = looseOf(inventory, owned);
  const read = SERVICES.every((name) => inventory[name]) && stacks;
  const empty = read && !groups.length && !loose.length;
  return html`<${Head} title="Overview" />
    <${Running} machines=${inventory.stepfunctions?.rows} />
    ${groups.map(({ stack, services }) => html`<${Stack} key=${stack.name} stack=${stack} services=${services} />`)}
    ${stacks && loose.length > 0 && html`<section class="card" aria-label="Without a stack"><header><h2>${groups.length ? "Without a stack" : "Made one by one"}</h2></header><${Groups} services=${loose} /></section>`}
    ${empty && html`<div class="card"><${Teach} command=${'eval "$(undercast env)" && sam deploy --guided'}>Nothing runs in this account and region yet. Deploy a stack, or make a single thing with any AWS client.<//></div>`}
    ${!read && html`<p class="quiet" role="status">Reading what is here…</p>`}
    <${SameAs} command=${cli("cloudformation", "DescribeStacks")} />`;
}

function Stack({ stack, services }) {
  return html`<section class="card" aria-label=${stack.name}><header><h2><a data-row href=${to(["stacks", stack.name])}>${stack.name}</a></h2>
    <${StackStatus} status=${stack.status} /><span class="quiet small grow">${stack.about}</span><span class="quiet small"><${Ago} at=${stack.at} /></span></header>
    <${Groups} services=${services} /></section>`;
}

export function StackStatus({ status }) {
  const look = /FAILED|ROLLBACK/.test(status) ? "failed" : status.endsWith("IN_PROGRESS") ? "running" : "succeeded";
  return html`<${Status} look=${look} word=${status.toLowerCase().replaceAll("_", " ")} />`;
}

export function Groups({ services }) {
  return html`<div class="stack-groups">${services.map(({ info, rows, more }) => html`<section><h3><a href=${to(info.name === "stepfunctions" ? ["stepfunctions"] : ["services", info.name])}>${info.title}</a><span>${rows.length}${more ? "+" : ""}</span></h3>
    <ul>${rows.slice(0, SHOWN).map((row) => html`<li><a data-row href=${to(pathOf(info.name, row))}><span class="mono clip">${row.name}</span><span class="quiet small">${row.note}</span></a></li>`)}
    ${rows.length > SHOWN && html`<li><a class="link" href=${to(["services", info.name])}>${plural(rows.length - SHOWN, "more", "more")}</a></li>`}</ul></section>`)}</div>`;
}

/** What of each service belongs to a stack. */
export function grouped(inventory, stack) {
  const ids = new Set(stack.resources.map((resource) => resource.physical));
  return byService(inventory, (row) => ids.has(row.id) || ids.has(row.arn));
}

function looseOf(inventory, owned) {
  return byService(inventory, (row) => !owned.has(row.id) && !owned.has(row.arn));
}

function byService(inventory, fits) {
  return SERVICES.map((name) => ({ info: serviceInfo(name), rows: (inventory[name]?.rows ?? []).filter(fits), more: inventory[name]?.more })).filter(({ rows }) => rows.length);
}
