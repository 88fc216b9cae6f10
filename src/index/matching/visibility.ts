import { condition } from './condition.ts';
import type { Condition } from './condition.ts';
import type { QueryLevel } from './find-query.ts';

const ALL_OF_STUDY = (study: string): string =>
  `EXISTS (SELECT 1 FROM hidden_study hs WHERE hs.study_fk = ${study}.id AND hs.instances >= ${study}.num_instances)`;
const ALL_OF_SERIES = (series: string): string =>
  `EXISTS (SELECT 1 FROM hidden_series hr WHERE hr.series_fk = ${series}.id AND hr.instances >= ${series}.num_instances)`;

/** What has something that regular use sees. */
const VISIBLE: Readonly<Record<QueryLevel, string>> = {
  PATIENT: `EXISTS (SELECT 1 FROM study v WHERE v.patient_fk = p.id AND NOT ${ALL_OF_STUDY('v')})`,
  STUDY: `NOT ${ALL_OF_STUDY('t')}`,
  SERIES: `NOT ${ALL_OF_SERIES('s')}`,
  IMAGE: 'NOT EXISTS (SELECT 1 FROM hidden_instance hi WHERE hi.id = i.id)',
};

/** Leaves out what rejection notes have hidden (IHE IOCM): a study, series or patient of which nothing else is left, too. */
export function visibleCondition(level: QueryLevel): Condition {
  return condition(VISIBLE[level], []);
}

/** Expressions of what is counted or listed of a study, a series or a patient, by keyword, as regular use sees it. */
export const VISIBLE_COLUMNS: Readonly<Record<string, string>> = {
  NumberOfPatientRelatedStudies: `(SELECT count(*) FROM study z WHERE z.patient_fk = p.id AND NOT ${ALL_OF_STUDY('z')})`,
  NumberOfPatientRelatedSeries: `(SELECT count(*) FROM study z JOIN series y ON y.study_fk = z.id WHERE z.patient_fk = p.id AND NOT ${ALL_OF_SERIES('y')})`,
  NumberOfPatientRelatedInstances: `(SELECT COALESCE(sum(z.num_instances - COALESCE(hs.instances, 0)), 0) FROM study z
    LEFT JOIN hidden_study hs ON hs.study_fk = z.id WHERE z.patient_fk = p.id)`,
  NumberOfStudyRelatedSeries: `(t.num_series - (SELECT count(*) FROM hidden_series hr JOIN series y ON y.id = hr.series_fk
    WHERE hr.study_fk = t.id AND hr.instances >= y.num_instances))`,
  NumberOfStudyRelatedInstances:
    '(t.num_instances - COALESCE((SELECT hs.instances FROM hidden_study hs WHERE hs.study_fk = t.id), 0))',
  NumberOfSeriesRelatedInstances:
    '(s.num_instances - COALESCE((SELECT hr.instances FROM hidden_series hr WHERE hr.series_fk = s.id), 0))',
  ModalitiesInStudy: `(SELECT group_concat(m.modality, '\\') FROM study_modality m WHERE m.study_fk = t.id
    AND (NOT EXISTS (SELECT 1 FROM hidden_study hs WHERE hs.study_fk = t.id)
      OR EXISTS (SELECT 1 FROM series y WHERE y.study_fk = t.id AND y.modality = m.modality AND NOT ${ALL_OF_SERIES('y')})))`,
  SOPClassesInStudy: `(SELECT group_concat(k.uid, '\\') FROM study_sop_class w JOIN sop_class k ON k.id = w.sop_class_id WHERE w.study_fk = t.id
    AND (NOT EXISTS (SELECT 1 FROM hidden_study hs WHERE hs.study_fk = t.id)
      OR EXISTS (SELECT 1 FROM series y JOIN instance z ON z.series_fk = y.id WHERE y.study_fk = t.id AND z.sop_class_id = w.sop_class_id
        AND NOT EXISTS (SELECT 1 FROM hidden_instance hi WHERE hi.id = z.id))))`,
};
