/** Divides what the disks in use want as the alignment of a write past the page cache (512 or 4096 bytes). */
export const PAGE_BYTES = 4096;

const WASM_PAGE_BYTES = 64 * 1024;

/** What is used of it; Node's types leave it to those of browsers. */
declare const WebAssembly: {
  Memory: new (size: { initial: number; maximum: number; shared: true }) => { readonly buffer: SharedArrayBuffer };
};

const pageMemories = new WeakSet<ArrayBufferLike>();

/**
 * Memory that begins at a page boundary and that threads share. Node promises that of no buffer; memory of WebAssembly is mapped by itself, in units of 64 KiB.
 * Where the address space has no room for another one it is memory like any other.
 */
export function pageMemory(bytes: number): SharedArrayBuffer {
  try {
    const pages = Math.ceil(bytes / WASM_PAGE_BYTES);
    const { buffer } = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    pageMemories.add(buffer);
    return buffer;
  } catch {
    return new SharedArrayBuffer(bytes);
  }
}

/** Whether a view lies in memory of `pageMemory` and begins at a page boundary. */
export function beginsPage(view: Buffer): boolean {
  return view.byteOffset % PAGE_BYTES === 0 && pageMemories.has(view.buffer);
}
