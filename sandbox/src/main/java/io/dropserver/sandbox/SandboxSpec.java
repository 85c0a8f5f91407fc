package io.dropserver.sandbox;

import io.dropserver.sandbox.egress.EgressPolicy;
import io.dropserver.schema.instance.Appspace.Isolation;
import io.dropserver.schema.instance.Limits;
import java.nio.file.Path;
import java.util.SortedMap;

/**
 * Everything that a sandbox of an appspace is started from. Two equal specs need no restart.
 *
 * @param appspace its name
 * @param dataFolder on the host; bound read-write at {@code /data}
 * @param uid the host user and group that the sandbox runs as, its own and never reused
 * @param url where people reach the appspace, without a trailing slash
 * @param config environment variables and {@code dropserver.config}
 * @param egress what it may reach; a running sandbox takes another one at once
 */
public record SandboxSpec(
    String appspace,
    InstalledApp app,
    Path dataFolder,
    int uid,
    String url,
    SortedMap<String, String> config,
    Limits limits,
    Isolation isolation,
    EgressPolicy egress) {

  /** One that reaches nothing. */
  public SandboxSpec(
      String appspace,
      InstalledApp app,
      Path dataFolder,
      int uid,
      String url,
      SortedMap<String, String> config,
      Limits limits,
      Isolation isolation) {
    this(appspace, app, dataFolder, uid, url, config, limits, isolation, EgressPolicy.NOTHING);
  }

  public SandboxSpec withUid(int other) {
    return new SandboxSpec(
        appspace, app, dataFolder, other, url, config, limits, isolation, egress);
  }

  /** Of other data, and what may be another version of the app. */
  public SandboxSpec on(Path otherData, int otherUid, InstalledApp version) {
    return new SandboxSpec(
        appspace, version, otherData, otherUid, url, config, limits, isolation, egress);
  }

  public SandboxSpec withLimits(Limits other) {
    return new SandboxSpec(appspace, app, dataFolder, uid, url, config, other, isolation, egress);
  }

  public SandboxSpec withEgress(EgressPolicy other) {
    return new SandboxSpec(appspace, app, dataFolder, uid, url, config, limits, isolation, other);
  }
}
