/** Error Comment (0000,0902) is LO (PS3.7 C, PS3.5 6.2). */
const MAX_COMMENT = 64;

/** Text for an Error Comment, cut at the end of a word with `...` when it is too long; its author writes the essential first. */
export function errorComment(text: string): string {
  if (text.length <= MAX_COMMENT) return text;
  const room = MAX_COMMENT - 3;
  const space = text.lastIndexOf(' ', room);
  // A word longer than half of the room is cut itself.
  const kept = text.slice(0, space > room / 2 ? space : room);
  return `${kept.replace(/[ ,;:(]+$/, '')}...`;
}
