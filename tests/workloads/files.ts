/** The files that the scenarios read. @module */
import { output } from "../support/child.ts";
import { COLD, COLD_MB, DATABASE, HOT, HOT_FILE_MB, ROW_BYTES, ROWS } from "./actors.ts";

const MIB = 1 << 20;

const ROWS_SQL = `
create table rows (id integer primary key, content blob);
with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < ${ROWS})
insert into rows select n, randomblob(${ROW_BYTES}) from numbers;`;

async function run(program: string, ...args: readonly string[]): Promise<void> {
  const { code, stderr } = await output(program, ...args);
  if (code !== 0) throw new Error(`Cannot make the files: ${program}: ${stderr}`);
}

async function fill(path: string, megabytes: number): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true });
  const writer = file.writable.getWriter();
  const piece = new Uint8Array(MIB).fill(0x6b);
  for (let index = 0; index < megabytes; index++) await writer.write(piece);
  writer.releaseLock();
  await file.sync();
}

/** Makes the files in a folder; sqlite's only if it is asked for. */
export async function makeFiles(folder: string, withDatabase: boolean): Promise<void> {
  await fill(`${folder}/${HOT}`, HOT_FILE_MB);
  await fill(`${folder}/${COLD}`, COLD_MB);
  if (withDatabase) await run("sqlite3", `${folder}/${DATABASE}`, ROWS_SQL);
}

/** Takes the files out of the page cache, so that it is the target that brings them back. */
export async function evictFiles(folder: string): Promise<void> {
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (!isFile) continue;
    await run(
      "dd",
      `of=${folder}/${name}`,
      "oflag=nocache",
      "conv=notrunc,fdatasync",
      "count=0",
      "status=none",
    );
  }
}
