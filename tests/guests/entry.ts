/**
 * The test files that `KTM_TESTS` names, by their paths in the project, in one isolate.
 *
 * @module
 */
for (const path of Deno.env.get("KTM_TESTS")?.split(" ") ?? []) await import(`../../${path}`);
