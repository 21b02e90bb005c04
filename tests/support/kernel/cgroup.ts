/** Cgroups that tests make. @module */
import { until } from "../until.ts";

/** Removes a cgroup as soon as its last process has left it. */
export async function removeCgroup(path: string): Promise<void> {
  await until(`removal of ${path}`, () => {
    try {
      Deno.removeSync(path);
      return true;
    } catch (error) {
      if ((error as { code?: string }).code === "EBUSY") return false;
      throw error;
    }
  });
}
