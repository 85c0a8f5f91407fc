package io.dropserver.sandbox;

import io.dropserver.egress.EgressPolicy;
import io.dropserver.schema.instance.Appspace.Isolation;
import io.dropserver.schema.instance.Limits;
import java.nio.file.Path;
import java.util.SortedMap;

/**
 * Everything that is needed to start a sandbox of an appspace. Replacing a spec with an equal one
 * requires no restart.
 *
 * @param appspace its name
 * @param dataFolder on the host; mounted read-write at {@code /data}
 * @param uid the host user and group of the sandbox; unique to it and never reused
 * @param url the public URL of the appspace, without a trailing slash
 * @param config environment variables and {@code dropserver.config}
 * @param egress the destinations that the sandbox may reach; can change while it runs
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

  public SandboxSpec withUid(int other) {
    return new SandboxSpec(
        appspace, app, dataFolder, other, url, config, limits, isolation, egress);
  }

  /** Returns a copy with another data folder and uid, and possibly another version of the app. */
  public SandboxSpec withData(Path otherData, int otherUid, InstalledApp version) {
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
