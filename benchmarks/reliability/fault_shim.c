/* Faults at chosen file operations, for a process that is started with this library in LD_PRELOAD.
 *
 * Operations that change something below a folder are counted: opening for writing, writing, renaming, unlinking,
 * making and removing folders, truncating, reserving space, flushing. At the chosen one the process is killed, killed
 * in the middle of a write, or told from then on that the disk is full. Without `fault_arm`, a disk is full below the
 * folder HYPSEG_FULL_BELOW for as long as the file HYPSEG_FULL_WHILE exists, in child processes too. That file comes
 * into being with the first operation on a path that holds the text in the file HYPSEG_FULL_WHILE.from, if there is one.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { COUNT, KILL, TEAR, FULL };

static char folder[PATH_MAX];
static atomic_long seen;
static long chosen;
static int mode = COUNT;
static int armed;
static char full_while[PATH_MAX];

__attribute__((constructor)) static void read_environment(void) {
    const char *below = getenv("HYPSEG_FULL_BELOW"), *flag = getenv("HYPSEG_FULL_WHILE");
    if (!below || !flag) return;
    snprintf(folder, sizeof folder, "%s", below);
    snprintf(full_while, sizeof full_while, "%s", flag);
    armed = 1;
}

void fault_arm(const char *where, long at, int how) {
    snprintf(folder, sizeof folder, "%s", where);
    atomic_store(&seen, 0);
    chosen = at;
    mode = how;
    armed = 1;
}

long fault_count(void) { return atomic_load(&seen); }

/* Whether a path lies below the folder; the disk becomes full here if this is the path that was waited for. */
static int within(const char *path) {
    char name[PATH_MAX + 8], text[256];
    if (strncmp(path, folder, strlen(folder)) != 0) return 0;
    if (!full_while[0]) return 1;
    snprintf(name, sizeof name, "%s.from", full_while);
    long handle = syscall(SYS_openat, AT_FDCWD, name, O_RDONLY | O_CLOEXEC, 0);
    if (handle < 0) return 1;
    ssize_t n = read((int)handle, text, sizeof text - 1);
    close((int)handle);
    text[n > 0 ? n : 0] = 0;
    if (text[0] && strstr(path + strlen(folder), text)) {
        handle = syscall(SYS_openat, AT_FDCWD, full_while, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
        if (handle >= 0) close((int)handle);
    }
    return 1;
}

static int below(int directory, const char *path) {
    char full[2 * PATH_MAX];
    if (!armed || !path) return 0;
    if (path[0] == '/') return within(path);
    char link[64], base[PATH_MAX];
    if (directory == AT_FDCWD) {
        if (!getcwd(base, sizeof base)) return 0;
    } else {
        snprintf(link, sizeof link, "/proc/self/fd/%d", directory);
        ssize_t n = readlink(link, base, sizeof base - 1);
        if (n < 0) return 0;
        base[n] = 0;
    }
    snprintf(full, sizeof full, "%s/%s", base, path);
    return within(full);
}

static int handle_below(int handle) {
    char link[64], path[PATH_MAX];
    if (!armed) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", handle);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n < 0) return 0;
    path[n] = 0;
    return within(path);
}

/* 0: go on; 1: this operation is to fail because the disk is full; 2: this write is to be torn. */
static int meet(int needs_room) {
    long now = atomic_fetch_add(&seen, 1) + 1;
    if (mode == KILL && now == chosen) kill(getpid(), SIGKILL);
    if (mode == TEAR && now == chosen) return 2;
    if (needs_room && full_while[0] && access(full_while, F_OK) == 0) { errno = ENOSPC; return 1; }
    if (mode == FULL && now >= chosen && needs_room) { errno = ENOSPC; return 1; }
    return 0;
}

#define NEXT(name) static __typeof__(&name) next; if (!next) next = (__typeof__(&name))dlsym(RTLD_NEXT, #name)
#define CHANGES(flags) ((flags) & (O_CREAT | O_WRONLY | O_RDWR | O_TRUNC))
#define STEP(condition, room) if (condition) { int met = meet(room); if (met == 1) return -1; if (met == 2) kill(getpid(), SIGKILL); }

#define OPENING(name)                                                                       \
    int name(const char *path, int flags, ...) {                                            \
        NEXT(name);                                                                         \
        va_list rest; va_start(rest, flags); mode_t bits = va_arg(rest, mode_t); va_end(rest); \
        STEP(CHANGES(flags) && below(AT_FDCWD, path), flags & O_CREAT)                      \
        return next(path, flags, bits);                                                     \
    }
OPENING(open)
OPENING(open64)

#define OPENING_AT(name)                                                                    \
    int name(int directory, const char *path, int flags, ...) {                             \
        NEXT(name);                                                                         \
        va_list rest; va_start(rest, flags); mode_t bits = va_arg(rest, mode_t); va_end(rest); \
        STEP(CHANGES(flags) && below(directory, path), flags & O_CREAT)                     \
        return next(directory, path, flags, bits);                                          \
    }
OPENING_AT(openat)
OPENING_AT(openat64)

int rename(const char *from, const char *to) { NEXT(rename); STEP(below(AT_FDCWD, to), 0) return next(from, to); }
int renameat(int a, const char *from, int b, const char *to) { NEXT(renameat); STEP(below(b, to), 0) return next(a, from, b, to); }
int renameat2(int a, const char *from, int b, const char *to, unsigned flags) { NEXT(renameat2); STEP(below(b, to), 0) return next(a, from, b, to, flags); }
int unlink(const char *path) { NEXT(unlink); STEP(below(AT_FDCWD, path), 0) return next(path); }
int unlinkat(int directory, const char *path, int flags) { NEXT(unlinkat); STEP(below(directory, path), 0) return next(directory, path, flags); }
int rmdir(const char *path) { NEXT(rmdir); STEP(below(AT_FDCWD, path), 0) return next(path); }
int mkdir(const char *path, mode_t bits) { NEXT(mkdir); STEP(below(AT_FDCWD, path), 1) return next(path, bits); }
int mkdirat(int directory, const char *path, mode_t bits) { NEXT(mkdirat); STEP(below(directory, path), 1) return next(directory, path, bits); }
int link(const char *from, const char *to) { NEXT(link); STEP(below(AT_FDCWD, to), 1) return next(from, to); }
int symlink(const char *from, const char *to) { NEXT(symlink); STEP(below(AT_FDCWD, to), 1) return next(from, to); }
int fsync(int handle) { NEXT(fsync); STEP(handle_below(handle), 0) return next(handle); }
int fdatasync(int handle) { NEXT(fdatasync); STEP(handle_below(handle), 0) return next(handle); }
int ftruncate(int handle, off_t size) { NEXT(ftruncate); STEP(handle_below(handle), 0) return next(handle, size); }
int ftruncate64(int handle, off64_t size) { NEXT(ftruncate64); STEP(handle_below(handle), 0) return next(handle, size); }

int posix_fallocate(int handle, off_t start, off_t size) {
    NEXT(posix_fallocate);
    if (handle_below(handle) && meet(1) == 1) return ENOSPC;
    return next(handle, start, size);
}
int posix_fallocate64(int handle, off64_t start, off64_t size) {
    NEXT(posix_fallocate64);
    if (handle_below(handle) && meet(1) == 1) return ENOSPC;
    return next(handle, start, size);
}

ssize_t write(int handle, const void *bytes, size_t count) {
    NEXT(write);
    if (handle_below(handle)) {
        int met = meet(1);
        if (met == 1) return -1;
        if (met == 2) { next(handle, bytes, count / 2); kill(getpid(), SIGKILL); }
    }
    return next(handle, bytes, count);
}
ssize_t writev(int handle, const struct iovec *parts, int count) { NEXT(writev); STEP(handle_below(handle), 1) return next(handle, parts, count); }
ssize_t pwrite(int handle, const void *bytes, size_t count, off_t at) { NEXT(pwrite); STEP(handle_below(handle), 1) return next(handle, bytes, count, at); }
ssize_t pwrite64(int handle, const void *bytes, size_t count, off64_t at) { NEXT(pwrite64); STEP(handle_below(handle), 1) return next(handle, bytes, count, at); }
ssize_t sendfile(int out, int in, off_t *at, size_t count) { NEXT(sendfile); STEP(handle_below(out), 1) return next(out, in, at, count); }
ssize_t sendfile64(int out, int in, off64_t *at, size_t count) { NEXT(sendfile64); STEP(handle_below(out), 1) return next(out, in, at, count); }
