package io.dropserver.sandbox.local;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxHost.Layer;
import io.dropserver.sandbox.deno.SandboxPaths;
import io.dropserver.sandbox.isolation.Bind;
import io.dropserver.sandbox.isolation.CgroupTree;
import io.dropserver.sandbox.isolation.Confinement;
import io.dropserver.sandbox.isolation.Launcher;
import io.dropserver.sandbox.isolation.OverlayFolder;
import io.dropserver.sandbox.linux.Capabilities;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Detects the available isolation layers by starting a sandbox, so that problems appear before the
 * first start of an appspace.
 */
record IsolationProbe(LocalHostSettings settings, Launcher launcher, Optional<CgroupTree> cgroups) {
  private static final int NOBODY = 65_534;
  private static final int MAX_OUTPUT = 4_000;
  private static final String NO_CAPABILITIES =
      "run the server with CAP_SETUID and CAP_SETGID (docker: no --cap-drop; kubernetes: no"
          + " capabilities: {drop: [ALL]}; systemd: CapabilityBoundingSet)";

  List<Layer> layers() {
    List<Layer> layers = new ArrayList<>();
    Optional<String> failure = failure();
    Layer uid = uid();
    layers.add(
        new Layer(
            "namespaces",
            failure.isEmpty(),
            failure.orElseGet(this::namespaces),
            failure.isEmpty() ? "" : remedy(uid)));
    // This layer depends on the namespaces: bubblewrap fails if it cannot load the filter.
    layers.add(
        new Layer(
            "seccomp",
            failure.isEmpty(),
            failure.isEmpty() ? "allow-list of system calls" : "not loaded",
            failure.isEmpty() ? "" : "see namespaces"));
    layers.add(uid);
    layers.add(cgroup());
    return List.copyOf(layers);
  }

  private String namespaces() {
    return "bubblewrap with separate namespaces of all kinds"
        + (launcher.separatesInodes()
            ? " and separate inodes"
            : "; sandboxes share inodes, and can signal each other by file locks");
  }

  private String remedy(Layer uid) {
    return launcher.separatesUids() && !uid.present()
        ? uid.remedy()
        : NamespaceRemedy.ofThisProcess().text();
  }

  private Layer uid() {
    if (!launcher.separatesUids()) {
      return new Layer(
          "uid",
          false,
          "the server runs as an ordinary user, so all appspaces share it",
          "run the server as root: it gives each sandbox a user of its own");
    }
    return Capabilities.effective(Capabilities.SETUID)
            && Capabilities.effective(Capabilities.SETGID)
        ? new Layer("uid", true, "each appspace has its own host user", "")
        : new Layer(
            "uid", false, "the server cannot start a process as another user", NO_CAPABILITIES);
  }

  private Layer cgroup() {
    return cgroups
        .map(tree -> new Layer("cgroup", true, tree.describe(), ""))
        .orElseGet(
            () ->
                new Layer(
                    "cgroup",
                    false,
                    "no cgroup that this server may write to",
                    "delegate one: systemd-run --user -p Delegate=yes, or run as root"));
  }

  /** Runs Deno in a sandbox. Returns the failure, or empty if Deno succeeded. */
  private Optional<String> failure() {
    try (OverlayFolder overlays = launcher.overlayFolder()) {
      Process process = launcher.start(confinement(overlays.path()));
      String errors = read(process.getErrorStream());
      String output = read(process.getInputStream());
      int status = process.waitFor();
      return status == 0 && output.startsWith("deno ")
          ? Optional.empty()
          : Optional.of("a test start failed with status " + status + ": " + errors.strip());
    } catch (SandboxException | IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.of("interrupted");
    }
  }

  private static String read(InputStream stream) throws IOException {
    return new String(stream.readNBytes(MAX_OUTPUT), StandardCharsets.UTF_8);
  }

  private Confinement confinement(Path overlays) throws IOException {
    int uid =
        launcher.separatesUids()
            ? NOBODY
            : (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    return new Confinement(
        uid,
        List.of(SandboxPaths.DENO, "--version"),
        new TreeMap<>(),
        List.of(Bind.shared(settings.deno().path(), SandboxPaths.DENO)),
        1 << 20,
        "/tmp",
        Optional.empty(),
        Optional.of(overlays),
        Optional.empty());
  }
}
