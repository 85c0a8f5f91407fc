package io.dropserver.sandbox.app;

import io.dropserver.egress.gateway.TrustedAuthorities;
import io.dropserver.sandbox.InstalledApp;
import io.dropserver.sandbox.deno.DenoBinary;
import io.dropserver.sandbox.isolation.Launcher;
import io.dropserver.sandbox.isolation.Programs;
import io.dropserver.sandbox.isolation.SeccompFilter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A store that installs with the real Deno in real sandboxes. */
final class InstallFixture implements AutoCloseable {
  static final int UID = 165_000;

  private final Launcher launcher;
  final Path folder;
  final AppStore store;
  final InstallSettings settings;

  InstallFixture(Path temp, Map<String, String> denoEnvironment) throws IOException {
    this(temp, denoEnvironment, DenoBinary.VERSION);
  }

  InstallFixture(Path temp, InstallRunLimits limits) throws IOException {
    this(temp, Map.of(), DenoBinary.VERSION, limits);
  }

  InstallFixture(Path temp, Map<String, String> denoEnvironment, String denoVersion)
      throws IOException {
    this(temp, denoEnvironment, denoVersion, InstallRunLimits.DEFAULT);
  }

  private InstallFixture(
      Path temp, Map<String, String> denoEnvironment, String denoVersion, InstallRunLimits limits)
      throws IOException {
    // JUnit's temporary folders have mode 0700. Another uid must be able to search this one.
    Files.setPosixFilePermissions(temp, PosixFilePermissions.fromString("rwx--x--x"));
    Path filter = temp.resolve("filter");
    SeccompFilter.writeTo(filter);
    launcher = new Launcher(Programs.find(), filter, List.of());
    folder = temp.resolve("apps");
    int uid = launcher.separatesUids() ? UID : ownUid();
    Path runtime = Path.of("src/main/deno").toAbsolutePath();
    settings =
        new InstallSettings(
            launcher,
            deno(),
            denoVersion,
            runtime,
            uid,
            Optional::empty,
            List.of(),
            denoEnvironment,
            TrustedAuthorities.platformOnly());
    store = AppStore.open(folder, settings, limits, InstantSource.system());
  }

  static Path deno() {
    return Path.of("../tools/node_modules/@deno/linux-x64-glibc/deno").toAbsolutePath().normalize();
  }

  private static int ownUid() throws IOException {
    return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
  }

  InstalledApp install(Path source) throws IOException {
    return store.install("notes", "1.0.0", FolderFiles.of(source), InstallProgress.SILENT);
  }

  @Override
  public void close() {
    launcher.close();
  }
}
