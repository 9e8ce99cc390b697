// The platform's clock: what time it is there, and moving it forward.
import { html, useEffect, useState } from "../html.js";
import { listening } from "../changes.js";
import { absolute, clockTime, duration } from "../model/format.js";
import { CommandLine } from "./cli.js";
import { advanceClock, aheadOfWorld, readClock, useNow } from "./time.js";

const STEPS = [["1 min", 60_000, "1m"], ["1 hour", 3_600_000, "1h"], ["1 day", 86_400_000, "1d"], ["7 days", 604_800_000, "7d"]];
const UNITS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

export function Clock() {
  const time = useNow();
  const [open, setOpen] = useState(false);
  useEffect(() => {
    readClock().catch(() => {}); // the page says elsewhere that the platform does not answer
    return listening((change) => (change === null || change?.service === "undercast") && readClock().catch(() => {}));
  }, []);
  const ahead = aheadOfWorld();
  return html`<div class="pop"><button type="button" class=${`bare clock ${ahead ? "ahead" : ""}`} aria-expanded=${open} title=${`${absolute(time)}: the platform's time`} onClick=${() => setOpen(!open)}>
      ${clockTime(time)}${ahead > 0 && html`<span class="wide">+${duration(ahead)}</span>`}</button>
    ${open && html`<${Advance} time=${time} ahead=${ahead} />`}</div>`;
}

function Advance({ time, ahead }) {
  const [state, setState] = useState({ busy: false, error: "" });
  const [text, setText] = useState("15m");
  async function pass(ms) {
    setState({ busy: true, error: "" });
    try {
      await advanceClock(ms);
      setState({ busy: false, error: "" });
    } catch (error) {
      setState({ busy: false, error: error.message });
    }
  }
  const [, count, unit] = /^\s*(\d+(?:\.\d+)?)\s*([smhd])\s*$/.exec(text) ?? [];
  const custom = count ? Math.round(count * UNITS[unit]) : 0;
  return html`<div class="sheet" role="dialog" aria-label="Clock">
    <div><strong class="mono">${absolute(time)}</strong><br /><span class="quiet">${ahead ? `${duration(ahead)} ahead of the world: it was moved and stays so.` : "The world's time."}</span></div>
    <div class="quiet small">Let time pass. What falls due meanwhile is done, each thing at its own time: waits, retries, schedules, expiry.</div>
    <div class="chips">${STEPS.map(([name, ms]) => html`<button type="button" class="chip" disabled=${state.busy} onClick=${() => pass(ms)}>+ ${name}</button>`)}</div>
    <form class="row" onSubmit=${(event) => { event.preventDefault(); if (custom) pass(custom); }}><input class="grow mono" aria-label="How long" value=${text} onInput=${(event) => setText(event.target.value)} /><button disabled=${!custom || state.busy}>${state.busy ? "Passing…" : "Advance"}</button></form>
    ${state.error && html`<span class="wrong" role="alert">${state.error}</span>`}
    <${CommandLine} command=${`undercast clock advance ${custom ? text.replaceAll(" ", "") : "15m"}`} />
  </div>`;
}
