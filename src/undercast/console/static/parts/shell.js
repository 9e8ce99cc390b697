// What is around every page: where one is, search, the clock, the systems in use.
import { html, useEffect, useState } from "../html.js";
import { connection, follow, useConnected } from "../changes.js";
import { SERVICES, serviceInfo } from "../inventory.js";
import { HOME, go, here, to, usePlace } from "../place.js";
import { Clock } from "./clock.js";
import { Help, useKeys } from "./keys.js";
import { Search } from "./search.js";

const REGIONS = ["us-east-1", "us-east-2", "us-west-1", "us-west-2", "eu-west-1", "eu-west-2", "eu-central-1", "eu-north-1", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ap-northeast-1", "sa-east-1", "ca-central-1"];

export function Shell({ inventory, stacks, children }) {
  const place = usePlace();
  const [shown, setShown] = useState("");
  const [menu, setMenu] = useState(false);
  const connected = useConnected();
  useKeys(setShown);
  useEffect(() => follow(place.account, place.region), [place.account, place.region]);
  useEffect(() => setMenu(false), [location.pathname]);
  return html`
    <a class="hidden" href="#main">To the content</a>
    <header class="top">
      <button type="button" class="menu bare" aria-label="Systems" aria-expanded=${menu} onClick=${() => setMenu(!menu)}>☰</button>
      <a class="brand" href=${to([])}><img src="/_undercast/static/icon.svg" alt="" /><span>Undercast</span></a>
      <button type="button" class="find" aria-label="Search" onClick=${() => setShown("search")}>⌕ <span class="grow" style=${{ textAlign: "left" }}>Search</span><kbd>/</kbd></button>
      <div class="where"><${Where} place=${place} /></div>
      <${Clock} /><${Theme} />
      <button type="button" class="bare wide" aria-label="Help" title="Keyboard (?)" onClick=${() => setShown("help")}>?</button>
    </header>
    ${!connected && connection.lost && html`<div class="offline" role="status">Undercast does not answer; what is shown may be old. It is looked for again every second. Start it with <code>undercast up</code>.</div>`}
    <div class="frame"><nav class=${`side ${menu ? "open" : ""}`} aria-label="Systems"><${Systems} inventory=${inventory} stacks=${stacks} place=${place} /></nav>
      <main id="main" class="page" tabindex="-1">${children}</main></div>
    ${shown === "search" && html`<${Search} inventory=${inventory} stacks=${stacks} close=${() => setShown("")} />`}
    ${shown === "help" && html`<${Help} close=${() => setShown("")} />`}`;
}

function Systems({ inventory, stacks, place }) {
  const used = SERVICES.filter((name) => inventory[name]?.rows?.length);
  const rest = SERVICES.filter((name) => !used.includes(name));
  const [first, second] = place.path;
  const current = first === "services" ? second : first ?? "";
  return html`<ul>
    <li><a href=${to([])} aria-current=${current === "" || current === "stacks" ? "page" : undefined}>Overview<span class="count">${stacks?.length || ""}</span></a></li>
    ${used.map((name) => html`<${System} name=${name} listing=${inventory[name]} current=${current} />`)}</ul>
    <details open=${rest.includes(current)}><summary>Not in use (${rest.length})</summary><ul>${rest.map((name) => html`<${System} name=${name} listing=${inventory[name]} current=${current} />`)}</ul></details>`;
}

function System({ name, listing, current }) {
  const count = listing?.rows?.length;
  return html`<li><a href=${to(name === "stepfunctions" ? [name] : ["services", name])} aria-current=${current === name ? "page" : undefined}>${serviceInfo(name).title}<span class="count">${count ? `${count}${listing.more ? "+" : ""}` : ""}</span></a></li>`;
}

function Where({ place }) {
  const [open, setOpen] = useState(false);
  const [account, setAccount] = useState(place.account);
  const [region, setRegion] = useState(place.region);
  const choose = (event) => {
    event.preventDefault();
    setOpen(false);
    go(to([], {}, { account, region }));
  };
  const show = () => {
    setAccount(here().account);
    setRegion(here().region);
    setOpen(!open);
  };
  return html`<div class="pop"><button type="button" class="bare mono" aria-label="Account and region" aria-expanded=${open} onClick=${show}><span class="wide">${place.account}</span>${place.region}</button>
    ${open && html`<form class="sheet" onSubmit=${choose}>
      <label><span>Account</span><input class="mono" style=${{ width: "100%" }} value=${account} pattern="\\d{12}" required title="12 digits" onInput=${(event) => setAccount(event.target.value)} /></label>
      <label><span>Region</span><input class="mono" style=${{ width: "100%" }} list="regions" value=${region} required onInput=${(event) => setRegion(event.target.value)} /></label>
      <datalist id="regions">${REGIONS.map((name) => html`<option value=${name}></option>`)}</datalist>
      <div class="row"><button class="main">Go there</button><button type="button" class="link" onClick=${() => { setAccount(HOME.account); setRegion(HOME.region); }}>Default</button></div>
      <span class="quiet small">Each account and region is a world of its own. An account is the access key of 12 digits that a client uses.</span></form>`}</div>`;
}

const THEMES = { "": ["◐", "as the system has it"], light: ["☀", "light"], dark: ["☾", "dark"] };

function Theme() {
  const [theme, setTheme] = useState(document.documentElement.dataset.theme ?? "");
  const turn = () => {
    const next = { "": "light", light: "dark", dark: "" }[theme];
    setTheme(next);
    remember(next);
  };
  return html`<button type="button" class="bare" aria-label=${`Colours: ${THEMES[theme][1]}`} title=${`Colours: ${THEMES[theme][1]}`} onClick=${turn}>${THEMES[theme][0]}</button>`;
}

function remember(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  localStorage.setItem("theme", theme);
}

/** The colours that were chosen here before. */
export function recallTheme() {
  const theme = localStorage.getItem("theme");
  if (theme) document.documentElement.dataset.theme = theme;
}

/** A page's head: the way to it, its name, what can be done. */
export function Head({ crumbs = [], title, mono = false, children, actions }) {
  useEffect(() => {
    document.title = `${title}, Undercast`;
  }, [title]);
  return html`<header class="head"><nav class="crumbs" aria-label="The way here">${crumbs.map(([name, url], index) => html`<a class="link" href=${url} ...${index === crumbs.length - 1 ? { "data-up": true } : {}}>${name}</a><span>/</span>`)}</nav>
    <h1 class=${mono ? "mono" : ""} style=${mono ? { fontSize: "18px" } : {}}>${title}</h1>${children}<div class="actions">${actions}</div></header>`;
}
