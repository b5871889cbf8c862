// @ts-check
// Times in words. All arguments are milliseconds; `now` is passed in, so that one tick shows one moment.

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const timeOfDay = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const hourAndMinute = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat("en", { day: "numeric", month: "short", year: "numeric" });
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** @param {number} time @returns {string} `14:03:12` */
export const clockTime = (time) => timeOfDay.format(time);

/** @param {number} time @returns {string} `14:03` */
export const shortTime = (time) => hourAndMinute.format(time);

/** @param {number} left @returns {string} `4:59`, or `1:04:59` from an hour on */
export function countdown(left) {
  const seconds = Math.max(0, Math.ceil(left / SECOND));
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes}:${two(seconds % 60)}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

/** @param {number} length @returns {string} `48 s`, `4 min 48 s`, `2 h 5 min`, `3 days` */
export function span(length) {
  const seconds = Math.round(length / SECOND);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 ? `${minutes} min ${seconds % 60} s` : `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  return `${Math.floor(hours / 24)} days`;
}

/** @param {number} time @param {number} now @returns {string} to the second: `in 4 min 48 s`, `12 s ago` */
export function distance(time, now) {
  const length = time - now;
  if (Math.abs(length) < SECOND / 2) return "now";
  return length > 0 ? `in ${span(length)}` : `${span(-length)} ago`;
}

/** @param {number} time @param {number} now @returns {string} roughly: `just now`, `2 minutes ago`, `yesterday`, `3 Oct 2026` */
export function ago(time, now) {
  const length = now - time;
  if (length < 45 * SECOND) return "just now";
  if (length < 50 * MINUTE) return relative.format(-Math.max(1, Math.round(length / MINUTE)), "minute");
  if (length < 22 * HOUR) return relative.format(-Math.max(1, Math.round(length / HOUR)), "hour");
  if (length < 7 * DAY) return relative.format(-Math.max(1, Math.round(length / DAY)), "day");
  return day.format(time);
}
