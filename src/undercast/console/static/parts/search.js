// Search for everything that is here, by name.
import { html, useEffect, useRef, useState } from "../html.js";
import { json } from "../aws.js";
import { pathOf, serviceInfo } from "../inventory.js";
import { go, to } from "../place.js";
import { Dialog } from "./keys.js";
import { Glyph, lookOf } from "./status.js";

export function Search({ inventory, stacks, close }) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const executions = useExecutions(text, inventory);
  const found = [...namesOf(inventory, stacks), ...executions].filter((one) => fits(one, text)).slice(0, 40);
  const list = useRef(null);
  const open = (one) => {
    close();
    go(one.url);
  };
  const press = (event) => {
    if (event.key === "Enter" && found[at]) open(found[at]);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(found.length - 1, at + step));
    setAt(next);
    list.current?.children[next]?.scrollIntoView({ block: "nearest" });
  };
  return html`<${Dialog} close=${close} label="Search" kind="palette">
    <input autofocus type="search" placeholder="Search stacks, machines, executions, functions, queues…" aria-label="Search" value=${text} onInput=${(event) => { setText(event.target.value); setAt(0); }} onKeyDown=${press} />
    <ul ref=${list} role="listbox">${found.map((one, index) => html`<li><a class=${index === at ? "here" : ""} role="option" aria-selected=${index === at} href=${one.url} onClick=${close}>
      ${one.look && html`<${Glyph} look=${one.look} size="14" />`}<span class="mono clip grow">${one.name}</span><span class="quiet small">${one.kind}</span></a></li>`)}
      ${!found.length && html`<li class="teach">Nothing here has that in its name.</li>`}</ul><//>`;
}

function fits(one, text) {
  const name = one.name.toLowerCase();
  return text.toLowerCase().split(/\s+/).every((word) => name.includes(word) || one.kind.includes(word));
}

function namesOf(inventory, stacks) {
  const all = (stacks ?? []).map((stack) => ({ name: stack.name, kind: "stack", url: to(["stacks", stack.name]) }));
  for (const [service, listing] of Object.entries(inventory)) {
    for (const row of listing?.rows ?? []) all.push({ name: row.name, kind: serviceInfo(service).one, url: to(pathOf(service, row)) });
  }
  return all;
}

/** Executions whose name is exactly the text, or begins like it among the latest of each machine. */
function useExecutions(text, inventory) {
  const [found, setFound] = useState([]);
  useEffect(() => {
    if (text.length < 3) {
      setFound([]);
      return undefined;
    }
    let ended = false;
    const timer = setTimeout(async () => {
      const machines = (inventory.stepfunctions?.rows ?? []).filter((row) => row.note === "standard").slice(0, 20);
      const pages = await Promise.all(machines.map((machine) => json("stepfunctions", "ListExecutions", { stateMachineArn: machine.id, maxResults: 100 }).catch(() => ({ executions: [] }))));
      if (!ended) setFound(pages.flatMap((page, index) => page.executions.map((one) => ({ name: one.name, kind: `execution of ${machines[index].name}`, look: lookOf(one.status), url: to(["stepfunctions", machines[index].name, "executions", one.name]) }))));
    }, 150);
    return () => {
      ended = true;
      clearTimeout(timer);
    };
  }, [text]);
  return found;
}
