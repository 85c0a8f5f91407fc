package io.dropserver.schema.instance;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * An app's {@code dropapp.json}, read and checked. Its suggestions ({@code egress}, {@code limits})
 * give an app nothing.
 *
 * @param entrypoint path inside the app's folder
 * @param runtime empty: told apart by what the entrypoint exports
 * @param migrate path of the migration program inside the app's folder
 * @param dataSchema of the data that this version reads and writes
 */
public record Manifest(
    String name,
    String shortDescription,
    String version,
    String entrypoint,
    Optional<AppRuntime> runtime,
    Optional<String> icon,
    Optional<String> accentColor,
    Optional<String> license,
    List<Permission> permissions,
    List<SuggestedEgress> egress,
    Optional<Long> suggestedMemoryBytes,
    Optional<String> migrate,
    DataSchema dataSchema) {

  /**
   * @param number of the form of the data that this version uses; empty where it names none
   * @param down numbers of the schemas that {@code migrate} can leave for the one before
   */
  public record DataSchema(Optional<Integer> number, Set<Integer> down) {
    public static final DataSchema UNNAMED = new DataSchema(Optional.empty(), Set.of());
  }

  /** One that names no schema of its data. */
  public Manifest(
      String name,
      String shortDescription,
      String version,
      String entrypoint,
      Optional<AppRuntime> runtime,
      Optional<String> icon,
      Optional<String> accentColor,
      Optional<String> license,
      List<Permission> permissions,
      List<SuggestedEgress> egress,
      Optional<Long> suggestedMemoryBytes,
      Optional<String> migrate) {
    this(
        name,
        shortDescription,
        version,
        entrypoint,
        runtime,
        icon,
        accentColor,
        license,
        permissions,
        egress,
        suggestedMemoryBytes,
        migrate,
        DataSchema.UNNAMED);
  }

  public Set<String> permissionNames() {
    return permissions.stream().map(Permission::name).collect(Collectors.toUnmodifiableSet());
  }

  public record Permission(String name, String description) {}

  public record SuggestedEgress(String url, List<String> methods, String reason) {}
}
