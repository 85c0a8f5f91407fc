package io.dropserver.sandbox.isolation;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/**
 * Translates a confinement into the {@code config.json} of the Open Container Initiative
 * (runtime-spec 1.0, config.md). Without side effects.
 */
final class GvisorBundle {
  private static final ObjectMapper JSON = JsonMapper.shared();

  /** The size of a tmpfs that replaces gVisor's default view of devices and kernel settings. */
  private static final long NOTHING_BYTES = 4096;

  private GvisorBundle() {}

  /**
   * @param root an empty host folder, which becomes the root
   */
  static byte[] json(Confinement confinement, List<Bind> libraries, Path root) {
    return JSON.writeValueAsBytes(
        Map.of(
            "ociVersion", "1.0.0",
            "process", process(confinement),
            "root", Map.of("path", root.toString(), "readonly", true),
            "hostname", "dropserver",
            "mounts", mounts(confinement, libraries),
            "linux", Map.of("namespaces", namespaces(), "seccomp", seccomp())));
  }

  private static Map<String, Object> process(Confinement confinement) {
    List<String> environment =
        confinement.environment().entrySet().stream()
            .map(entry -> entry.getKey() + "=" + entry.getValue())
            .toList();
    return Map.of(
        "terminal",
        false,
        // The sandbox's host user has uid 0 inside, without any capability.
        "user",
        Map.of("uid", 0, "gid", 0),
        "capabilities",
        Map.of("bounding", List.of(), "effective", List.of(), "permitted", List.of()),
        "noNewPrivileges",
        true,
        "args",
        confinement.command(),
        "env",
        environment,
        "cwd",
        confinement.workingFolder(),
        "rlimits",
        List.of(Map.of("type", "RLIMIT_CORE", "soft", 0, "hard", 0)));
  }

  private static List<Map<String, Object>> mounts(Confinement confinement, List<Bind> libraries) {
    List<Map<String, Object>> mounts = new ArrayList<>();
    mounts.add(mount("/proc", "proc", "proc", List.of("ro")));
    // Contains gVisor's own devices instead of the host's.
    mounts.add(mount("/dev", "tmpfs", "tmpfs", List.of("ro")));
    mounts.add(mount("/sys", "tmpfs", "tmpfs", List.of("ro", "size=" + NOTHING_BYTES)));
    mounts.add(
        mount("/tmp", "tmpfs", "tmpfs", List.of("rw", "size=" + confinement.temporaryBytes())));
    Stream.concat(libraries.stream(), confinement.binds().stream())
        .map(
            bind ->
                mount(
                    bind.target(),
                    "bind",
                    bind.source().toString(),
                    List.of("bind", bind.isWritable() ? "rw" : "ro")))
        .forEach(mounts::add);
    return mounts;
  }

  private static Map<String, Object> mount(
      String destination, String type, String source, List<String> options) {
    return Map.of("destination", destination, "type", type, "source", source, "options", options);
  }

  private static List<Map<String, String>> namespaces() {
    return Stream.of("pid", "ipc", "uts", "mount", "network")
        .map(type -> Map.of("type", type))
        .toList();
  }

  /**
   * Returns the rules of {@link SeccompFilter}, which gVisor's kernel enforces. gVisor returns
   * EPERM for every refused call, regardless of the configured errno. That would break the C
   * library, which falls back only on ENOSYS. With SECCOMP_RET_TRACE, a call returns ENOSYS if
   * there is no tracer (seccomp(2)), and there is none here, because ptrace is not allowed.
   */
  private static Map<String, Object> seccomp() {
    List<Map<String, Object>> calls = new ArrayList<>();
    calls.add(rule(AllowedCalls.names(), "SCMP_ACT_ALLOW", List.of()));
    // gVisor's kernel serves only one sandbox, so its futexes are never shared with another.
    calls.add(rule(List.of("futex"), "SCMP_ACT_ALLOW", List.of()));
    for (String call : List.of("socket", "socketpair")) {
      calls.add(rule(List.of(call), "SCMP_ACT_ALLOW", List.of(unixFamily("SCMP_CMP_EQ"))));
      calls.add(rule(List.of(call), "SCMP_ACT_ERRNO", List.of(unixFamily("SCMP_CMP_NE"))));
    }
    for (long request : SeccompFilter.TERMINAL_AND_DESCRIPTOR_REQUESTS) {
      calls.add(
          rule(
              List.of("ioctl"),
              "SCMP_ACT_ALLOW",
              List.of(masked(1, SeccompFilter.LOWER_HALF, request))));
    }
    calls.add(
        rule(
            List.of("clone"),
            "SCMP_ACT_ALLOW",
            List.of(masked(0, SeccompFilter.NEW_NAMESPACES, 0))));
    return Map.of(
        "defaultAction",
        "SCMP_ACT_TRACE",
        "architectures",
        List.of("SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"),
        "syscalls",
        calls);
  }

  private static Map<String, Object> rule(
      List<String> names, String action, List<Map<String, Object>> arguments) {
    return Map.of("names", names, "action", action, "args", arguments);
  }

  private static Map<String, Object> unixFamily(String operation) {
    return Map.of("index", 0, "value", SeccompFilter.AF_UNIX, "op", operation);
  }

  private static Map<String, Object> masked(int index, long mask, long value) {
    return Map.of("index", index, "value", mask, "valueTwo", value, "op", "SCMP_CMP_MASKED_EQ");
  }
}
