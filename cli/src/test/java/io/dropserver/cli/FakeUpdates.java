package io.dropserver.cli;

import io.dropserver.control.UpdateControl;
import io.dropserver.control.UpdateStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Offers of new versions, and the decisions about them. */
public final class FakeUpdates implements UpdateControl {
  final List<UpdateStatus> offered = new ArrayList<>();
  public final List<String> calls = new ArrayList<>();

  public void offer(String app, String version) {
    offered.add(
        new UpdateStatus(
            app,
            version,
            "c0ffee",
            "smaller",
            "dropserver/update/" + app + "/" + version,
            Optional.of("https://forge.example/pull/7"),
            CommandRun.NOW));
  }

  @Override
  public List<UpdateStatus> updates() {
    return List.copyOf(offered);
  }

  @Override
  public void merge(String app, String version, String commit, String by) {
    calls.add("merge " + app + " " + version + " " + commit + " by " + by);
  }

  @Override
  public void decline(String app, String version, String by) {
    calls.add("decline " + app + " " + version + " by " + by);
  }
}
