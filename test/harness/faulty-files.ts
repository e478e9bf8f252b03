import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type FileSystem, type OpenedFile, systemFiles } from '../../src/checkpoint/file-system.ts';

/**
 * What becomes of a system call: it fails with a code; or the process dies before it; or, a write, half-way in it.
 * Undefined: nothing happens to it.
 */
export type Fault = { readonly fail: string } | 'die' | 'die_half_way' | undefined;

/** What a call has changed on disk. */
type Change =
  | { readonly kind: 'create'; readonly name: string; readonly file: number }
  | { readonly kind: 'write'; readonly file: number; readonly position: number; readonly bytes: Buffer }
  | { readonly kind: 'sync'; readonly file: number }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'unlink'; readonly name: string }
  | { readonly kind: 'sync_folder' };

/** The real file system, in one folder, with faults; it remembers what was made durable, for `afterPowerLoss()`. */
export class FaultyFiles implements FileSystem {
  /** All calls so far, such as `write checkpoint.new`. */
  readonly calls: string[] = [];
  /** How many files were synced; a call comes before. */
  syncedFiles = 0;
  readonly #fault: (call: string, index: number) => Fault;
  readonly #changes: Change[] = [];
  readonly #fileIds = new Map<string, number>();
  #isDead = false;

  /** `fault` is asked at each call. */
  constructor(fault: (call: string, index: number) => Fault = () => undefined) {
    this.#fault = fault;
  }

  async open(path: string, flags: number, mode?: number): Promise<OpenedFile> {
    const name = basename(path);
    this.#call(`open ${name}`);
    const opened = await systemFiles.open(path, flags, mode);
    if (!(await opened.stat()).isFile()) return this.#folder(opened, name);
    let file = this.#fileIds.get(name);
    if (file === undefined) {
      file = this.#changes.length;
      this.#fileIds.set(name, file);
      this.#changes.push({ kind: 'create', name, file });
    }
    return this.#file(opened, name, file);
  }

  async rename(from: string, to: string): Promise<void> {
    const names = { from: basename(from), to: basename(to) };
    this.#call(`rename ${names.from} ${names.to}`);
    await systemFiles.rename(from, to);
    this.#changes.push({ kind: 'rename', ...names });
    const file = this.#fileIds.get(names.from);
    this.#fileIds.delete(names.from);
    if (file !== undefined) this.#fileIds.set(names.to, file);
  }

  async unlink(path: string): Promise<void> {
    const name = basename(path);
    this.#call(`unlink ${name}`);
    await systemFiles.unlink(path);
    this.#changes.push({ kind: 'unlink', name });
    this.#fileIds.delete(name);
  }

  /**
   * What the folder may hold after the power went: names as after any number of the changes since its last sync; of
   * each file that was not synced nothing, the half, NULs, or all of it. `before` was durable at the start.
   */
  *afterPowerLoss(before: ReadonlyMap<string, Buffer>): IterableIterator<Map<string, Buffer>> {
    const disk = new Disk(before);
    for (const change of this.#changes) disk.apply(change);
    yield* disk.survivors();
  }

  #file(opened: OpenedFile, name: string, file: number): OpenedFile {
    return {
      read: (buffer, offset, length, position) => {
        this.#call(`read ${name}`);
        return opened.read(buffer, offset, length, position);
      },
      write: async (buffer, offset, length, position) => {
        const isHalf = this.#call(`write ${name}`) === 'die_half_way';
        const part = isHalf ? Math.floor(length / 2) : length;
        const { bytesWritten } = await opened.write(buffer, offset, part, position);
        const bytes = Buffer.from(buffer.subarray(offset, offset + bytesWritten));
        this.#changes.push({ kind: 'write', file, position, bytes });
        if (isHalf) throw new Error('The process has died');
        return { bytesWritten };
      },
      stat: () => opened.stat(),
      sync: async () => {
        this.#call(`sync ${name}`);
        await opened.sync();
        this.#changes.push({ kind: 'sync', file });
        this.syncedFiles++;
      },
      close: async () => {
        // A process that dies closes its files.
        await opened.close();
        this.#call(`close ${name}`);
      },
    };
  }

