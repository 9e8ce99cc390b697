// One state of an execution: how it went, with what, what it called and what that wrote.
import { html, useState } from "../html.js";
import { cli } from "../aws.js";
import { absolute, duration, pretty } from "../model/format.js";
import { retriesOf, visitsOf } from "../model/history.js";
import { to, withQuery } from "../place.js";
import { CommandLine } from "./cli.js";
import { Items } from "./items.js";
import { Difference, Json, Payload } from "./json.js";
import { Logs } from "./logs.js";
import { MapRun } from "./maprun.js";
import { Glyph, Status, wordOf } from "./status.js";
import { Took } from "./time.js";

export function State({ state, story, item, visitId, choose, machine }) {
  const visits = visitsOf(story, state.name, item);
  const visit = visits.find((one) => one.id === visitId) ?? visits.at(-1);
  return html`<div class="pane" aria-label=${`State ${state.name}`}>
    <div class="row" style=${{ flexWrap: "wrap" }}><h2 class="mono grow">${state.name}</h2>${visit && html`<${Status} look=${visit.status} />`}</div>
    <p class="quiet">${state.type}: ${state.about}${visit?.iteration !== null && visit?.iteration !== undefined ? `; item ${visit.iteration} of ${visit.parent.state}` : ""}</p>
    ${visits.length > 1 && html`<${Visits} visits=${visits} visit=${visit} choose=${choose} />`}
    ${visit ? html`<${Visit} key=${visit.id} visit=${visit} state=${state} item=${item} choose=${choose} machine=${machine} />` : html`<p class="quiet">It was not reached.</p>`}
    <section><h3>Definition</h3><${Json} text=${state.raw} /></section>
  </div>`;
}

function Visits({ visits, visit, choose }) {
  const at = visits.indexOf(visit);
  const open = (index) => choose(visit.state, undefined, visits[index].id);
  return html`<div class="row small"><button type="button" disabled=${at === 0} onClick=${() => open(at - 1)} aria-label="Entry before">‹</button>
    <span>Entry ${at + 1} of ${visits.length}</span><button type="button" disabled=${at === visits.length - 1} onClick=${() => open(at + 1)} aria-label="Entry after">›</button></div>`;
}

function Visit({ visit, state, item, choose, machine }) {
  const [different, setDifferent] = useState(false);
  const call = visit.attempts.at(-1);
  const both = visit.input !== undefined && visit.output !== undefined;
  const toggle = both && html`<button type="button" class="link small" aria-pressed=${different} onClick=${() => setDifferent(!different)}>${different ? "Show both" : "Show the difference"}</button>`;
  return html`
    ${visit.error && html`<div class="note failed" style=${{ margin: 0 }}><strong>${visit.error}</strong>${visit.location && html` <code>${visit.location}</code>`}<${Cause} text=${visit.cause} /></div>`}
    <dl class="facts" style=${{ margin: 0 }}>
      <div><dt>Entered</dt><dd title=${absolute(visit.enteredAt)}>${absolute(visit.enteredAt).slice(11, 23)}</dd></div>
      <div><dt>Took</dt><dd><${Took} from=${visit.enteredAt} until=${visit.exitedAt} /></dd></div>
      ${state.retries > 0 && visit.attempts.length > 0 && html`<div><dt>Retries</dt><dd>${retriesOf(visit)}/${state.retries}</dd></div>`}
      <div><dt>Events</dt><dd><a class="link" href=${withQuery({ side: "events", event: visit.events[0] })}>${visit.events[0]}${visit.events.length > 1 ? `–${visit.events.at(-1)}` : ""}</a></dd></div>
    </dl>
    ${visit.iterations.size > 0 && html`<${Items} visit=${visit} item=${item} choose=${choose} />`}
    ${visit.mapRun && html`<${MapRun} arn=${visit.mapRun} machine=${machine} />`}
    ${visit.attempts.length > 0 && html`<${Attempts} visit=${visit} />`}
    ${call?.functionName && html`<${Logs} attempt=${call} />`}
    ${different ? html`<section><div class="row"><h3 class="grow">From input to output</h3>${toggle}</div><${Difference} before=${visit.input} after=${visit.output} /></section>`
      : html`<${Payload} title="Output" text=${visit.output}>${toggle}<//><${Payload} title="Input" text=${visit.input} />`}
    ${visit.variables && html`<${Payload} title="Variables assigned" text=${visit.variables} />`}
    ${call && html`<${Payload} title="Called with" text=${call.parameters} />`}`;
}

/** A cause: a sentence, a function's error with its stack, or other JSON. */
export function Cause({ text }) {
  if (!text) return null;
  const thrown = thrownBy(text);
  if (thrown) return html`<p>${thrown.errorMessage}</p>${thrown.stack && html`<details><summary class="quiet small">Stack trace</summary><pre class="json">${thrown.stack}</pre></details>`}`;
  const shown = pretty(text);
  return shown.includes("\n") ? html`<${Json} text=${text} />` : html`<p>${shown}</p>`;
}

/** What a function raised: {errorMessage, stack}; null when the text says something else. */
function thrownBy(text) {
  try {
    const { errorMessage, stackTrace, trace } = JSON.parse(text);
    return errorMessage === undefined ? null : { errorMessage, stack: [stackTrace ?? trace ?? []].flat(2).map((line) => String(line).trimEnd()).join("\n") };
  } catch {
    return null;
  }
}

function Attempts({ visit }) {
  return html`<section><h3>${visit.attempts.length > 1 ? "Attempts" : "Call"}</h3><table class="attempts">
    <thead class="hidden"><tr><th>Attempt</th><th>Outcome</th><th>Called</th><th>Took</th></tr></thead>
    <tbody>${visit.attempts.map((attempt, index) => html`<tr>
      <td class="quiet">${index + 1}</td><td><span class="row"><${Glyph} look=${attempt.status} size="14" />${attempt.error ?? wordOf(attempt.status)}</span></td>
      <td><${Called} attempt=${attempt} /></td><td class="num">${attempt.endedAt ? duration(attempt.endedAt - attempt.scheduledAt) : ""}</td></tr>`)}</tbody></table>
    ${visit.attempts.at(-1).status === "waiting" && html`<p class="quiet small">It waits for an answer from outside:</p><${CommandLine} command=${answerCommand(visit.attempts.at(-1))} />`}
  </section>`;
}

function Called({ attempt }) {
  if (attempt.functionName) return html`<a class="link mono" href=${to(["services", "lambda", attempt.functionName])}>${attempt.functionName}</a>`;
  return html`<span class="mono">${attempt.resource}</span>`;
}

function answerCommand(attempt) {
  if (attempt.resource?.includes("sync")) return `# ${attempt.resource} ends when what it started ends`;
  const [, token] = /"([\w+/=.-]{40,})\\?"/.exec(JSON.stringify(attempt.parameters ?? "").replaceAll("\\", "")) ?? [];
  return cli("stepfunctions", "SendTaskSuccess", { taskToken: token ?? "…", taskOutput: "{}" });
}
