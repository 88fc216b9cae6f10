import type { Rule } from './rule.ts';
import { attributesRule } from './rules/attributes-rule.ts';
import { birthDateRule } from './rules/birth-date-rule.ts';
import { certificationRule } from './rules/certification-rule.ts';
import { conflictRule } from './rules/conflict-rule.ts';
import { contentTypeRule } from './rules/content-type-rule.ts';
import { documentsRule } from './rules/documents-rule.ts';
import { examinationCodeRule } from './rules/examination-code-rule.ts';
import { identityRule } from './rules/identity-rule.ts';
import { issuerRule } from './rules/issuer-rule.ts';
import { marksRule } from './rules/marks-rule.ts';
import { mixedModalityRule } from './rules/mixed-modality-rule.ts';
import { modalityRule } from './rules/modality-rule.ts';
import { organisationRule } from './rules/organisation-rule.ts';
import { patientIdRule } from './rules/patient-id-rule.ts';
import { patientMismatchRule } from './rules/patient-mismatch-rule.ts';
import { procedureCodeRule } from './rules/procedure-code-rule.ts';
import { productionStateRule } from './rules/production-state-rule.ts';
import { rebuiltRule } from './rules/rebuilt-rule.ts';
import { sexRule } from './rules/sex-rule.ts';
import { sopClassRule } from './rules/sop-class-rule.ts';
import { testSeriesRule } from './rules/test-series-rule.ts';
import { transferSyntaxRule } from './rules/transfer-syntax-rule.ts';
import { uidRule } from './rules/uid-rule.ts';

/** Everything that is looked at, in the order in which findings are shown: who, what, in which form, and whether it may. */
export const RULES: readonly Rule[] = [
  patientIdRule,
  testSeriesRule,
  issuerRule,
  birthDateRule,
  sexRule,
  patientMismatchRule,
  uidRule,
  examinationCodeRule,
  procedureCodeRule,
  modalityRule,
  attributesRule,
  mixedModalityRule,
  conflictRule,
  marksRule,
  rebuiltRule,
  identityRule,
  sopClassRule,
  transferSyntaxRule,
  documentsRule,
  organisationRule,
  contentTypeRule,
  productionStateRule,
  certificationRule,
];
