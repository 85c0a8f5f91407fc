package io.dropserver.schema.status;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The state that the control API reports; implemented by the reconciler. Thread-safe. */
public interface InstanceView {

  InstanceStatus status();

  /**
   * The declared objects with their status.
   *
   * @param kind as written in YAML; empty for all
   * @param name empty for all
   */
  List<ObjectStatus> objects(Optional<String> kind, Optional<String> name);

  /** The latest events, newest first. */
  List<Event> events(int limit);

  /**
   * Passes the stored log of an appspace to a consumer, oldest line first. With {@code follow}, the
   * call continues until the thread is interrupted or the consumer throws.
   *
   * @throws ControlException when there is no such appspace
   */
  void logs(String appspace, boolean follow, Consumer<LogLine> line) throws IOException;

  /**
   * Passes the outgoing requests of an appspace's server side to a consumer, as far as they are
   * stored. Behaves like {@link #logs}.
   */
  void egressLog(String appspace, boolean follow, Consumer<EgressLine> line) throws IOException;

  /** The egress of each appspace since this server started, ordered by name. */
  List<EgressUse> egressUse();

  List<RetainedData> retainedData();

  /** What appspaces asked to reach; the undecided first, then as first asked. */
  List<ApprovalStatus> approvals();
}
