// Start an execution: its input, its name, and the command that does the same.
import { html, useEffect, useState } from "../html.js";
import { cli, json } from "../aws.js";
import { useLive } from "../changes.js";
import { go, to, usePlace } from "../place.js";
import { CommandLine, Problem } from "../parts/cli.js";
import { Json } from "../parts/json.js";
import { Head } from "../parts/shell.js";
import { arnOf } from "./machine.js";

export function Start({ name }) {
  const place = usePlace();
  const arn = arnOf(name, place);
  const machine = useLive(() => json("stepfunctions", "DescribeStateMachine", { stateMachineArn: arn }), [arn]).value;
  const [input, setInput] = useState(place.query.input ?? "");
  const [given, setGiven] = useState("");
  const [state, setState] = useState({ busy: false, error: null, result: null });
  const express = machine?.type === "EXPRESS";
  useEffect(() => {
    if (!input) lastInput(arn, place.query.like).then((text) => setInput((old) => old || text));
  }, [arn]);
  const wrong = problemOf(input);
  const params = { stateMachineArn: arn, ...(given ? { name: given } : {}), input };
  const operation = express ? "StartSyncExecution" : "StartExecution";
  async function start(event) {
    event.preventDefault();
    setState({ busy: true, error: null, result: null });
    try {
      const result = await json("stepfunctions", operation, params);
      if (!express) go(to(["stepfunctions", name, "executions", result.executionArn.split(":").at(-1)]));
      setState({ busy: false, error: null, result });
    } catch (error) {
      setState({ busy: false, error, result: null });
    }
  }
  const crumbs = [["Overview", to([])], ["State machines", to(["stepfunctions"])], [name, to(["stepfunctions", name])]];
  return html`<${Head} crumbs=${crumbs} title="Start an execution" />
    ${state.error && html`<${Problem} error=${state.error} />`}
    <form class="form" onSubmit=${start}>
      <label><span>Input</span><textarea rows="12" spellcheck="false" value=${input} aria-invalid=${Boolean(wrong)} onInput=${(event) => setInput(event.target.value)}></textarea></label>
      ${wrong && html`<p class="wrong" role="alert">${wrong}</p>`}
      <label><span>Name</span><input class="mono" style=${{ width: "100%" }} maxlength="80" placeholder="one is given to it" value=${given} onInput=${(event) => setGiven(event.target.value)} /></label>
      <div class="row"><button class="main" disabled=${state.busy || Boolean(wrong)}>${state.busy ? "Starting…" : express ? "Start and wait for the result" : "Start"}</button>
        <button type="button" disabled=${Boolean(wrong)} onClick=${() => setInput(JSON.stringify(JSON.parse(input), null, 2))}>Indent</button></div>
      <div><h3>The same in a terminal</h3><${CommandLine} command=${cli("stepfunctions", operation, { ...params, input: compact(input) })} /></div>
    </form>
    ${state.result && express && html`<section class="card"><header><h2>Result</h2></header><div class="pane"><${Json} text=${state.result} /></div></section>`}`;
}

/** The input of an execution, or of the last one: most often one wants nearly the same again. */
async function lastInput(arn, like) {
  try {
    let execution = like && `${arn.replace(":stateMachine:", ":execution:")}:${like}`;
    if (!execution) execution = (await json("stepfunctions", "ListExecutions", { stateMachineArn: arn, maxResults: 1 })).executions[0]?.executionArn;
    if (!execution) return "{}";
    return JSON.stringify(JSON.parse((await json("stepfunctions", "DescribeExecution", { executionArn: execution })).input), null, 2);
  } catch {
    return "{}";
  }
}

function problemOf(text) {
  if (!text.trim()) return "An input is JSON; an empty one is {}.";
  try {
    JSON.parse(text);
    return "";
  } catch (error) {
    return `This is not JSON yet: ${error.message}`;
  }
}

function compact(text) {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return text;
  }
}
