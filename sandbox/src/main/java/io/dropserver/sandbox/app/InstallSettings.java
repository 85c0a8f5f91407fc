package io.dropserver.sandbox.app;

import io.dropserver.sandbox.isolation.Cgroup;
import io.dropserver.sandbox.isolation.Launcher;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What installations are made with.
 *
 * @param deno the program
 * @param denoVersion with the runtime's files it names what caches are good for
 * @param runtimeFolder our in-sandbox TypeScript as files, readable by every user
 * @param uid the host user that installations run as; no appspace has it
 * @param cgroups a new one for each run, which the run closes; empty where there are none
 * @param registries URLs whose host may be asked; empty: those that Deno itself asks
 * @param denoEnvironment such as the variable that tells Deno another npm registry
 */
public record InstallSettings(
    Launcher launcher,
    Path deno,
    String denoVersion,
    Path runtimeFolder,
    int uid,
    Supplier<Optional<Cgroup>> cgroups,
    List<URI> registries,
    Map<String, String> denoEnvironment) {

  public InstallSettings {
    registries = List.copyOf(registries);
    denoEnvironment = Map.copyOf(denoEnvironment);
  }
}
