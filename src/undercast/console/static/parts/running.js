// The executions that run now, and those that failed last: the first thing to see.
import { html } from "../html.js";
import { json } from "../aws.js";
import { useLive } from "../changes.js";
import { to } from "../place.js";
import { Glyph, Status, lookOf } from "./status.js";
import { Ago } from "./time.js";

const MACHINES = 25;

export function Running({ machines }) {
  const standard = (machines ?? []).filter((row) => row.note === "standard").slice(0, MACHINES);
  const { value } = useLive(() => latest(standard), [standard.map((row) => row.id).join()], { services: ["stepfunctions"] });
  const shown = (value ?? []).filter((one) => one.status === "RUNNING" || one.status === "FAILED" || one.status === "TIMED_OUT").slice(0, 8);
  if (!shown.length) return null;
  return html`<section class="card" aria-label="Executions that run or failed"><header><h2>Running and failed lately</h2></header>
    <table class="table"><thead class="hidden"><tr><th>Execution</th><th>Status</th><th>Machine</th><th>Started</th></tr></thead><tbody>
    ${shown.map((one) => html`<tr key=${one.executionArn}><td><a class="mono" data-row href=${executionUrl(one)}>${one.name}</a></td><td><${Status} look=${lookOf(one.status)} /></td>
      <td data-label="of"><a class="mono" href=${to(["stepfunctions", one.machine])}>${one.machine}</a></td><td class="num quiet"><${Ago} at=${one.startDate * 1000} /></td></tr>`)}</tbody></table></section>`;
}

async function latest(machines) {
  const pages = await Promise.all(machines.map(async (machine) => {
    const page = await json("stepfunctions", "ListExecutions", { stateMachineArn: machine.id, maxResults: 10 });
    return page.executions.map((one) => ({ ...one, machine: machine.name }));
  }));
  return pages.flat().sort((a, b) => (b.status === "RUNNING") - (a.status === "RUNNING") || b.startDate - a.startDate);
}

/** The last executions of a machine as a row of shapes, the latest last. */
export function Recent({ machine }) {
  const { value } = useLive(() => json("stepfunctions", "ListExecutions", { stateMachineArn: machine.id, maxResults: 12 }), [machine.id], { services: ["stepfunctions"] });
  const executions = [...(value?.executions ?? [])].reverse();
  return html`<span class="recent">${executions.map((one) => html`<a href=${to(["stepfunctions", machine.name, "executions", one.name])} title=${`${one.name}: ${one.status.toLowerCase()}`} aria-label=${`${one.name}: ${one.status.toLowerCase()}`}><${Glyph} look=${lookOf(one.status)} /></a>`)}</span>`;
}

function executionUrl(one) {
  return to(["stepfunctions", one.machine, "executions", one.name]);
}
