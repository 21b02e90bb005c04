/**
 * The one place that opens libc. Every symbol is listed with its C prototype; nothing outside this
 * folder sees a symbol or a raw address.
 *
 * The library is opened by absolute path, so that `--allow-ffi` can be scoped to that file. Under a
 * path-scoped permission `Deno.UnsafePointer` is forbidden: buffers are passed as `buffer`
 * parameters, and addresses travel as integers (see `memory.ts`).
 *
 * @module
 */

/** Where glibc lives: Debian's multi-arch folders, then the layout of Fedora, RHEL and SUSE. */
const LIBC_PATHS = {
  x86_64: ["/lib/x86_64-linux-gnu/libc.so.6", "/lib64/libc.so.6"],
  aarch64: ["/lib/aarch64-linux-gnu/libc.so.6", "/lib64/libc.so.6"],
} as const;

/** What is called of libc. */
const SYMBOLS = {
  // int *__errno_location(void);
  __errno_location: { parameters: [], result: "usize" },
  // int __xpg_strerror_r(int errnum, char buf[], size_t buflen);
  __xpg_strerror_r: { parameters: ["i32", "buffer", "usize"], result: "i32" },
  // void *memcpy(void dest[], const void src[], size_t n);  in the directions that are needed
  address_of: { name: "memcpy", parameters: ["buffer", "buffer", "usize"], result: "usize" },
  read_memory: { name: "memcpy", parameters: ["buffer", "usize", "usize"], result: "usize" },
  write_memory: { name: "memcpy", parameters: ["usize", "buffer", "usize"], result: "usize" },
  // int open(const char *path, int flags, mode_t mode);
  open: { parameters: ["buffer", "i32", "u32"], result: "i32" },
  // int close(int fd);
  close: { parameters: ["i32"], result: "i32" },
  // ssize_t readlink(const char *path, char buf[], size_t bufsiz);
  readlink: { parameters: ["buffer", "buffer", "usize"], result: "isize" },
  // void *mmap(void *addr, size_t length, int prot, int flags, int fd, off_t offset);
  mmap: { parameters: ["usize", "usize", "i32", "i32", "i32", "i64"], result: "isize" },
  // int munmap(void *addr, size_t length);
  munmap: { parameters: ["usize", "usize"], result: "i32" },
  // int getpagesize(void);
  getpagesize: { parameters: [], result: "i32" },
  // int madvise(void *addr, size_t length, int advice);
  madvise: { parameters: ["usize", "usize", "i32"], result: "i32" },
  // int malloc_trim(size_t pad);
  malloc_trim: { parameters: ["usize"], result: "i32" },
  // int ioctl(int fd, unsigned long request, int argument);
  ioctl: { parameters: ["i32", "usize", "i32"], result: "i32" },
  // int capget(cap_user_header_t header, cap_user_data_t data);
  capget: { parameters: ["buffer", "buffer"], result: "i32" },
  // int uname(struct utsname *buf);
  uname: { parameters: ["buffer"], result: "i32" },
  // long syscall(long number, ...);  once for each argument list that is needed
  syscall_bpf: { name: "syscall", parameters: ["i32", "i32", "buffer", "u32"], result: "isize" },
  syscall_perf_event_open: {
    name: "syscall",
    parameters: ["i32", "buffer", "i32", "i32", "i32", "u64"],
    result: "isize",
  },
  syscall_statx: {
    name: "syscall",
    parameters: ["i32", "i32", "buffer", "i32", "u32", "buffer"],
    result: "isize",
  },
  // read() and getdents64(), which have the same arguments
  syscall_read: { name: "syscall", parameters: ["i32", "i32", "buffer", "u32"], result: "isize" },
  syscall_pidfd_open: { name: "syscall", parameters: ["i32", "i32", "u32"], result: "isize" },
  // int poll(struct pollfd fds[], nfds_t nfds, int timeout);
  poll: { parameters: ["buffer", "usize", "i32"], result: "i32" },
  // the same in a separate thread
  poll_elsewhere: { name: "poll", parameters: ["buffer", "usize", "i32"], result: "i32", nonblocking: true },
  // int eventfd(unsigned int initval, int flags);
  eventfd: { parameters: ["u32", "i32"], result: "i32" },
  // unsigned int if_nametoindex(const char *ifname);
  if_nametoindex: { parameters: ["buffer"], result: "u32" },
  // ssize_t pread(int fd, void buf[], size_t count, off_t offset);
  pread: { parameters: ["i32", "buffer", "usize", "i64"], result: "isize" },
  // ssize_t pwrite(int fd, const void buf[], size_t count, off_t offset);
  pwrite: { parameters: ["i32", "buffer", "usize", "i64"], result: "isize" },
  // int flock(int fd, int op);
  flock: { parameters: ["i32", "i32"], result: "i32" },
  // int ftruncate(int fd, off_t length);
  ftruncate: { parameters: ["i32", "i64"], result: "i32" },
  // int fallocate(int fd, int mode, off_t offset, off_t size);
  fallocate: { parameters: ["i32", "i32", "i64", "i64"], result: "i32" },
  // ssize_t write(int fd, const void buf[], size_t count);
  write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  // the same in a separate thread
  write_elsewhere: {
    name: "write",
    parameters: ["i32", "buffer", "usize"],
    result: "isize",
    nonblocking: true,
  },
  // int posix_fadvise(int fd, off_t offset, off_t size, int advice);  returns the error, sets no errno
  posix_fadvise: { parameters: ["i32", "i64", "i64", "i32"], result: "i32" },
  // int statfs(const char *path, struct statfs *buf);
  statfs: { parameters: ["buffer", "buffer"], result: "i32" },
  // int mkdir(const char *path, mode_t mode);
  mkdir: { parameters: ["buffer", "u32"], result: "i32" },
  // int rmdir(const char *path);
  rmdir: { parameters: ["buffer"], result: "i32" },
  // int unlink(const char *path);
  unlink: { parameters: ["buffer"], result: "i32" },
  // int prctl(int op, const char *name);
  prctl_name: { name: "prctl", parameters: ["i32", "buffer"], result: "i32" },
  // int prctl(int op, unsigned long a, unsigned long b, unsigned long c, unsigned long d);
  prctl: { parameters: ["i32", "usize", "usize", "usize", "usize"], result: "i32" },
  // int capset(cap_user_header_t header, const cap_user_data_t data);
  capset: { parameters: ["buffer", "buffer"], result: "i32" },
  // uid_t geteuid(void);
  geteuid: { parameters: [], result: "u32" },
  // int setresuid(uid_t ruid, uid_t euid, uid_t suid);  of glibc, which has every thread do it
  setresuid: { parameters: ["u32", "u32", "u32"], result: "i32" },
  // the same of the kernel, for the calling thread alone
  syscall_setresuid: { name: "syscall", parameters: ["i32", "u32", "u32", "u32"], result: "isize" },
  syscall_seccomp: { name: "syscall", parameters: ["i32", "u32", "u32", "buffer"], result: "isize" },
  // int getrlimit(int resource, struct rlimit *rlim);
  getrlimit: { parameters: ["i32", "buffer"], result: "i32" },
  syscall_landlock_create_ruleset: {
    name: "syscall",
    parameters: ["i32", "buffer", "usize", "u32"],
    result: "isize",
  },
  syscall_landlock_add_rule: {
    name: "syscall",
    parameters: ["i32", "i32", "i32", "buffer", "u32"],
    result: "isize",
  },
  syscall_landlock_restrict_self: { name: "syscall", parameters: ["i32", "i32", "u32"], result: "isize" },
  // int setrlimit(int resource, const struct rlimit *rlim);
  setrlimit: { parameters: ["i32", "buffer"], result: "i32" },
  // int socket(int domain, int type, int protocol);
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  // ssize_t sendto(int fd, const void buf[], size_t size, int flags, const struct sockaddr *to, socklen_t tolen);
  sendto: { parameters: ["i32", "buffer", "usize", "i32", "buffer", "u32"], result: "isize" },
  // int getsockname(int fd, struct sockaddr *addr, socklen_t *addrlen);
  getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  // int getsockopt(int fd, int level, int name, void value[], socklen_t *size);
  getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
  // int setsockopt(int fd, int level, int name, const void value[], socklen_t size);
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  // sighandler_t signal(int signum, sighandler_t handler);
  signal: { parameters: ["i32", "usize"], result: "usize" },
  // int execv(const char *path, char *const argv[]);
  execv: { parameters: ["buffer", "buffer"], result: "i32" },
  // int pthread_sigmask(int how, const sigset_t *set, sigset_t *oldset);
  pthread_sigmask: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  // int clock_gettime(clockid_t clockid, struct timespec *tp);
  clock_gettime: { parameters: ["i32", "buffer"], result: "i32" },
  // int clock_getres(clockid_t clockid, struct timespec *res);
  clock_getres: { parameters: ["i32", "buffer"], result: "i32" },
  // pid_t getpid(void);
  getpid: { parameters: [], result: "i32" },
  // int kill(pid_t pid, int signal);
  kill: { parameters: ["i32", "i32"], result: "i32" },
  // pid_t waitpid(pid_t pid, int *wstatus, int options);
  waitpid: { parameters: ["i32", "buffer", "i32"], result: "i32" },
  // int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
  //                 const posix_spawnattr_t *attr, char *const argv[], char *const envp[]);
  posix_spawn: {
    parameters: ["buffer", "buffer", "usize", "usize", "buffer", "buffer"],
    result: "i32",
  },
} as const satisfies Deno.ForeignLibraryInterface;

