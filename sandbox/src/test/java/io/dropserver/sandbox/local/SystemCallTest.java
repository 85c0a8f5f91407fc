package io.dropserver.sandbox.local;

import static io.dropserver.sandbox.local.TestHost.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dropserver.sandbox.deno.DenoLayer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Makes system calls through Deno's foreign function interface, with Deno's own layer off. */
@Timeout(60)
class SystemCallTest {
  private static final String PROBE =
      """
      const libc = Deno.dlopen('libc.so.6', {
        syscall: { parameters: ['i64', 'i64', 'i64', 'i64', 'i64'], result: 'i64' },
        __errno_location: { parameters: [], result: 'pointer' },
      });
      // Deno can make a system call of its own before errno is read, so one reading is not reliable.
      function error(number: number, ...args: number[]): number {
        const readings = Array.from({ length: 5 }, () => errno(number, ...args));
        return readings.includes(38) ? 38 : readings[0];
      }
      function errno(number: number, ...args: number[]): number {
        const padded = [...args, 0, 0, 0, 0].slice(0, 4).map(BigInt) as [bigint, bigint, bigint, bigint];
        const result = libc.symbols.syscall(BigInt(number), ...padded);
        if (result !== -1n) return 0;
        return new Deno.UnsafePointerView(libc.symbols.__errno_location()!).getInt32();
      }
      const calls: Record<string, number[]> = {
        mount: [165], umount: [166], pivot_root: [155], chroot: [161], fsopen: [430], open_tree: [428],
        move_mount: [429], ptrace: [101], process_vm_readv: [310], pidfd_getfd: [438], kcmp: [312],
        bpf: [321], perf_event_open: [298], userfaultfd: [323], io_uring_setup: [425], keyctl: [250],
        add_key: [248], request_key: [249], unshare: [272, 0x10000000], setns: [308], clone3: [435],
        clone_newuser: [56, 0x10000011], clone_newnet: [56, 0x40000011], clone_newns: [56, 0x20011],
        open_by_handle_at: [304], name_to_handle_at: [303], init_module: [175], kexec_load: [246],
        personality: [135], modify_ldt: [154], mknod: [133], splice: [275], vmsplice: [278],
        shmget: [29], msgget: [68], semget: [64], mq_open: [240], sethostname: [170], swapon: [167],
        settimeofday: [164], reboot: [169], seccomp: [317], fanotify_init: [300], quotactl: [179],
        socket_netlink: [41, 16, 3, 0], socket_packet: [41, 17, 3, 0], socket_vsock: [41, 40, 1, 0],
        socket_alg: [41, 38, 5, 0], socket_bluetooth: [41, 31, 3, 0], ioctl_tiocsti: [16, 0, 0x5412],
        ioctl_tioclinux: [16, 0, 0x541c], later_call: [480],
        statfs: [137], fstatfs: [138], mincore: [27], cachestat: [451], preadv2: [327], pwritev2: [328],
        fadvise64: [221], readahead: [187], sync: [162], syncfs: [306], futex_waitv: [449],
        futex_wake: [454], futex_wait: [455], futex_requeue: [456], shared_futex_wake: [202, 0, 1],
        shared_futex_requeue: [202, 0, 3], shared_futex_wake_bitset: [202, 0, 10],
        sched_setparam: [142], sched_setscheduler: [144], sched_setattr: [314],
        socket_inet: [41, 2, 1, 0], socket_inet6: [41, 10, 1, 0], socket_raw: [41, 2, 3, 1],
        socket_unix: [41, 1, 1, 0], getpid: [39],
      };
      const errors = Object.entries(calls).map(([name, [number, ...args]]) => `${name}=${error(number, ...args)}`);
      export default { fetch: () => new Response(errors.join('\\n')) };
      """;

  @TempDir private Path folder;

  @Test
  void onlyTheAllowedCallsReachTheKernel() throws Exception {
    assumeTrue(System.getProperty("os.arch").equals("amd64"), "the numbers are those of x86-64");
    try (TestHost test = new TestHost(folder, DenoLayer.OFF)) {
      String response = get(test.host.start(test.spec(PROBE)));
      assertThat(response.lines())
          .contains("socket_unix=0", "getpid=0")
          .contains("socket_inet=97", "socket_inet6=97", "socket_raw=97");
      // ENOSYS comes from the filter. The kernel itself would return EPERM, EINVAL, EBADF, …
      assertThat(
              response
                  .lines()
                  .filter(
                      line ->
                          !line.startsWith("socket_unix")
                              && !line.startsWith("getpid")
                              && !line.startsWith("socket_inet")
                              && !line.startsWith("socket_raw")))
          .hasSizeGreaterThan(45)
          .allMatch(line -> line.endsWith("=38"));
    }
  }
}
