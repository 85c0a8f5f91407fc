package io.dropserver.sandbox.isolation;

import io.dropserver.base.linux.Errno;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.linux.LibSeccomp;
import java.nio.file.Path;
import java.util.List;

/**
 * The system call filter of every sandbox. libseccomp compiles it once into a file that bubblewrap
 * loads. Calls of a foreign architecture (32 bit, x32) kill the process, because their numbers
 * denote other calls.
 */
public final class SeccompFilter {
  static final long AF_UNIX = 1;
  private static final long AF_INET = 2;
  private static final long AF_INET6 = 10;

  /**
   * The flags of sched.h that create namespaces: CLONE_NEWTIME, NEWNS, NEWCGROUP, NEWUTS, NEWIPC,
   * NEWUSER, NEWPID, NEWNET.
   */
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
   * TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, TCGETS2, FIONCLEX, FIOCLEX: query whether an output is a
   * terminal, and make a descriptor non-blocking. Requests that type into a terminal (TIOCSTI,
   * TIOCLINUX) or control a device are not in the list.
   */
  static final List<Long> TERMINAL_AND_DESCRIPTOR_REQUESTS =
      List.of(0x5401L, 0x5413L, 0x541bL, 0x5421L, 0x802c542aL, 0x5450L, 0x5451L);

  /** The kernel uses only the lower half of the argument (CVE-2023-1523). */
  static final long LOWER_HALF = 0xffffffffL;

  /** linux/futex.h. */
  private static final long FUTEX_WAIT = 0;

  private static final long FUTEX_WAIT_BITSET = 9;
  private static final long FUTEX_PRIVATE = 128;
  private static final long FUTEX_CLOCK_REALTIME = 256;

  private SeccompFilter() {}

  /**
   * Compiles the filter and writes it to a file. Sandboxes get no TCP sockets.
   *
   * @param target see {@link #writeTo(Path, boolean)}
   * @throws SandboxException reason {@code IsolationUnavailable} without libseccomp
   */
  public static void writeTo(Path target) {
    writeTo(target, false);
  }

  /**
   * Compiles the filter and writes it to a file.
   *
   * @param tcp whether sandboxes may create TCP sockets, which reach only the loopback interface of
   *     their own network namespace; for debugging only
   * @param target created or replaced; readable by the owner only
   * @throws SandboxException reason {@code IsolationUnavailable} without libseccomp
   */
  public static void writeTo(Path target, boolean tcp) {
    // ENOSYS, not EPERM: programs then use the older call, as they would on an older kernel.
    try (LibSeccomp seccomp = new LibSeccomp(LibSeccomp.errno(Errno.ENOSYS))) {
      AllowedCalls.names().forEach(seccomp::allow);
      sockets(seccomp, tcp);
      requests(seccomp);
      clone(seccomp);
      futexes(seccomp);
      seccomp.export(target);
    }
  }

  /**
   * Sandboxes communicate only over Unix sockets. The network namespace is empty, but netlink,
   * packet, vsock, alg and rarely used families expose kernel code to every process, and vsock
   * ignores namespaces.
   */
  private static void sockets(LibSeccomp seccomp, boolean tcp) {
    seccomp.allowIf("socket", LibSeccomp.equal(0, AF_UNIX));
    seccomp.allowIf("socketpair", LibSeccomp.equal(0, AF_UNIX));
    // Frameworks probe for a network, and handle EAFNOSUPPORT.
    if (tcp) {
      seccomp.allowIf("socket", LibSeccomp.equal(0, AF_INET));
    } else {
      seccomp.refuseIf("socket", Errno.EAFNOSUPPORT, LibSeccomp.equal(0, AF_INET));
    }
    seccomp.refuseIf("socket", Errno.EAFNOSUPPORT, LibSeccomp.equal(0, AF_INET6));
  }

  private static void requests(LibSeccomp seccomp) {
    for (long request : TERMINAL_AND_DESCRIPTOR_REQUESTS) {
      seccomp.allowIf("ioctl", LibSeccomp.maskedEqual(1, LOWER_HALF, request));
    }
  }

  /**
   * Restricts futex calls. A futex in a file's page is shared by all processes that map the page,
   * even if they opened the file through different mounts: one sandbox woke another on a page of
   * Deno's own executable. So only waits may involve other processes. pthread_join(3) needs such a
   * wait, and the kernel ends it when the thread exits.
   */
  private static void futexes(LibSeccomp seccomp) {
    seccomp.allowIf("futex", LibSeccomp.maskedEqual(1, FUTEX_PRIVATE, FUTEX_PRIVATE));
    for (long wait : List.of(FUTEX_WAIT, FUTEX_WAIT_BITSET)) {
      long mask = LOWER_HALF & ~FUTEX_CLOCK_REALTIME;
      seccomp.allowIf("futex", LibSeccomp.maskedEqual(1, mask, wait));
    }
  }

  /**
   * Refuses new namespaces. clone3(2) is refused completely: its flags are in memory, which a
   * filter cannot read, and the C library falls back to clone.
   */
  private static void clone(LibSeccomp seccomp) {
    seccomp.allowIf("clone", LibSeccomp.maskedEqual(0, NEW_NAMESPACES, 0));
  }
}
