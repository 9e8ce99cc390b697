// Times, durations, sizes and JSON as a person reads them.

/** A duration in ms: 840 ms, 3.20 s, 4 m 05 s, 3 h 12 m, 5 d 3 h. */
export function duration(ms) {
  if (ms === null || ms === undefined || Number.isNaN(ms)) return "";
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} m ${two(Math.floor(seconds % 60))} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${two(minutes % 60)} m`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** How long ago, in one unit. */
export function ago(at, now) {
  const seconds = Math.round((now - at) / 1000);
  const later = seconds < 0;
  const size = Math.abs(seconds);
  const [count, unit] = size < 60 ? [size, "s"] : size < 3600 ? [Math.floor(size / 60), "min"] : size < 172_800 ? [Math.floor(size / 3600), "h"] : [Math.floor(size / 86_400), "d"];
  if (size < 2) return "now";
  return later ? `in ${count} ${unit}` : `${count} ${unit} ago`;
}

/** A moment with its zone. */
export function absolute(at) {
  const date = new Date(at);
  const offset = -date.getTimezoneOffset();
  const zone = `UTC${offset ? `${offset < 0 ? "-" : "+"}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}` : ""}`;
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${clockTime(at, true)} ${zone}`;
}

export function clockTime(at, millis = false) {
  const date = new Date(at);
  const text = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return millis ? `${text}.${String(date.getMilliseconds()).padStart(3, "0")}` : text;
}

export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1_048_576 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1_048_576).toFixed(1)} MB`;
}

/** JSON text with indents; other text as it is. */
export function pretty(text) {
  if (text === undefined || text === null) return "";
  if (typeof text !== "string") return JSON.stringify(text, null, 2);
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** A text as one word of a POSIX shell. */
export function quoted(text) {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

export const plural = (count, one, many = `${one}s`) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

function two(number) {
  return String(number).padStart(2, "0");
}
