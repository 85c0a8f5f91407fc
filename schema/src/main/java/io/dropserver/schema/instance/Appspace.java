package io.dropserver.schema.instance;

import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;

/**
 * Kind {@code Appspace}: an installed app with its own owner, address and data.
 *
 * @param host label in front of the instance's domain
 * @param hosts hosts outside the instance's domain
 * @param limits resolved, see {@link Limits}
 * @param backup resolved field by field, like the limits
 * @param config plain settings, passed to the app as environment variables
 * @param publicPaths paths that need no login although access is {@code members}
 * @param jobs how the jobs of the app run here
 * @param renamedFrom the previous name of this appspace, whose data it takes over
 */
public record Appspace(
    String name,
    Location location,
    AppReference app,
    String host,
    List<CustomHost> hosts,
    String owner,
    AccessMode access,
    List<MemberEntry> members,
    Limits limits,
    BackupPolicy backup,
    DesiredState state,
    Isolation isolation,
    SortedMap<String, String> config,
    List<String> publicPaths,
    JobSettings jobs,
    Optional<String> renamedFrom,
    DeletionPolicy deletion)
    implements Resource {

  @Override
  public Kind kind() {
    return Kind.APPSPACE;
  }

  /** Returns a copy with these limits and this backup policy. */
  public Appspace resolved(Limits resolvedLimits, BackupPolicy resolvedBackup) {
    if (limits.equals(resolvedLimits) && backup.equals(resolvedBackup)) {
      return this;
    }
    return new Appspace(
        name,
        location,
        app,
        host,
        hosts,
        owner,
        access,
        members,
        resolvedLimits,
        resolvedBackup,
        state,
        isolation,
        config,
        publicPaths,
        jobs,
        renamedFrom,
        deletion);
  }

  /**
   * A host outside the instance's domain.
   *
   * @param name lower case ASCII, without a trailing dot
   */
  public record CustomHost(Location location, String name) {}

  /** Returns the names of the hosts outside the instance's domain. */
  public List<String> customHostNames() {
    return hosts.stream().map(CustomHost::name).toList();
  }

  public record AppReference(Location location, String name, String version) {}

  /**
   * An entry of the members list.
   *
   * @param kind {@link Kind#USER} or {@link Kind#GROUP}
   * @param name of the user or group
   */
  public record MemberEntry(
      Location location, Kind kind, String name, SortedSet<String> permissions) {}

  public enum AccessMode {
    MEMBERS,
    PUBLIC
  }

  public enum DesiredState {
    RUNNING,
    PAUSED
  }

  public enum DeletionPolicy {
    RETAIN,
    DELETE_AFTER_BACKUP
  }

  /**
   * The isolation of the app from the machine: namespaces alone, or namespaces and a second kernel.
   */
  public enum Isolation {
    NAMESPACES,
    GVISOR,
    MICROVM
  }
}
