import { execFileSync } from 'node:child_process';

const SCRIPT = `
import json, sys
import pydicom
out = {}
for path in sys.argv[1:]:
    ds = pydicom.dcmread(path, force=True)
    ds.decode()
    out[path] = [
        [elem.tag, '\\\\'.join(map(str, elem.value)) if elem.VM > 1 else str(elem.value)]
        for elem in ds.iterall()
        if elem.VR in ('PN', 'LO', 'SH', 'ST', 'LT', 'UT') and not elem.tag.is_private
    ]
print(json.dumps(out))
`;

/** The standard text elements (tag, value) of each file, nested ones too, as pydicom decodes them. Debian's package serves the system's python3. */
export function textsByPydicom(paths: readonly string[]): Record<string, [number, string][]> {
  const tried: string[] = [];
  for (const python of ['python3', '/usr/bin/python3']) {
    try {
      return JSON.parse(
        execFileSync(python, ['-W', 'ignore', '-c', SCRIPT, ...paths], {
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'pipe'],
        }),
      ) as Record<string, [number, string][]>;
    } catch (error) {
      tried.push(
        `${python}: ${String((error as { stderr?: unknown }).stderr ?? error)
          .trim()
          .split('\n')
          .at(-1)}`,
      );
    }
  }
  throw new Error(`No python3 with pydicom (apt-get install python3-pydicom): ${tried.join('; ')}`);
}
