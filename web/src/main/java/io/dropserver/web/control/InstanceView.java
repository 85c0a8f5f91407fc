package io.dropserver.web.control;

import io.dropserver.schema.status.ApprovalStatus;
import io.dropserver.schema.status.EgressLine;
import io.dropserver.schema.status.EgressUse;
import io.dropserver.schema.status.Event;
import io.dropserver.schema.status.InstanceStatus;
import io.dropserver.schema.status.LogLine;
import io.dropserver.schema.status.ObjectStatus;
import io.dropserver.schema.status.RetainedData;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** What the control API shows; implemented by the reconciler. Thread-safe. */
public interface InstanceView {

  InstanceStatus status();

  /**
   * @param kind as written in YAML; empty for all
   * @param name empty for all
   */
  List<ObjectStatus> objects(Optional<String> kind, Optional<String> name);

  /** The newest first. */
  List<Event> events(int limit);

  /**
   * The kept log of an appspace, oldest first; with {@code follow} the call goes on until the
   * thread is interrupted or the consumer throws.
   *
   * @throws ControlException when there is no such appspace
   */
  void logs(String appspace, boolean follow, Consumer<LogLine> line) throws IOException;

  /**
   * What an appspace's server side requested outside, as far as it is kept; otherwise as {@link
   * #logs}.
   */
  void egressLog(String appspace, boolean follow, Consumer<EgressLine> line) throws IOException;

  /** What each appspace has used of the way out since this server started, by name. */
  List<EgressUse> egressUse();

  List<RetainedData> retainedData();

  /** What appspaces asked to reach; the undecided first, then as first asked. */
  List<ApprovalStatus> approvals();
}