  #folder(opened: OpenedFile, name: string): OpenedFile {
    const { sync, close, ...rest } = this.#file(opened, name, -1);
    return {
      ...rest,
      close,
      sync: async () => {
        this.#call('sync folder');
        await opened.sync();
        this.#changes.push({ kind: 'sync_folder' });
      },
    };
  }

  #call(call: string): Fault {
    if (this.#isDead) throw new Error('The process has died');
    const fault = this.#fault(call, this.calls.length);
    this.calls.push(call);
    if (fault === undefined) return undefined;
    if (typeof fault === 'object') throw Object.assign(new Error(fault.fail), { code: fault.fail });
    this.#isDead = true;
    if (fault === 'die' || !call.startsWith('write')) throw new Error('The process has died');
    return fault;
  }
}

interface DiskFile {
  durable: Buffer;
  written: Buffer;
}

/** A folder of a disk, and what is on its way to it. */
class Disk {
  readonly #files = new Map<number, DiskFile>();
  #names = new Map<string, number>();
  #pending: Change[] = [];

  constructor(before: ReadonlyMap<string, Buffer>) {
    for (const [name, content] of before) {
      const id = -2 - this.#files.size;
      this.#files.set(id, { durable: content, written: content });
      this.#names.set(name, id);
    }
  }

  apply(change: Change): void {
    switch (change.kind) {
      case 'write': {
        const file = this.#files.get(change.file)!;
        const end = Math.max(file.written.length, change.position + change.bytes.length);
        file.written = Buffer.concat([file.written], end);
        change.bytes.copy(file.written, change.position);
        return;
      }
      case 'sync': {
        const file = this.#files.get(change.file)!;
        file.durable = file.written;
        return;
      }
      case 'sync_folder':
        this.#names = this.#namesAfter(this.#pending.length);
        this.#pending = [];
        return;
      case 'create':
        this.#files.set(change.file, { durable: Buffer.alloc(0), written: Buffer.alloc(0) });
        this.#pending.push(change);
        return;
      default:
        this.#pending.push(change);
    }
  }

  *survivors(): IterableIterator<Map<string, Buffer>> {
    for (let count = 0; count <= this.#pending.length; count++) {
      let folders: [string, Buffer][][] = [[]];
      for (const [name, id] of this.#namesAfter(count)) {
        const contents = contentsOf(this.#files.get(id)!);
        folders = folders.flatMap((folder) =>
          contents.map((content) => [...folder, [name, content] satisfies [string, Buffer]]),
        );
      }
      for (const folder of folders) yield new Map(folder);
    }
  }

  #namesAfter(count: number): Map<string, number> {
    const names = new Map(this.#names);
    for (const change of this.#pending.slice(0, count)) {
      if (change.kind === 'create') names.set(change.name, change.file);
      if (change.kind === 'unlink') names.delete(change.name);
      if (change.kind !== 'rename') continue;
      const id = names.get(change.from);
      names.delete(change.from);
      if (id !== undefined) names.set(change.to, id);
    }
    return names;
  }
}

function contentsOf({ durable, written }: DiskFile): Buffer[] {
  if (durable.equals(written)) return [durable];
  const half = durable.length + Math.floor((written.length - durable.length) / 2);
  const nuls = Buffer.concat([durable], written.length);
  return [durable, written.subarray(0, half), nuls, written];
}

/** A new folder in `parent` with this content. */
export function makeFolderOf(parent: string, name: string, content: ReadonlyMap<string, Buffer>): string {
  const folder = join(parent, name);
  mkdirSync(folder);
  for (const [file, bytes] of content) writeFileSync(join(folder, file), bytes);
  return folder;
}
