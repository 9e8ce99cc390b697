// The log lines of one call of a function.
import { html } from "../html.js";
import { cli, json } from "../aws.js";
import { useLive } from "../changes.js";
import { absolute, clockTime } from "../model/format.js";
import { CommandLine } from "./cli.js";
import { now } from "./time.js";

export function Logs({ attempt }) {
  const group = `/aws/lambda/${attempt.functionName}`;
  const params = { logGroupName: group, startTime: attempt.scheduledAt - 50, endTime: (attempt.endedAt ?? now()) + 50, limit: 1000 };
  const { value, error, loading } = useLive(() => json("logs", "FilterLogEvents", params), [group, attempt.scheduledAt, attempt.endedAt], { services: attempt.endedAt ? [] : ["logs", "lambda"] });
  const lines = linesOf(value?.events ?? [], requestOf(attempt));
  return html`<section><h3>Log lines of ${attempt.functionName}</h3>
    ${error?.code === "ResourceNotFoundException" ? html`<p class="quiet">The function has written no logs yet.</p>` : error ? html`<p class="wrong">${error.message}</p>` : null}
    ${lines.length > 0 && html`<div class="lines">${lines.map((line) => html`<div><time title=${absolute(line.timestamp)}>${clockTime(line.timestamp, true)}</time>${line.message.trimEnd()}</div>`)}</div>`}
    ${!error && !loading && !lines.length && html`<p class="quiet">It wrote nothing during this call.</p>`}
    <details class="small quiet"><summary>The same in a terminal</summary><${CommandLine} command=${cli("logs", "FilterLogEvents", params)} /></details>
  </section>`;
}

/** The id of the invocation, where the answer or the error tells it. */
function requestOf(attempt) {
  return /"(?:RequestId|requestId)"\s*:\s*\\?"([0-9a-f-]{36})/.exec(`${attempt.output ?? ""} ${attempt.cause ?? ""}`.replaceAll("\\", ""))?.[1] ?? "";
}

/** Of all lines of that time only those of one invocation, when it is known: from its START to its REPORT. */
export function linesOf(events, request) {
  if (!request || !events.some((event) => event.message.includes(request))) return events;
  const inside = new Set();
  return events.filter(({ logStreamName, message }) => {
    if (message.startsWith(`START RequestId: ${request}`)) inside.add(logStreamName);
    const shown = inside.has(logStreamName) || message.includes(request);
    if (message.startsWith(`REPORT RequestId: ${request}`)) inside.delete(logStreamName);
    return shown;
  });
}
