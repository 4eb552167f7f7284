/**
 * The date of a cookie's Expires, by the algorithm of RFC 6265 §5.1.1, which reads what servers have
 * ever written.
 *
 * @returns Milliseconds since 1970; `undefined` for what is no date.
 */
export function parseCookieDate(text: string): number | undefined {
  let time: RegExpExecArray | undefined;
  let day: number | undefined;
  let month: number | undefined;
  let year: number | undefined;
  for (const token of text.split(DELIMITERS)) {
    const found = time === undefined ? TIME.exec(token) : null;
    if (found !== null) {
      time = found;
    } else if (day === undefined && DAY.test(token)) {
      day = Number.parseInt(token, 10);
    } else if (month === undefined && isMonth(token)) {
      month = monthOf(token);
    } else if (year === undefined && YEAR.test(token)) {
      year = fullYear(Number.parseInt(token, 10));
    }
  }
  if (time === undefined || day === undefined || month === undefined || year === undefined) {
    return undefined;
  }
  const [hour, minute, second] = time.slice(1).map(Number);
  if (
    hour === undefined ||
    minute === undefined ||
    second === undefined ||
    hour > 23 ||
    minute > 59 ||
    second > 59 ||
    year < 1601
  ) {
    return undefined;
  }
  const date = new Date(Date.UTC(year, month, day, hour, minute, second));
  // A day that the month does not have has become one of the next.
  return date.getUTCDate() === day ? date.getTime() : undefined;
}

const DELIMITERS = /[\x09\x20-\x2f\x3b-\x40\x5b-\x60\x7b-\x7e]+/;
const TIME = /^(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\D|$)/;
const DAY = /^\d{1,2}(?:\D|$)/;
const YEAR = /^\d{2,4}(?:\D|$)/;
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

function isMonth(token: string): boolean {
  return monthOf(token) !== -1;
}

function monthOf(token: string): number {
  return MONTHS.indexOf(token.slice(0, 3).toLowerCase());
}

function fullYear(year: number): number {
  return year < 70 ? year + 2000 : year < 100 ? year + 1900 : year;
}
