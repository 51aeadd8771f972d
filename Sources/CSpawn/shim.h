#ifndef PULLCORD_CSPAWN_SHIM_H
#define PULLCORD_CSPAWN_SHIM_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* What posix_spawn(3) cannot do: bounds that hold from the first instruction on, and an end with
   the thread that started it, even if that was killed. Between fork and exec only functions are
   called that are safe there (signal-safety(7)). */

struct pullcord_launch {
    const char *path;
    char *const *arguments;
    char *const *variables;
    const char *folder;
    int input, output, errors;
    /* Bytes of address space; 0 for no bound. */
    uint64_t memory;
};

/* Where a start failed. */
enum pullcord_stage {
    PULLCORD_STAGE_FORK = 1,
    PULLCORD_STAGE_FOLDER = 2,
    PULLCORD_STAGE_PROGRAM = 3
};

static inline void pullcord_fail(int report, int stage) {
    int words[2] = {stage, errno};
    ssize_t written = write(report, words, sizeof words);
    (void)written;
    _exit(127);
}

/* By the system call: sys/resource.h belongs to another module of Swift's. */
static inline void pullcord_bound(int resource, uint64_t most) {
    uint64_t bound[2] = {most, most};
    syscall(SYS_prlimit64, 0, resource, bound, NULL);
}

static inline void pullcord_become(const struct pullcord_launch *start, pid_t parent, int report) {
    sigset_t none;
    int signal_number;

    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
    for (signal_number = 1; signal_number < NSIG; signal_number++)
        signal(signal_number, SIG_DFL);
    dup2(start->input, 0);
    dup2(start->output, 1);
    dup2(start->errors, 2);
    /* All others close with exec; Linux has this since 5.11. */
    if (syscall(SYS_close_range, 3, ~0U, 4U) != 0) {
        int descriptor;
        for (descriptor = 3; descriptor < 65536; descriptor++)
            fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    }
    pullcord_bound(4 /* RLIMIT_CORE */, 0);
    if (start->memory > 0) pullcord_bound(9 /* RLIMIT_AS */, start->memory);
    if (chdir(start->folder) != 0) pullcord_fail(report, PULLCORD_STAGE_FOLDER);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(start->path, start->arguments, start->variables);
    pullcord_fail(report, PULLCORD_STAGE_PROGRAM);
}

/* Starts a program as the leader of a process group of its own; -1 with stage and errno in
   `failure` if it could not. All descriptors have to be above 2. */
static inline pid_t pullcord_start(const struct pullcord_launch *start, int failure[2]) {
    int report[2];
    sigset_t all, before;
    pid_t parent = getpid(), child;
    ssize_t count;

    failure[0] = PULLCORD_STAGE_FORK;
    if (pipe2(report, O_CLOEXEC) != 0) {
        failure[1] = errno;
        return -1;
    }
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    child = fork();
    if (child == 0) {
        close(report[0]);
        pullcord_become(start, parent, report[1]);
    }
    failure[1] = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(report[1]);
    if (child < 0) {
        close(report[0]);
        return -1;
    }
    do count = read(report[0], failure, 2 * sizeof(int));
    while (count < 0 && errno == EINTR);
    close(report[0]);
    if (count == 0) return child;
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {}
    return -1;
}

static inline int pullcord_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

static inline int pullcord_pidfd(pid_t process) {
    return (int)syscall(SYS_pidfd_open, process, 0U);
}

/* Kills the very process that the descriptor was opened for, whatever became of its number. */
static inline int pullcord_pidfd_kill(int descriptor) {
    return (int)syscall(SYS_pidfd_send_signal, descriptor, SIGKILL, NULL, 0U);
}

static inline int pullcord_exited(int status) { return WIFEXITED(status); }
static inline int pullcord_status(int status) { return WEXITSTATUS(status); }
static inline int pullcord_signal(int status) { return WIFSIGNALED(status) ? WTERMSIG(status) : 0; }

#endif
