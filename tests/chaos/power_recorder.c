/* Records what a process gives to its disk and to its sockets, in the order in which it happens.

   LD_PRELOAD=... POWER_LOG=file POWER_DIR=folder replydesk run

   A record is { uint32 kind, uint32 path bytes, int64 offset, int64 bytes } and then path and bytes.
   Kinds: 'W' written, 'S' synced (logged when it is done), 'T' truncated to `offset`, 'U' unlinked,
   'N' about to be sent to a socket. One lock holds call and record together. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define LONGEST 4096

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int log_file = -1;
static const char *folder;

struct head {
  uint32_t kind, path_bytes;
  int64_t offset, bytes;
};

__attribute__((constructor)) static void begin(void) {
  const char *name = getenv("POWER_LOG");
  folder = getenv("POWER_DIR");
  if (name && folder) log_file = open(name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

/* The path of an open file below the folder, or of a socket; 0 for everything else. */
static int wanted(int fd, char *path) {
  if (log_file < 0) return 0;
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t found = readlink(link, path, LONGEST - 1);
  if (found < 0) return 0;
  path[found] = 0;
  if (strncmp(path, "socket:", 7) == 0) return 'N';
  return strncmp(path, folder, strlen(folder)) == 0 ? 'W' : 0;
}

static void record(uint32_t kind, const char *path, int64_t offset, const void *data, size_t bytes) {
  struct head head = {kind, strlen(path), offset, bytes};
  struct iovec parts[3] = {
      {&head, sizeof head}, {(void *)path, head.path_bytes}, {(void *)data, bytes}};
  if (writev(log_file, parts, 3) < 0) abort();
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t pwrite64(int fd, const void *data, size_t bytes, off64_t offset) {
  char path[LONGEST];
  if (wanted(fd, path) != 'W') return REAL(pwrite64)(fd, data, bytes, offset);
  pthread_mutex_lock(&lock);
  ssize_t done = REAL(pwrite64)(fd, data, bytes, offset);
  if (done > 0) record('W', path, offset, data, done);
  pthread_mutex_unlock(&lock);
  return done;
}

ssize_t write(int fd, const void *data, size_t bytes) {
  char path[LONGEST];
  int kind = wanted(fd, path);
  if (!kind) return REAL(write)(fd, data, bytes);
  pthread_mutex_lock(&lock);
  if (kind == 'N') record('N', path, 0, data, bytes);
  off64_t offset = kind == 'W' ? lseek64(fd, 0, SEEK_CUR) : 0;
  ssize_t done = REAL(write)(fd, data, bytes);
  if (kind == 'W' && done > 0) record('W', path, offset, data, done);
  pthread_mutex_unlock(&lock);
  return done;
}

ssize_t send(int fd, const void *data, size_t bytes, int flags) {
  char path[LONGEST];
  if (wanted(fd, path) == 'N') {
    pthread_mutex_lock(&lock);
    record('N', path, 0, data, bytes);
    pthread_mutex_unlock(&lock);
  }
  return REAL(send)(fd, data, bytes, flags);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
  char path[LONGEST];
  if (wanted(fd, path) == 'N') {
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < message->msg_iovlen; i++)
      record('N', path, 0, message->msg_iov[i].iov_base, message->msg_iov[i].iov_len);
    pthread_mutex_unlock(&lock);
  }
  return REAL(sendmsg)(fd, message, flags);
}

static int synced(int (*sync)(int), int fd) {
  char path[LONGEST];
  if (wanted(fd, path) != 'W') return sync(fd);
  pthread_mutex_lock(&lock);
  int failed = sync(fd);
  if (!failed) record('S', path, 0, "", 0);
  pthread_mutex_unlock(&lock);
  return failed;
}

int fsync(int fd) { return synced(REAL(fsync), fd); }
int fdatasync(int fd) { return synced(REAL(fdatasync), fd); }

int ftruncate64(int fd, off64_t bytes) {
  char path[LONGEST];
  if (wanted(fd, path) != 'W') return REAL(ftruncate64)(fd, bytes);
  pthread_mutex_lock(&lock);
  int failed = REAL(ftruncate64)(fd, bytes);
  if (!failed) record('T', path, bytes, "", 0);
  pthread_mutex_unlock(&lock);
  return failed;
}

int unlink(const char *path) {
  if (log_file < 0 || strncmp(path, folder, strlen(folder)) != 0) return REAL(unlink)(path);
  pthread_mutex_lock(&lock);
  int failed = REAL(unlink)(path);
  if (!failed) record('U', path, 0, "", 0);
  pthread_mutex_unlock(&lock);
  return failed;
}
