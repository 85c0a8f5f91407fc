package io.dropserver.sandbox.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds out why this process may not create the namespaces of a sandbox, from what the kernel
 * reports about it.
 *
 * @param status lines of proc_pid_status(5)
 * @param mountInfo lines of proc_pid_mountinfo(5)
 * @param apparmor the profile of this process, such as {@code docker-default (enforce)}; empty
 *     without AppArmor
 * @param container whether this process runs in a container
 */
record NamespaceRemedy(
    List<String> status, List<String> mountInfo, String apparmor, boolean container) {
  private static final String SYSCTL =
      "allow user namespaces: sysctl -w user.max_user_namespaces=10000"
          + " kernel.apparmor_restrict_unprivileged_userns=0";

  /** The files with which container runtimes mark a container; Kubernetes sets a variable. */
  private static final List<Path> MARKS =
      List.of(Path.of("/.dockerenv"), Path.of("/run/.containerenv"));

  static NamespaceRemedy ofThisProcess() {
    return new NamespaceRemedy(
        lines(Path.of("/proc/self/status")),
        lines(Path.of("/proc/self/mountinfo")),
        String.join("", lines(Path.of("/proc/self/attr/current"))),
        isContainer());
  }

  /** Returns whether this process runs in a container of Docker, Podman or Kubernetes. */
  static boolean isContainer() {
    return MARKS.stream().anyMatch(Files::exists)
        || System.getenv("KUBERNETES_SERVICE_HOST") != null;
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException absent) {
      // The file of AppArmor cannot be read without AppArmor.
      return List.of();
    }
  }

  /** Returns a command, or the settings of a container that permit namespaces. */
  String text() {
    List<String> settings = new ArrayList<>();
    if (isProcMasked()) {
      settings.add(
          "an unmasked /proc (docker: --security-opt systempaths=unconfined;"
              + " kubernetes: procMount: Unmasked)");
    }
    if (status.contains("Seccomp:\t2")) {
      settings.add(
          "no seccomp filter (docker: --security-opt seccomp=unconfined;"
              + " kubernetes: seccompProfile: {type: Unconfined})");
    }
    if (container && apparmor.contains("(enforce)")) {
      settings.add(
          "no AppArmor profile (docker: --security-opt apparmor=unconfined;"
              + " kubernetes: appArmorProfile: {type: Unconfined})");
    }
    if (!container || settings.isEmpty()) {
      return SYSCTL;
    }
    return "run the container with "
        + String.join(", ", settings)
        + "; see docs/operate/containers.md";
  }

  /** Returns whether something is mounted below {@code /proc}, which hides a part of it. */
  private boolean isProcMasked() {
    return mountInfo.stream()
        .map(line -> line.split(" "))
        .anyMatch(fields -> fields.length > 4 && fields[4].startsWith("/proc/"));
  }
}
