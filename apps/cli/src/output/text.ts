/** Text of others on a terminal. */

/** Controls, which could move the cursor or set colours, and marks that turn the direction of writing. Tab and line feed are apart. */
// eslint-disable-next-line no-control-regex -- they are what it is about
const UNPRINTABLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Nothing in it has an effect on a terminal; lines stay lines. */
export const printable = (text: string): string => text.replace(UNPRINTABLE, escaped);

/** The same on one line. */
export const oneLine = (text: string): string => printable(text.replaceAll('\n', ' ').replaceAll('\t', ' '));

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u;
const segmenter = new Intl.Segmenter();

/** Columns that a text takes up on a terminal: two for most of what East Asia writes, and for pictures. */
export function widthOf(text: string): number {
  if (/^[\u0020-\u02ff]*$/.test(text)) return text.length;
  let width = 0;
  for (const { segment } of segmenter.segment(text)) width += WIDE.test(segment) ? 2 : 1;
  return width;
}
