package io.dropserver.sandbox.isolation;

import java.util.List;
import java.util.stream.Stream;

/**
 * The system calls that a sandbox may make: what programs need to compute and to handle their own
 * files, threads and Unix sockets. The list is the intersection of Docker's and Flatpak's filters,
 * without calls that a JavaScript runtime does not need. It is an allow-list, so that a call added
 * by a later kernel is refused until it has been reviewed.
 *
 * <p>Excluded on purpose, because each has a history of kernel exploits or gives power over other
 * processes: {@code io_uring_*}, {@code bpf}, {@code perf_event_open}, {@code userfaultfd}, {@code
 * keyctl} and similar calls, {@code ptrace}, {@code process_vm_*}, {@code pidfd_getfd}, {@code
 * kcmp}, {@code mount} and similar calls, {@code unshare}, {@code setns}, {@code chroot}, {@code
 * open_by_handle_at}, {@code name_to_handle_at}, module, swap, clock, quota and reboot calls,
 * System V and POSIX message queues, {@code vmsplice}, {@code splice} and {@code tee} (Dirty Pipe),
 * {@code personality} (disables address randomisation), {@code modify_ldt}, {@code seccomp}, {@code
 * fanotify_*}, {@code mknod}, {@code syslog}.
 *
 * <p>Excluded because the result depends on other sandboxes and so gives them a covert channel:
 * {@code statfs} (free space of the state folder), {@code mincore}, {@code cachestat}, {@code
 * preadv2} with {@code RWF_NOWAIT}, {@code fadvise64} and {@code readahead} (contents of the page
 * cache, and evictions from it), {@code sync} and {@code syncfs} (unwritten data of other
 * sandboxes), {@code futex_wake} and similar calls, which {@link SeccompFilter} restricts for
 * {@code futex}. Deno 2.9.6 uses none of them.
 */
final class AllowedCalls {
  private static final String FILES =
      """
      access chdir chmod chown close close_range copy_file_range creat dup dup2 dup3 faccessat
      faccessat2 fallocate fchdir fchmod fchmodat fchmodat2 fchown fchownat fcntl fdatasync
      fgetxattr flistxattr flock fremovexattr fsetxattr fstat fsync ftruncate futimesat getcwd
      getdents getdents64 getxattr inotify_add_watch inotify_init inotify_init1 inotify_rm_watch
      lchown lgetxattr link linkat listxattr llistxattr lremovexattr lseek lsetxattr lstat memfd_create
      mkdir mkdirat newfstatat open openat openat2 pread64 preadv pwrite64 pwritev
      read readlink readlinkat readv removexattr rename renameat renameat2 rmdir sendfile
      setxattr stat statx symlink symlinkat sync_file_range truncate umask unlink
      unlinkat utime utimensat utimes write writev
      """;

  private static final String MEMORY =
      """
      brk get_mempolicy madvise membarrier mlock mlock2 mlockall mmap mprotect
      mremap msync munlock munlockall munmap pkey_alloc pkey_free pkey_mprotect
      """;

  private static final String PROCESSES =
      """
      arch_prctl capget execve execveat exit exit_group fork get_robust_list getcpu getegid geteuid getgid getgroups getitimer getpgid
      getpgrp getpid getppid getpriority getresgid getresuid getrlimit getrusage getsid gettid getuid
      ioprio_get kill pause pidfd_open pidfd_send_signal prctl prlimit64 restart_syscall rseq
      rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend
      rt_sigtimedwait rt_tgsigqueueinfo sched_get_priority_max sched_get_priority_min
      sched_getaffinity sched_getattr sched_getparam sched_getscheduler sched_rr_get_interval
      sched_setaffinity sched_yield set_robust_list set_tid_address setitimer setpgid setpriority
      setrlimit setsid sigaltstack sysinfo tgkill times tkill uname vfork wait4 waitid
      """;

  private static final String TIME_AND_EVENTS =
      """
      alarm clock_getres clock_gettime clock_nanosleep epoll_create epoll_create1 epoll_ctl
      epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2 getrandom gettimeofday nanosleep pipe pipe2
      poll ppoll pselect6 select signalfd signalfd4 time timer_create timer_delete timer_getoverrun
      timer_gettime timer_settime timerfd_create timerfd_gettime timerfd_settime
      """;

  /**
   * Calls on existing sockets. Creating a socket is restricted by address family, see {@link
   * SeccompFilter}.
   */
  private static final String SOCKETS =
      """
      accept accept4 bind connect getpeername getsockname getsockopt listen recvfrom recvmmsg recvmsg
      sendmmsg sendmsg sendto setsockopt shutdown
      """;

  private AllowedCalls() {}

  /** Names as in syscalls(2), for all architectures. */
  static List<String> names() {
    return Stream.of(FILES, MEMORY, PROCESSES, TIME_AND_EVENTS, SOCKETS)
        .flatMap(group -> Stream.of(group.strip().split("\\s+")))
        .toList();
  }
}
