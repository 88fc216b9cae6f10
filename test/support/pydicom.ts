import { runProcess } from './run-process.ts';

/** What pydicom, an independent reader, makes of a data set. */
export interface PydicomView {
  readonly charset: readonly string[];
  readonly studyInstanceUid: string;
  readonly patientId: string;
  readonly patientName: string;
}

const SCRIPT = `
import json, sys, warnings
warnings.simplefilter('ignore')
import pydicom
out = []
for path in sys.argv[1:]:
    ds = pydicom.dcmread(path, force=True)
    charset = ds.get('SpecificCharacterSet') or ''
    out.append({
        'charset': [charset] if isinstance(charset, str) else list(charset),
        'studyInstanceUid': str(ds.get('StudyInstanceUID', '')),
        'patientId': str(ds.get('PatientID', '')),
        'patientName': str(ds.get('PatientName', '')),
    })
print(json.dumps(out))
`;

/** Reads files with the system's pydicom, which another python on the path may not have. */
export async function readWithPydicom(paths: readonly string[]): Promise<PydicomView[]> {
  for (const python of ['/usr/bin/python3', 'python3']) {
    const result = await runProcess(python, ['-c', SCRIPT, ...paths]);
    if (result.code === 0) return JSON.parse(result.stdout) as PydicomView[];
  }
  throw new Error('no python3 with pydicom: apt-get install python3-pydicom');
}
