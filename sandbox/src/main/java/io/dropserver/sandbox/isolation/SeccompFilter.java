package io.dropserver.sandbox.isolation;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.linux.LibSeccomp;
import io.dropserver.schema.linux.Errno;
import java.nio.file.Path;
import java.util.List;

/**
 * The system call filter of every sandbox, compiled once by libseccomp into a file that bubblewrap
 * loads. Calls of a foreign architecture (32 bit, x32) kill the process: their numbers mean other
 * calls.
 */
public final class SeccompFilter {
  static final long AF_UNIX = 1;
  private static final long AF_INET = 2;
  private static final long AF_INET6 = 10;

  /** sched.h: CLONE_NEWTIME, NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
  static final long NEW_NAMESPACES =
      0x80L
          | 0x20000L
          | 0x2000000L
          | 0x4000000L
          | 0x8000000L
          | 0x10000000L
          | 0x20000000L
          | 0x40000000L;

  /**
   * TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, TCGETS2, FIONCLEX, FIOCLEX: asking whether an output is
   * a terminal, and switching a descriptor to non-blocking. So none that types into one (TIOCSTI,
   * TIOCLINUX) or drives a device.
   */
  static final List<Long> TERMINAL_AND_DESCRIPTOR_REQUESTS =
      List.of(0x5401L, 0x5413L, 0x541bL, 0x5421L, 0x802c542aL, 0x5450L, 0x5451L);

  /** The kernel looks at the lower half of the argument only (CVE-2023-1523). */
  static final long LOWER_HALF = 0xffffffffL;

  /** linux/futex.h. */
  private static final long FUTEX_WAIT = 0;

  private static final long FUTEX_WAIT_BITSET = 9;
  private static final long FUTEX_PRIVATE = 128;
  private static final long FUTEX_CLOCK_REALTIME = 256;

  private SeccompFilter() {}

  /**
   * @param target created or replaced; readable by the owner only
   * @throws SandboxException reason {@code IsolationUnavailable} without libseccomp
   */
  public static void writeTo(Path target) {
    // ENOSYS, not EPERM: programs then use the older call, as they would on an older kernel.
    try (LibSeccomp seccomp = LibSeccomp.create(LibSeccomp.errno(Errno.ENOSYS))) {
      AllowedCalls.names().forEach(seccomp::allow);
      sockets(seccomp);
      requests(seccomp);
      clone(seccomp);
      futexes(seccomp);
      seccomp.export(target);
    }
  }

  /**
   * A sandbox talks over Unix sockets only. The network namespace is empty, but netlink, packet,
   * vsock, alg and the forgotten families are kernel code that anyone may exercise; vsock knows no
   * namespace at all.
   */
  private static void sockets(LibSeccomp seccomp) {
    seccomp.allowIf("socket", LibSeccomp.equal(0, AF_UNIX));
    seccomp.allowIf("socketpair", LibSeccomp.equal(0, AF_UNIX));
    // Frameworks ask whether there is a network; they get a plain answer.
    seccomp.refuseIf("socket", Errno.EAFNOSUPPORT, LibSeccomp.equal(0, AF_INET));
    seccomp.refuseIf("socket", Errno.EAFNOSUPPORT, LibSeccomp.equal(0, AF_INET6));
  }

  private static void requests(LibSeccomp seccomp) {
    for (long request : TERMINAL_AND_DESCRIPTOR_REQUESTS) {
      seccomp.allowIf("ioctl", LibSeccomp.maskedEqual(1, LOWER_HALF, request));
    }
  }

  /**
   * A futex of a file's page is one for all processes that map the page, whatever mount they found
   * the file in: one sandbox woke another on a page of Deno's own program. So only waits may
   * concern other processes: pthread_join(3) makes one, and the kernel ends it when the thread
   * exits.
   */
  private static void futexes(LibSeccomp seccomp) {
    seccomp.allowIf("futex", LibSeccomp.maskedEqual(1, FUTEX_PRIVATE, FUTEX_PRIVATE));
    for (long wait : List.of(FUTEX_WAIT, FUTEX_WAIT_BITSET)) {
      long mask = LOWER_HALF & ~FUTEX_CLOCK_REALTIME;
      seccomp.allowIf("futex", LibSeccomp.maskedEqual(1, mask, wait));
    }
  }

  /**
   * New namespaces are refused. clone3(2) is refused whole: its flags lie in memory, which a filter
   * cannot read, and the C library falls back to clone.
   */
  private static void clone(LibSeccomp seccomp) {
    seccomp.allowIf("clone", LibSeccomp.maskedEqual(0, NEW_NAMESPACES, 0));
  }
}
