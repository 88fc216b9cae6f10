// A personal identity code (HETU) wherever it stands, with every century sign and whatever its check character is.
const HETU = /(?<![0-9A-Za-z.])\d{6}[-+A-Y]\d{3}[0-9A-Z](?![0-9A-Za-z])/gi;

/** The text without personal identity codes. What this node writes of itself has none; somebody may have typed one into a reason or a name. */
export function withoutIdentityCodes(text: string): string {
  return text.replace(HETU, '(personal identity code)');
}

/**
 * The last `lines` of a log of JSON lines, without what identifies patients, which stands below `patient` and nowhere else. A line that is
 * no JSON object is left out: nobody knows what is in it.
 */
export function logWithoutPatients(log: string, lines: number): { readonly text: string; readonly leftOut: number } {
  const all = log.split('\n').filter((line) => line !== '');
  const kept = all.slice(Math.max(0, all.length - lines)).map(withoutPatient);
  const text = kept.map((line) => (line === undefined ? '' : `${line}\n`)).join('');
  return { text: withoutIdentityCodes(text), leftOut: kept.filter((line) => line === undefined).length };
}

function withoutPatient(line: string): string | undefined {
  try {
    const entry: unknown = JSON.parse(line);
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return undefined;
    const { patient: _, ...rest } = entry as Record<string, unknown>;
    return JSON.stringify(rest);
  } catch {
    return undefined;
  }
}
