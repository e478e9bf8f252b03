/** Any name of a month or day: the stage `timestamp` knows which there are. */
export const TIME_NAME = '[A-Z][a-z]+';

const FRACTION = /(?<=:\d\d|^\d{10})([.,])\d+/;
const ZONE = /(?<=:\d\d(?:[.,]\d+)?)( ?)[+-]\d\d(:?)\d\d$/;

/**
 * An expression for times that look like this one, as the stage `regex` takes it: with as many digits in each number,
 * but for a fraction, which may have any, and a zone, which may be another.
 */
export function timeExpressionOf(time: string): string {
  const zone = ZONE.exec(time);
  const local = zone === null ? time : time.slice(0, zone.index);
  const fraction = FRACTION.exec(local);
  const [before, behind] =
    fraction === null
      ? [local, '']
      : [local.slice(0, fraction.index), local.slice(fraction.index + fraction[0].length)];
  const fractionExpression = fraction === null ? '' : fraction[1] === '.' ? '\\.\\d+' : ',\\d+';
  const zoneExpression = zone === null ? '' : `${zone[1]}[+-]\\d\\d${zone[2]}\\d\\d`;
  return `${digitsAndNames(before)}${fractionExpression}${digitsAndNames(behind)}${zoneExpression}`;
}

function digitsAndNames(text: string): string {
  return text.replace(/\d+|[A-Z][a-z]{2,}|[.*+?^${}()|[\]\\]/g, (piece) => {
    if (/^\d/.test(piece)) return piece.length < 3 ? '\\d'.repeat(piece.length) : `\\d{${piece.length}}`;
    return /^[A-Z]/.test(piece) ? TIME_NAME : `\\${piece}`;
  });
}
