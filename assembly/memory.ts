// A bump allocator: an instance of this module serves one object and is dropped whole.

let top: usize = (__heap_base + 7) & ~7;

/** Reserves `size` bytes, aligned to 8; 0 if memory cannot grow. The bytes are zero. */
export function alloc(size: u32): usize {
  const address = top;
  const end = (u64(address) + size + 7) & ~7;
  if (end > u64(u32.MAX_VALUE)) return 0;
  // Eight spare bytes, so that an 8-byte load at the last string stays inside.
  const missing = i64(end) + 8 - (i64(memory.size()) << 16);
  if (missing > 0 && memory.grow(i32((missing + 0xffff) >> 16)) < 0) return 0;
  top = usize(end);
  return address;
}

/** Gives back everything that was reserved from `address` on. */
export function release(address: usize): void {
  memory.fill(address, 0, top - address);
  top = address;
}
