// The package has no types of its own.
declare module 'dicom-character-set' {
  /** Decodes text by Specific Character Set with code extensions; throws on terms or escape sequences it does not know. */
  export function convertBytes(specificCharacterSet: string, bytes: Uint8Array, options: { vr: string }): string;
}
