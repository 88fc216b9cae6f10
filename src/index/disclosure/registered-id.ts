/** A Patient ID as the registers of will and care keep it: in capitals, without padding. */
export function registeredId(patientId: string): string {
  return patientId.trim().toUpperCase();
}
