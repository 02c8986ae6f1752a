/* Makes reads, writes and syncs of SQLite's files fail while a switch file says so. Loaded with LD_PRELOAD.
 * The switch file, named by IO_FAULT_SWITCH, holds one word: write, sync, read or full. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int is_database(int fd)
{
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0)
        return 0;
    path[length] = 0;
    return strstr(path, ".sqlite") != NULL;
}

static int is_on(const char *word, int fd)
{
    const char *path = getenv("IO_FAULT_SWITCH");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0)
        return 0;
    static ssize_t (*real_read)(int, void *, size_t);
    if (!real_read)
        real_read = (ssize_t (*)(int, void *, size_t))dlsym(RTLD_NEXT, "read");
    char said[16] = {0};
    ssize_t length = real_read(file, said, sizeof said - 1);
    close(file);
    return length > 0 && strncmp(said, word, strlen(word)) == 0 && is_database(fd);
}

#define NEXT(name, type) \
    static type real; \
    if (!real) \
        real = (type)dlsym(RTLD_NEXT, name)

typedef ssize_t (*pwrite_type)(int, const void *, size_t, off64_t);
typedef ssize_t (*pread_type)(int, void *, size_t, off64_t);
typedef int (*sync_type)(int);

static ssize_t faulty_pwrite(pwrite_type real, int fd, const void *bytes, size_t count, off64_t at)
{
    if (is_on("full", fd)) {
        errno = ENOSPC;
        return -1;
    }
    if (is_on("write", fd)) {
        errno = EIO;
        return -1;
    }
    return real(fd, bytes, count, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at)
{
    NEXT("pwrite64", pwrite_type);
    return faulty_pwrite(real, fd, bytes, count, at);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at)
{
    NEXT("pwrite", pwrite_type);
    return faulty_pwrite(real, fd, bytes, count, at);
}

ssize_t pread64(int fd, void *bytes, size_t count, off64_t at)
{
    NEXT("pread64", pread_type);
    if (is_on("read", fd)) {
        errno = EIO;
        return -1;
    }
    return real(fd, bytes, count, at);
}

ssize_t pread(int fd, void *bytes, size_t count, off_t at)
{
    NEXT("pread", pread_type);
    if (is_on("read", fd)) {
        errno = EIO;
        return -1;
    }
    return real(fd, bytes, count, at);
}

int fsync(int fd)
{
    NEXT("fsync", sync_type);
    if (is_on("sync", fd)) {
        errno = EIO;
        return -1;
    }
    return real(fd);
}

int fdatasync(int fd)
{
    NEXT("fdatasync", sync_type);
    if (is_on("sync", fd)) {
        errno = EIO;
        return -1;
    }
    return real(fd);
}
