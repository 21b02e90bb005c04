/** Names of BPF objects. @module */

/** BPF_OBJ_NAME_LEN without the NUL. Source: include/uapi/linux/bpf.h. */
const MAX_NAME = 15;

/** A name as the kernel accepts it: at most 15 letters, digits, `_` and `.` (`bpf_obj_name_cpy()`). */
export function kernelName(name: string): string {
  return name.replace(/[^A-Za-z0-9_.]/g, "_").slice(0, MAX_NAME);
}
