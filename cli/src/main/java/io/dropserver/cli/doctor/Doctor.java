package io.dropserver.cli.doctor;

import io.dropserver.backup.BackupException;
import io.dropserver.backup.restic.ResticTrial;
import io.dropserver.base.process.Program;
import io.dropserver.base.text.Sizes;
import io.dropserver.cli.command.ServerConnection;
import io.dropserver.control.ControlException;
import io.dropserver.control.LayerStatus;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.deno.DenoBinary;
import io.dropserver.sandbox.isolation.SeccompFilter;
import io.dropserver.schema.host.HostConfig.SandboxSettings;
import io.dropserver.server.TemporaryFolder;
import io.dropserver.server.trial.IsolationTrial;
import io.dropserver.state.DiskSpace;
import io.dropserver.state.StateFolder;
import io.dropserver.state.StateModes;
import io.dropserver.web.control.ControlClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Checks this machine for the programs, kernel features and isolation layers that a server needs.
 * Asks a running server for its layers, and otherwise determines them by starting a trial sandbox.
 *
 * @param server the connection to the server of the state folder, which need not run
 * @param install the installation folder of this program
 * @param state the state folder; it need not exist
 */
record Doctor(SandboxSettings settings, Path install, StateFolder state, ServerConnection server) {
  /**
   * The first version with --disable-userns, which prevents a sandbox from creating further user
   * namespaces.
   */
  private static final String BUBBLEWRAP = "0.8.0";

  private static final Path KERNEL = Path.of("/proc/sys");

  List<DoctorCheck> checks() throws IOException {
    boolean root = IsolationTrial.isSystemProfile();
    InstalledPrograms installedPrograms =
        new InstalledPrograms(
            Program.FOLDERS.stream().map(Path::toString).collect(Collectors.joining(":")));
    List<DoctorCheck> checks = new ArrayList<>();
    checks.add(deno());
    checks.add(
        installedPrograms
            .check("bwrap", "bubblewrap", true, "starts each app in its own namespaces")
            .atLeast(BUBBLEWRAP, "apt-get install bubblewrap"));
    checks.add(
        installedPrograms.check(
            "setpriv", "util-linux", root, "ends helper programs together with the server"));
    checks.add(
        installedPrograms.check(
            "unshare",
            "util-linux",
            root,
            "creates the network namespace of each app, and drops root before its code runs"));
    checks.add(
        installedPrograms.check(
            "nsenter", "util-linux", root, "makes a state folder below a closed folder reachable"));
    checks.add(
        installedPrograms.check("sh", "dash", true, "enters an app's cgroup before it starts"));
    checks.add(
        installedPrograms.check(
            "git", "git", false, "creates the demo's repository; the server does not need it"));
    checks.add(gvisor(installedPrograms));
    checks.add(restic(installedPrograms));
    checks.add(libseccomp());
    checks.add(userNamespaces());
    List<DoctorCheck> layers = layers();
    checks.addAll(layers);
    checks.add(WaitingCheck.of(settings, install, existing(state.root()), layers));
    stateModes().ifPresent(checks::add);
    checks.add(freeDisk(DiskSpace.of(existing(state.root()))));
    return checks;
  }

  /** Returns the folder, or the nearest one above it that exists. */
  private static Path existing(Path folder) {
    Path path = folder.toAbsolutePath();
    while (!Files.exists(path)) {
      path = Objects.requireNonNull(path.getParent());
    }
    return path;
  }

  static DoctorCheck freeDisk(DiskSpace disk) {
    String name = "free disk";
    String detail = Sizes.text(disk.free()) + " of " + Sizes.text(disk.total());
    String why = "stores the data of apps, their backups on this machine and the server's state";
    if (disk.aboveReserve() < 0) {
      return DoctorCheck.missing(name, true, detail, why, disk.remedy());
    }
    return disk.isLow()
        ? DoctorCheck.missing(
            name, false, detail, why, "`dropserver usage` shows what occupies " + disk.folder())
        : DoctorCheck.present(name, true, detail, why);
  }

  /** Starts a container, because some releases start but cannot run the server's containers. */
  private DoctorCheck gvisor(InstalledPrograms programs) throws IOException {
    DoctorCheck found =
        programs.check(
            "runsc", "runsc", false, "gives each appspace with isolation: gvisor its own kernel");
    if (!found.present()) {
      return found;
    }
    try {
      return IsolationTrial.gvisorProblem(settings, install)
          .map(problem -> found.failed(problem, "apt-get install runsc, from Debian 13 or newer"))
          .orElse(found);
    } catch (SandboxException e) {
      return found.failed(text(e), "install the missing programs above");
    }
  }

  /** Stores and restores a file. */
  private static DoctorCheck restic(InstalledPrograms programs) throws IOException {
    DoctorCheck found =
        programs.check("restic", "restic", false, "stores the backups of appspaces");
    if (!found.present()) {
      return found;
    }
    try (TemporaryFolder folder = TemporaryFolder.create("dropserver-restic")) {
      String version = ResticTrial.run(folder.path());
      return DoctorCheck.present(
          found.name(), false, version + ", stored and restored a file", found.why());
    } catch (BackupException | UncheckedIOException e) {
      return found.failed(
          String.valueOf(e.getMessage()), "apt-get install restic, version 0.14.0 or newer");
    }
  }

