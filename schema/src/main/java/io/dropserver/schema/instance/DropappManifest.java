package io.dropserver.schema.instance;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * An app's {@code dropapp.json}, read and validated. Its suggestions ({@code egress}, {@code
 * browser}, {@code limits}) grant the app nothing.
 *
 * @param entrypoint path inside the app's folder, or the name of an {@link NpmProgram}
 * @param runtime if empty, it is detected from the exports of the entrypoint
 * @param migrate path of the migration program inside the app's folder
 * @param dataSchema the schema of the data that this version reads and writes
 * @param jobs requests that the host sends on a schedule; at most {@link AppJob#MOST}
 */
public record DropappManifest(
    String name,
    String shortDescription,
    String version,
    String entrypoint,
    Optional<AppRuntime> runtime,
    Optional<String> icon,
    List<Permission> permissions,
    List<SuggestedEgress> egress,
    List<BrowserRequest> browser,
    Optional<String> migrate,
    DataSchema dataSchema,
    LaunchOptions launchOptions,
    List<AppJob> jobs) {

  /** Creates a manifest without jobs and requests for browser features. */
  public DropappManifest(
      String name,
      String shortDescription,
      String version,
      String entrypoint,
      Optional<AppRuntime> runtime,
      Optional<String> icon,
      List<Permission> permissions,
      List<SuggestedEgress> egress,
      Optional<String> migrate,
      DataSchema dataSchema,
      LaunchOptions launchOptions) {
    this(
        name,
        shortDescription,
        version,
        entrypoint,
        runtime,
        icon,
        permissions,
        egress,
        List.of(),
        migrate,
        dataSchema,
        launchOptions,
        List.of());
  }

  /**
   * @param args of the program; no control characters
   * @param env variables, which the config of an appspace overrides
   * @param workingFolder the folder in which relative paths start
   * @param files text files by their path below the data folder, which a start writes if they do
   *     not exist
   */
  public record LaunchOptions(
      List<String> args,
      SortedMap<String, String> env,
      WorkingFolder workingFolder,
      SortedMap<String, String> files) {
    public static final LaunchOptions DEFAULT =
        new LaunchOptions(List.of(), new TreeMap<>(), WorkingFolder.DATA, new TreeMap<>());

    public LaunchOptions {
      args = List.copyOf(args);
      env = Collections.unmodifiableSortedMap(new TreeMap<>(env));
      files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
    }
  }

  /** The working folder of an app's process. */
  public enum WorkingFolder {
    APP,
    DATA
  }

  /**
   * @param number the schema number of this version's data; empty if the manifest declares none
   * @param down schema numbers from which {@code migrate} can downgrade to the previous one
   */
  public record DataSchema(Optional<Integer> number, Set<Integer> down) {
    public static final DataSchema UNNAMED = new DataSchema(Optional.empty(), Set.of());
  }

  /** Returns the program that the entrypoint names; empty if it is a path. */
  public Optional<NpmProgram> npmProgram() {
    return NpmProgram.parse(entrypoint);
  }

  public Set<String> permissionNames() {
    return permissions.stream().map(Permission::name).collect(Collectors.toUnmodifiableSet());
  }

  public record Permission(String name, String description) {}

  /**
   * A browser feature that the app asks for.
   *
   * @param feature the name of a {@link PageFeature} or of a Permissions-Policy feature
   */
  public record BrowserRequest(String feature, String reason) {}

  public record SuggestedEgress(String url, List<String> methods, String reason) {}
}
