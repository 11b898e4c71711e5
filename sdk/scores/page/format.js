// Numbers, times and dates as people read them.

const number = new Intl.NumberFormat();
const date = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

export const count = (value) => number.format(value);

/** Minutes, seconds and hundredths. */
export function duration(ticks, perSecond, hundredths = true) {
  const seconds = Math.floor(ticks / perSecond);
  const rest = Math.floor(((ticks % perSecond) * 100) / perSecond);
  const whole = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  return hundredths ? `${whole}.${String(rest).padStart(2, "0")}` : whole;
}

/** What a run came to, in the unit of its board. */
export const points = (value, board) =>
  board.unit === "ticks" ? duration(value, board.ticks_per_second) : count(value);

/** `lines_cleared` is “Lines cleared”. */
export function title(name) {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export const moment = (millis) => date.format(new Date(millis));

/** How long ago, in one unit. */
export function ago(millis, now) {
  const seconds = Math.min(0, (millis - now) / 1000);
  for (const [unit, length] of [["day", 86_400], ["hour", 3_600], ["minute", 60]]) {
    if (-seconds >= length) {
      return relative.format(Math.ceil(seconds / length), unit);
    }
  }
  return "just now";
}
