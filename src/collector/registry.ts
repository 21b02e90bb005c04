/**
 * Modules by name.
 *
 * @module
 */
import type { Module } from "./module.ts";

/**
 * Makes a module.
 *
 * @typeParam Context what all factories of a registry are given
 */
export type ModuleFactory<Context> = (context: Context) => Module;

/** The modules that can be asked for by name. A new module is one more entry. */
export type ModuleRegistry<Context> = Readonly<Record<string, ModuleFactory<Context>>>;

/**
 * Makes the modules that a configuration names, in that order.
 *
 * @param registry the known modules
 * @param names what to make
 * @param context handed to each factory
 * @returns the modules, not started
 * @throws {RangeError} if a name is unknown or is there twice; nothing has been made then
 */
export function createModules<Context>(
  registry: ModuleRegistry<Context>,
  names: readonly string[],
  context: Context,
): Module[] {
  const factories = names.map((name, index) => {
    if (names.indexOf(name) !== index) {
      throw new RangeError(`Cannot create module ${JSON.stringify(name)} twice`);
    }
    return findFactory(registry, name);
  });
  return factories.map((create) => create(context));
}

function findFactory<Context>(registry: ModuleRegistry<Context>, name: string): ModuleFactory<Context> {
  const factory = Object.hasOwn(registry, name) ? registry[name] : undefined;
  if (factory) return factory;
  const known = Object.keys(registry).sort().join(", ");
  throw new RangeError(`Cannot create module ${JSON.stringify(name)}: the known modules are ${known}`);
}
