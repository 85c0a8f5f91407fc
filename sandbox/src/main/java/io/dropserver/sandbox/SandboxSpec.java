package io.dropserver.sandbox;

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
 */
public record SandboxSpec(
    String appspace,
    InstalledApp app,
    Path dataFolder,
    int uid,
    String url,
    SortedMap<String, String> config,
    Limits limits,
    Isolation isolation) {

  public SandboxSpec withUid(int other) {
    return new SandboxSpec(appspace, app, dataFolder, other, url, config, limits, isolation);
  }

  public SandboxSpec withLimits(Limits other) {
    return new SandboxSpec(appspace, app, dataFolder, uid, url, config, other, isolation);
  }
}