  /**
   * Checks the permissions of the state folder. Empty if it does not exist or this user cannot list
   * it.
   */
  private Optional<DoctorCheck> stateModes() {
    String name = "state folder";
    String why = "contains password hashes, sessions and secrets";
    try {
      List<Path> open = new StateModes(state).tooPermissive();
      if (open.isEmpty()) {
        return Optional.of(
            DoctorCheck.present(name, false, "only its owner can read " + state.root(), why));
      }
      String paths = open.stream().map(Path::toString).collect(Collectors.joining(" "));
      return Optional.of(
          DoctorCheck.missing(
              name,
              false,
              "other users of this machine may read " + paths,
              why,
              "restart the server, which corrects the modes"));
    } catch (IOException absent) {
      return Optional.empty();
    }
  }

  private DoctorCheck deno() {
    String why = "runs the apps; only this version is tested against sandbox escapes";
    try {
      Path found = DenoBinary.find(Optional.empty(), Optional.of(install)).path();
      return DoctorCheck.present("deno", true, DenoBinary.VERSION + ", " + found, why);
    } catch (SandboxException e) {
      return DoctorCheck.missing(
          "deno", true, text(e), why, install.resolve("bin/setup").toString());
    }
  }

  private static DoctorCheck libseccomp() throws IOException {
    String why = "compiles the system call filter between an app and the kernel";
    Path filter = Files.createTempFile("dropserver", ".bpf");
    try {
      SeccompFilter.writeTo(filter);
      return DoctorCheck.present("libseccomp", true, "compiles the filter", why);
    } catch (SandboxException e) {
      return DoctorCheck.missing("libseccomp", true, text(e), why, "apt-get install libseccomp2");
    } finally {
      Files.deleteIfExists(filter);
    }
  }

  /** Checks the three settings with which distributions disable user namespaces. */
  private static DoctorCheck userNamespaces() throws IOException {
    String why = "an app may be root in its own user namespace, without privileges outside";
    List<String> off = new ArrayList<>();
    if (setting("user/max_user_namespaces").filter("0"::equals).isPresent()) {
      off.add("user.max_user_namespaces=10000");
    }
    if (setting("kernel/unprivileged_userns_clone").filter("0"::equals).isPresent()) {
      off.add("kernel.unprivileged_userns_clone=1");
    }
    if (setting("kernel/apparmor_restrict_unprivileged_userns").filter("1"::equals).isPresent()) {
      off.add("kernel.apparmor_restrict_unprivileged_userns=0");
    }
    return off.isEmpty()
        ? DoctorCheck.present("user namespaces", true, "allowed by the kernel's settings", why)
        : DoctorCheck.missing(
            "user namespaces",
            // An AppArmor profile may permit bubblewrap despite this setting. The trial determines
            // the result.
            false,
            "forbidden by the kernel's settings",
            why,
            "sysctl -w " + String.join(" ", off));
  }

  List<DoctorCheck> layers() throws IOException {
    Optional<List<LayerStatus>> ofServer = layersOfServer();
    if (ofServer.isPresent()) {
      return Stream.concat(
              Stream.of(
                  DoctorCheck.present(
                      "server",
                      false,
                      "runs with " + state.root() + ", and provides the layers below",
                      "its cgroups and capabilities can differ from those of this shell")),
              ofServer.get().stream()
                  .map(it -> layer(it.name(), it.present(), it.detail(), it.remedy())))
          .toList();
    }
    try {
      return IsolationTrial.layers(settings, install).stream()
          .map(it -> layer(it.name(), it.present(), it.detail(), it.remedy()))
          .toList();
    } catch (SandboxException e) {
      return List.of(
          DoctorCheck.missing(
              "sandbox",
              true,
              text(e),
              "no app can start without it",
              "install the missing programs above"));
    }
  }

  /** Returns empty if no server runs, or one of an earlier release. */
  private Optional<List<LayerStatus>> layersOfServer() {
    try {
      return Optional.of(server.view().layers());
    } catch (ControlClient.NotRunning | ControlException e) {
      return Optional.empty();
    }
  }

  private DoctorCheck layer(String layer, boolean present, String detail, String remedy) {
    boolean required =
        settings.allowWeaker().stream()
            .noneMatch(word -> word.name().toLowerCase(Locale.ROOT).equals(layer));
    String name = "layer " + layer;
    return present
        ? DoctorCheck.present(name, required, detail, why(layer))
        : DoctorCheck.missing(name, required, detail, why(layer), remedy);
  }

  private static String why(String layer) {
    return switch (layer) {
      case "namespaces" -> "an app sees no process, file or network of this machine";
      case "seccomp" -> "an app can call only a small part of the kernel";
      case "uid" -> "an app that escapes owns no files of other apps";
      case "cgroup" -> "memory, processor and processes of an app are bounded";
      case "storage" -> "an app cannot fill the disk";
      default -> "an additional layer of isolation";
    };
  }

  private static Optional<String> setting(String name) throws IOException {
    Path file = KERNEL.resolve(name);
    return Files.isReadable(file) ? Optional.of(Files.readString(file).strip()) : Optional.empty();
  }

  private static String text(SandboxException e) {
    return String.valueOf(e.getMessage());
  }
}