/** The symbols of libc. */
export type Libc = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

let workingPath: string | undefined;

/** Opens libc for some of its symbols. */
function openLibc<S extends Deno.ForeignLibraryInterface>(symbols: S): Deno.DynamicLibrary<S>["symbols"] {
  const paths = LIBC_PATHS[Deno.build.arch as keyof typeof LIBC_PATHS] ?? [];
  const failures: string[] = [];
  for (const path of workingPath === undefined ? paths : [workingPath]) {
    try {
      const library = Deno.dlopen(path, symbols);
      workingPath = path;
      return library.symbols;
    } catch (error) {
      failures.push(`${path}: ${error instanceof Error ? error.message.split("\n")[0] : error}`);
    }
  }
  const tried = failures.length > 0 ? failures.join("; ") : `no known path for ${Deno.build.arch}`;
  throw new Error(
    `Cannot open libc (${tried}): run on glibc with --allow-ffi scoped to one of these paths`,
  );
}

type Name = keyof typeof SYMBOLS;

/**
 * What is called some times in a process, not thousands of times.
 *
 * Deno compiles machine code for each symbol that it opens, which takes a quarter of a millisecond and saves three
 * microseconds a call, but none for a symbol whose result is a structure. By the calling conventions of both
 * architectures a structure of one integer comes back as the integer itself does.
 */
