package io.dropserver.sandbox.app;

import io.dropserver.egress.gateway.TrustedAuthorities;
import io.dropserver.sandbox.isolation.Cgroup;
import io.dropserver.sandbox.isolation.Launcher;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Settings of an {@link AppStore}.
 *
 * @param deno path of the Deno executable
 * @param denoVersion identifies the caches, together with the runtime's files
 * @param runtimeFolder Dropserver's in-sandbox TypeScript as files, readable by every user
 * @param uid the host user of installations; not used by any appspace
 * @param cgroups supplies a new cgroup for each run, which the run closes; empty where cgroups are
 *     not available
 * @param registries URLs of the allowed registries; if empty, those that Deno uses by default
 * @param denoEnvironment variables for Deno, such as the URL of another npm registry
 * @param trusted by downloads of packages, and by connections to registries
 */
public record InstallSettings(
    Launcher launcher,
    Path deno,
    String denoVersion,
    Path runtimeFolder,
    int uid,
    Supplier<Optional<Cgroup>> cgroups,
    List<URI> registries,
    Map<String, String> denoEnvironment,
    TrustedAuthorities trusted) {

  public InstallSettings {
    registries = List.copyOf(registries);
    denoEnvironment = Map.copyOf(denoEnvironment);
  }
}