const RARE: ReadonlySet<Name> = new Set<Name>([
  "__errno_location",
  "__xpg_strerror_r",
  "readlink",
  "mmap",
  "munmap",
  "getpagesize",
  "eventfd",
  "if_nametoindex",
  "madvise",
  "malloc_trim",
  "capget",
  "uname",
  "syscall_statx",
  "syscall_pidfd_open",
  "flock",
  "ftruncate",
  "fallocate",
  "statfs",
  "mkdir",
  "rmdir",
  "unlink",
  "prctl_name",
  "prctl",
  "capset",
  "geteuid",
  "setresuid",
  "syscall_setresuid",
  "getrlimit",
  "setrlimit",
  "socket",
  "sendto",
  "getsockname",
  "getsockopt",
  "setsockopt",
  "syscall_seccomp",
  "syscall_landlock_create_ruleset",
  "syscall_landlock_add_rule",
  "syscall_landlock_restrict_self",
  "signal",
  "execv",
  "pthread_sigmask",
  "clock_gettime",
  "clock_getres",
  "getpid",
  "kill",
  "waitpid",
  "posix_spawn",
]);

/** The integer that a structure holds, by its type. */
const INTEGER_OF = {
  i32: (bytes: DataView) => bytes.getInt32(0, true),
  u32: (bytes: DataView) => bytes.getUint32(0, true),
  isize: (bytes: DataView) => bytes.getBigInt64(0, true),
  usize: (bytes: DataView) => bytes.getBigUint64(0, true),
};

type Call<Result> = (...args: unknown[]) => Result;

function openRare(name: Name): Call<number | bigint> {
  const { result } = SYMBOLS[name];
  const symbol = openLibc({ [name]: { ...SYMBOLS[name], result: { struct: [result] } } })[name];
  const call = symbol as unknown as Call<Uint8Array>;
  return (...args) => INTEGER_OF[result](new DataView(call(...args).buffer));
}

/** Opens a symbol for the life of the process, and puts it in its place. */
function open(target: Libc, name: Name): void {
  const value = RARE.has(name) ? openRare(name) : openLibc({ [name]: SYMBOLS[name] })[name];
  Object.defineProperty(target, name, { value });
}

const unopened = new Set(Object.keys(SYMBOLS) as Name[]);

function lazySymbols(): Libc {
  const symbols = {} as Libc;
  for (const name of unopened) {
    const get = () => {
      open(symbols, name);
      unopened.delete(name);
      return symbols[name];
    };
    Object.defineProperty(symbols, name, { configurable: true, get });
  }
  return symbols;
}

const symbols = lazySymbols();

/**
 * libc, each symbol opened when it is first asked for, as opening one takes time.
 */
export function libc(): Libc {
  return symbols;
}

/** libc with every symbol opened, so that nothing is opened later: for tests that watch resources. */
export function wholeLibc(): Libc {
  for (const name of unopened) open(symbols, name);
  unopened.clear();
  return symbols;
}
